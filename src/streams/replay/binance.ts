import { basename } from 'node:path';
import type { InputEvent } from '../../model/event.js';
import type { Instrument } from '../../model/instrument.js';
import { makeBook, makeQuote, makeTrade, receivedAt } from '../../model/make.js';
import { MICROS_PER_MS, type Micros } from '../../model/time.js';
import { parseShifted } from '../csv/number.js';
import { BACKWARDS, Timeline, WANTED, badPrice, badSize, type Decoder, type FileContext } from './decoder.js';

const NEWLINE = 10;
const SPACE = 32;
const DECIMAL = /^-?\d+(?:\.\d+)?$/;

type Json = Readonly<Record<string, unknown>>;

/**
 * Decodes raw Binance captures: `<local receive time in ns> <JSON>` a line, the JSON a stream message (combined
 * envelope or bare) or a REST depth snapshot. `at` is the receive time, `ts` the venue's (which may run ahead).
 * A line that lacks a field, or has one of another type, is bad data as a whole: nothing of it is applied.
 */
export class BinanceDecoder implements Decoder {
  readonly ends: Micros = -Infinity;
  readonly #file: FileContext;
  readonly #timeline: Timeline;
  readonly #named: Instrument | undefined;
  /** Symbols seen so far: a snapshot does not name its own. */
  readonly #symbols = new Set<string>();
  #line = 0;

  constructor(file: FileContext) {
    this.#file = file;
    this.#timeline = new Timeline(file.from, file.to);
    this.#named = file.lookup.inFileName(basename(file.path));
  }

  get finished(): boolean {
    return this.#timeline.finished;
  }

  decode(block: Buffer, out: InputEvent[]): void {
    for (let from = 0; from < block.length && !this.#timeline.finished;) {
      const end = block.indexOf(NEWLINE, from);
      this.#line++;
      const bad = end > from ? this.#decodeLine(block, from, end, out) : '';
      if (bad !== '') {
        this.#file.bad.reject(bad, `${this.#file.path}:${this.#line}`, block.toString('utf8', from, end));
      }
      from = end + 1;
    }
  }

