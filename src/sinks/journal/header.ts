import type { Instrument, SessionCalendar, AssetClass, InstrumentStatus } from '../../model/instrument.js';
import type { Micros } from '../../model/time.js';
import type { SessionInfo, StrategyInfo } from '../sink.js';
import { FORMAT } from './codec/layout.js';
import {
  decimal,
  flag,
  list,
  number,
  object,
  optional,
  ShapeError,
  text,
  words,
  type Shape,
} from './codec/shape.js';

export const JOURNAL_SCHEMA = 'millrace.journal.v1';

/** What every segment begins with: enough to know what wrote it and whether it can be replayed exactly. */
export interface JournalHeader extends SessionInfo {
  readonly schema: string;
  readonly format: number;
  readonly encoding: JournalEncoding;
  readonly session: string;
  readonly mode: string;
  readonly node: string;
  readonly instruments: readonly Instrument[];
  /** From 1. */
  readonly segment: number;
  /** Engine time at which the segment begins; 0 for the first. */
  readonly at: Micros;
  /** `seq` of the last frame before this segment. */
  readonly after: number;
  /** Rolling digest of everything before this segment. */
  readonly digest: string;
}

export type JournalEncoding = 'binary' | 'jsonl';

/** State hash and digest at one position. */
export interface Checkpoint {
  readonly seq: number;
  readonly digest: string;
  readonly state: string;
}

/** Written when a session ends in order. */
export interface EndMark {
  readonly seq: number;
  readonly digest: string;
}

const calendar = object<SessionCalendar>({
  zone: text,
  days: list(number),
  open: number,
  close: number,
  holidays: list(text),
});

const orderTypes: Shape<Instrument['orderTypes']> = {
  toJson: (value) => value,
  fromJson(json, field) {
    if (typeof json !== 'object' || json === null) throw new ShapeError(field, 'an object', json);
    const known = list(text);
    return Object.fromEntries(
      Object.entries(json).map(([type, times]) => [type, known.fromJson(times, `${field}.${type}`)]),
    );
  },
};

const rules: Shape<Instrument['venueRules']> = {
  toJson: (value) => value,
  fromJson(json, field) {
    if (typeof json !== 'object' || json === null) throw new ShapeError(field, 'an object', json);
    return Object.fromEntries(
      Object.entries(json).map(([rule, value]) => [rule, text.fromJson(value, `${field}.${rule}`)]),
    );
  },
};

/** Absent in journals of before it was written. */
function or<T>(shape: Shape<T>, value: T): Shape<T> {
  return {
    toJson: (given) => shape.toJson(given),
    fromJson: (json, field) => (json === undefined ? value : shape.fromJson(json, field)),
  };
}

const instrument = object<Instrument>({
  symbol: text,
  ix: number,
  venue: text,
  venueSymbol: text,
  assetClass: words<AssetClass>({
    equity: true,
    etf: true,
    crypto_spot: true,
    crypto_perp: true,
    future: true,
    option: true,
    fx: true,
    index: true,
  }),
  base: text,
  quote: text,
  settle: text,
  tickSize: decimal,
  lotSize: decimal,
  minQuantity: decimal,
  maxQuantity: optional(decimal),
  minNotional: optional(decimal),
  maxNotional: optional(decimal),
  minPrice: optional(decimal),
  maxPrice: optional(decimal),
  marketLotSize: optional(decimal),
  marketMinQuantity: optional(decimal),
  marketMaxQuantity: optional(decimal),
  pricePrecision: number,
  quantityPrecision: number,
  multiplier: decimal,
  allowsNegativePrice: flag,
  shortable: flag,
  initialMargin: decimal,
  maintenanceMargin: decimal,
  session: optional(calendar),
  orderTypes,
  venueRules: or(rules, {}),
  sector: optional(text),
  industry: optional(text),
  status: words<InstrumentStatus>({
    open: true,
    pre_open: true,
    auction: true,
    halted: true,
    closed: true,
    unknown: true,
  }),
});

export const headerShape: Shape<JournalHeader> = object<JournalHeader>({
  schema: text,
  format: number,
  encoding: words<JournalEncoding>({ binary: true, jsonl: true }),
  session: text,
  originalSession: text,
  mode: text,
  build: text,
  node: text,
  configurationHash: text,
  configuration: text,
  strategies: list(object<StrategyInfo>({ name: text, use: text, version: text, sourceHash: text })),
  instruments: list(instrument),
  baseDir: text,
  startedAt: number,
  topology: or(text, ''),
  life: or(number, 1),
  opening: or(text, ''),
  segment: number,
  at: number,
  after: number,
  digest: text,
});

export const checkpointShape: Shape<Checkpoint> = object<Checkpoint>({
  seq: number,
  digest: text,
  state: text,
});
export const endShape: Shape<EndMark> = object<EndMark>({ seq: number, digest: text });

/** Reads a header. Throws {@link ShapeError}; one of another schema or a newer format names it. */
export function headerFromJson(json: unknown): JournalHeader {
  const header = headerShape.fromJson(json, '');
  if (header.schema !== JOURNAL_SCHEMA) throw new ShapeError('schema', JOURNAL_SCHEMA, header.schema);
  if (header.format !== FORMAT) throw new ShapeError('format', `format ${FORMAT}`, header.format);
  return header;
}
