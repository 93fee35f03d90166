import type { MarketEvent } from '../../model/event.js';
import type { Instrument } from '../../model/instrument.js';
import { makeBar, makeQuote, makeTrade } from '../../model/make.js';
import type { Micros } from '../../model/time.js';
import { badPrice, badSize } from '../replay/decoder.js';
import type { InstrumentLookup } from '../replay/instrument-lookup.js';
import { parseInstant, zone } from '../../model/zone.js';
import { numberAt, textAt } from './json-path.js';

export const POLL_FIELDS = [
  'price', 'size', 'trade_id', 'side', 'bid', 'bid_size', 'ask', 'ask_size', 'open', 'high', 'low', 'close', 'volume', 'count',
] as const; // prettier-ignore
export type PollField = (typeof POLL_FIELDS)[number];

export const POLL_NEEDED: Readonly<Record<'trade' | 'quote' | 'bar', readonly PollField[]>> = {
  trade: ['price'],
  quote: ['bid', 'ask'],
  bar: ['close'],
};

/** How one item of an answer becomes an event: paths into the item. */
export interface PollMapping {
  readonly kind: 'trade' | 'quote' | 'bar';
  readonly fields: Readonly<Partial<Record<PollField, string>>>;
  readonly instrument: { readonly symbol: string } | { readonly path: string };
  readonly time: {
    readonly path: string;
    readonly format: 's' | 'ms' | 'us' | 'ns' | 'iso';
    readonly zone: string;
  };
  /** Bars: length, and whether the time is the start. */
  readonly every: Micros;
  readonly label: 'start' | 'end';
  readonly side: { readonly buy: readonly string[]; readonly sell: readonly string[] };
}

const UNIT = { s: 1_000_000, ms: 1_000, us: 1, ns: 0.001 } as const;

/** The event of an item; null when its instrument is not wanted; else the kind of badness. */
export function mapItem(
  item: unknown,
  m: PollMapping,
  source: string,
  lookup: InstrumentLookup,
): MarketEvent | string | null {
  if (typeof item !== 'object' || item === null) return 'malformed';
  const symbol = 'symbol' in m.instrument ? m.instrument.symbol : textAt(item, m.instrument.path);
  if (symbol === undefined) return 'missing_field';
  const instrument = lookup.find(symbol);
  if (instrument === null) return null;
  if (instrument === undefined) return 'unknown_instrument';
  const time = timeAt(item, m.time);
  if (time === undefined) return 'missing_field';
  for (const field of POLL_NEEDED[m.kind]) {
    if (textAt(item, m.fields[field] ?? '') === undefined) return 'missing_field';
  }
  if (m.kind === 'trade') return trade(item, m, source, instrument, time);
  return m.kind === 'quote'
    ? quote(item, m, source, instrument, time)
    : bar(item, m, source, instrument, time);
}

function timeAt(item: unknown, { path, format, zone: name }: PollMapping['time']): Micros | undefined {
  const text = textAt(item, path);
  if (text === undefined) return undefined;
  if (format === 'iso') return parseInstant(text, zone(name));
  const value = Math.floor(numberAt(item, path) * UNIT[format]);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

const sizeAt = (item: unknown, path: string | undefined): number =>
  path === undefined ? 0 : numberAt(item, path);

function trade(
  item: unknown,
  m: PollMapping,
  source: string,
  i: Instrument,
  ts: Micros,
): MarketEvent | string {
  const price = numberAt(item, m.fields.price ?? '');
  const size = sizeAt(item, m.fields.size);
  const bad = badPrice(price, i.allowsNegativePrice) || badSize(size);
  if (bad !== '') return bad;
  const side = m.fields.side === undefined ? '' : (textAt(item, m.fields.side) ?? '');
  const aggressor = m.side.buy.includes(side) ? 1 : m.side.sell.includes(side) ? -1 : 0;
  const id = m.fields.trade_id === undefined ? '' : (textAt(item, m.fields.trade_id) ?? '');
  return makeTrade(source, ts, i.symbol, i.ix, price, size, aggressor, id);
}

function quote(
  item: unknown,
  m: PollMapping,
  source: string,
  i: Instrument,
  ts: Micros,
): MarketEvent | string {
  const [bid, ask] = [numberAt(item, m.fields.bid ?? ''), numberAt(item, m.fields.ask ?? '')];
  const [bidSize, askSize] = [sizeAt(item, m.fields.bid_size), sizeAt(item, m.fields.ask_size)];
  const negative = i.allowsNegativePrice;
  const bad = badPrice(bid, negative) || badPrice(ask, negative) || badSize(bidSize) || badSize(askSize);
  return bad !== '' ? bad : makeQuote(source, ts, i.symbol, i.ix, bid, bidSize, ask, askSize);
}

function bar(
  item: unknown,
  m: PollMapping,
  source: string,
  i: Instrument,
  time: Micros,
): MarketEvent | string {
  const f = m.fields;
  const close = numberAt(item, f.close ?? '');
  const open = f.open === undefined ? close : numberAt(item, f.open);
  const high = f.high === undefined ? Math.max(open, close) : numberAt(item, f.high);
  const low = f.low === undefined ? Math.min(open, close) : numberAt(item, f.low);
  const [volume, count] = [sizeAt(item, f.volume), sizeAt(item, f.count)];
  const negative = i.allowsNegativePrice;
  const bad =
    badPrice(open, negative) ||
    badPrice(high, negative) ||
    badPrice(low, negative) ||
    badPrice(close, negative) ||
    badSize(volume) ||
    badSize(count) ||
    (high < low ? 'inverted_bar' : '');
  if (bad !== '') return bad;
  const start = m.label === 'start' ? time : time - m.every;
  const fields = { basis: 'trade', every: m.every, start, open, high, low, close, volume, count } as const;
  return makeBar(source, start + m.every, i.symbol, i.ix, fields);
}