  #decodeLine(block: Buffer, from: number, end: number, out: InputEvent[]): string {
    const space = block.indexOf(SPACE, from);
    if (space < 0 || space >= end) return 'malformed';
    const at = parseShifted(block, from, space, -3);
    if (Number.isNaN(at)) return 'malformed';
    let body: unknown;
    try {
      body = JSON.parse(block.toString('utf8', space + 1, end));
    } catch {
      return 'malformed';
    }
    if (!isObject(body)) return 'malformed';
    const enveloped = body['stream'] !== undefined;
    const data = enveloped ? body['data'] : body;
    if (!isObject(data) || (enveloped && typeof body['stream'] !== 'string')) return 'malformed';
    return this.#message(data, at, out);
  }

  #message(data: Json, at: Micros, out: InputEvent[]): string {
    const snapshot = data['lastUpdateId'] !== undefined;
    const instrument = snapshot ? this.#snapshotInstrument(data) : this.#instrument(data['s']);
    if (instrument === null) return '';
    if (instrument === undefined)
      return typeof data['s'] === 'string' || snapshot ? 'unknown_instrument' : 'missing_field';
    const event = snapshot
      ? this.#snapshot(data, at, instrument)
      : data['e'] === 'trade' || data['e'] === 'aggTrade'
        ? this.#trade(data, at, instrument)
        : data['e'] === 'depthUpdate'
          ? this.#depth(data, at, instrument)
          : data['e'] === 'bookTicker' || data['e'] === undefined
            ? this.#ticker(data, at, instrument)
            : 'unknown_message';
    if (typeof event === 'string') return event;
    const verdict = this.#timeline.check(at);
    if (verdict === BACKWARDS) return 'time_backwards';
    if (verdict === WANTED) out.push(receivedAt(event, at));
    return '';
  }

  #instrument(symbol: unknown): Instrument | null | undefined {
    if (typeof symbol !== 'string') return undefined;
    this.#symbols.add(symbol);
    return this.#file.lookup.find(symbol);
  }

  /** The instrument of the file: by the symbol in the message or the file name, else the only one seen before. */
  #snapshotInstrument(data: Json): Instrument | null | undefined {
    const own = data['s'] ?? data['symbol'];
    if (typeof own === 'string') return this.#file.lookup.find(own);
    if (this.#named !== undefined) return this.#file.lookup.find(this.#named.symbol);
    const [only] = this.#symbols;
    return only !== undefined && this.#symbols.size === 1 ? this.#file.lookup.find(only) : undefined;
  }

  #trade(data: Json, at: Micros, i: Instrument): InputEvent | string {
    const id = data['e'] === 'trade' ? data['t'] : data['a'];
    const price = decimalOf(data['p']);
    const size = decimalOf(data['q']);
    const ts = timeOf(data['T'] ?? data['E'], at);
    const maker = data['m'];
    if (
      !isId(id) ||
      price === undefined ||
      size === undefined ||
      ts === undefined ||
      typeof maker !== 'boolean'
    ) {
      return 'missing_field';
    }
    const bad = badPrice(price, i.allowsNegativePrice) || badSize(size);
    return bad !== ''
      ? bad
      : makeTrade(this.#file.source, ts, i.symbol, i.ix, price, size, maker ? -1 : 1, String(id));
  }

  #ticker(data: Json, at: Micros, i: Instrument): InputEvent | string {
    const [bid, bidSize] = [decimalOf(data['b']), decimalOf(data['B'])];
    const [ask, askSize] = [decimalOf(data['a']), decimalOf(data['A'])];
    const ts = timeOf(data['T'] ?? data['E'] ?? null, at);
    if (bid === undefined || bidSize === undefined || ask === undefined || askSize === undefined)
      return 'missing_field';
    if (ts === undefined || !isId(data['u'])) return 'missing_field';
    const negative = i.allowsNegativePrice;
    const bad = badPrice(bid, negative) || badPrice(ask, negative) || badSize(bidSize) || badSize(askSize);
    return bad !== '' ? bad : makeQuote(this.#file.source, ts, i.symbol, i.ix, bid, bidSize, ask, askSize);
  }

  #depth(data: Json, at: Micros, i: Instrument): InputEvent | string {
    const [first, last, prev] = [data['U'], data['u'], data['pu'] ?? 0];
    const ts = timeOf(data['T'] ?? data['E'], at);
    if (!isId(first) || !isId(last) || !isId(prev) || ts === undefined) return 'missing_field';
    return this.#book(data['b'], data['a'], ts, i, false, first, last, prev);
  }

  #snapshot(data: Json, at: Micros, i: Instrument): InputEvent | string {
    const id = data['lastUpdateId'];
    const ts = timeOf(data['T'] ?? data['E'] ?? null, at);
    if (!isId(id) || ts === undefined) return 'missing_field';
    return this.#book(data['bids'], data['asks'], ts, i, true, id, id, 0);
  }

  #book(
    rawBids: unknown,
    rawAsks: unknown,
    ts: Micros,
    i: Instrument,
    snapshot: boolean,
    first: number,
    last: number,
    prev: number,
  ): InputEvent | string {
    const bids = levelsOf(rawBids, i.allowsNegativePrice);
    if (typeof bids === 'string') return bids;
    const asks = levelsOf(rawAsks, i.allowsNegativePrice);
    if (typeof asks === 'string') return asks;
    return makeBook(this.#file.source, ts, i.symbol, i.ix, snapshot, bids, asks, first, last, prev);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function decimalOf(value: unknown): number | undefined {
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : undefined;
}

/** Venue milliseconds as microseconds. `null`: this message carries no time, so the receive time stands in. */
function timeOf(value: unknown, at: Micros): Micros | undefined {
  if (value === null) return at;
  return isId(value) ? value * MICROS_PER_MS : undefined;
}

/** `[["price","size"], ...]` flat, or the kind of badness. */
function levelsOf(value: unknown, allowsNegative: boolean): number[] | string {
  if (!Array.isArray(value)) return 'missing_field';
  const levels: number[] = [];
  for (const level of value as unknown[]) {
    if (!Array.isArray(level)) return 'malformed';
    const price = decimalOf(level[0]);
    const size = decimalOf(level[1]);
    if (price === undefined || size === undefined) return 'malformed';
    const bad = badPrice(price, allowsNegative) || badSize(size);
    if (bad !== '') return bad;
    levels.push(price, size);
  }
  return levels;
}
