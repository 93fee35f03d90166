import type { BarEvent, BookEvent, QuoteEvent, TradeEvent } from '../../model/event.js';
import type { Instrument } from '../../model/instrument.js';
import { makeBar, makeBook, makeQuote, makeTrade } from '../../model/make.js';
import { MICROS_PER_MS, type Micros } from '../../model/time.js';
import { badPrice, badSize } from '../replay/decoder.js';
import { decimalOf, isId, isObject, levelsOf, timeOf, type Json } from './fields.js';

/**
 * Binance's market messages as events. Each function gives the event, or the kind of badness (`missing_field`,
 * `malformed`, `negative_price`, ...) when a field is missing or of another type: nothing is half-applied. Fields that
 * are not asked for are ignored. `at` stands in where a message carries no time of its own.
 */

/** `trade` and `aggTrade`; the trade id is `t`, or the aggregate's `a`. */
export function tradeFrom(data: Json, source: string, i: Instrument, at: Micros): TradeEvent | string {
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
  return bad !== '' ? bad : makeTrade(source, ts, i.symbol, i.ix, price, size, maker ? -1 : 1, String(id));
}

/** `bookTicker`; spot carries no time. */
export function quoteFrom(data: Json, source: string, i: Instrument, at: Micros): QuoteEvent | string {
  const [bid, bidSize] = [decimalOf(data['b']), decimalOf(data['B'])];
  const [ask, askSize] = [decimalOf(data['a']), decimalOf(data['A'])];
  const ts = timeOf(data['T'] ?? data['E'] ?? null, at);
  if (bid === undefined || bidSize === undefined || ask === undefined || askSize === undefined)
    return 'missing_field';
  if (ts === undefined || !isId(data['u'])) return 'missing_field';
  const negative = i.allowsNegativePrice;
  const bad = badPrice(bid, negative) || badPrice(ask, negative) || badSize(bidSize) || badSize(askSize);
  return bad !== '' ? bad : makeQuote(source, ts, i.symbol, i.ix, bid, bidSize, ask, askSize);
}

/** `depthUpdate`: changes of a book; `prev` is told by futures only. */
export function deltaFrom(data: Json, source: string, i: Instrument, at: Micros): BookEvent | string {
  const [first, last, prev] = [data['U'], data['u'], data['pu'] ?? 0];
  const ts = timeOf(data['T'] ?? data['E'], at);
  if (!isId(first) || !isId(last) || !isId(prev) || ts === undefined) return 'missing_field';
  return bookFrom(data['b'], data['a'], ts, source, i, false, first, last, prev);
}

/** A depth snapshot (REST) or a partial depth message. */
export function snapshotFrom(data: Json, source: string, i: Instrument, at: Micros): BookEvent | string {
  const id = data['lastUpdateId'];
  const ts = timeOf(data['T'] ?? data['E'] ?? null, at);
  if (!isId(id) || ts === undefined) return 'missing_field';
  return bookFrom(data['bids'], data['asks'], ts, source, i, true, id, id, 0);
}

/** A `kline` message with the closed bar; `null` while the bar is open. */
export function barFrom(data: Json, source: string, i: Instrument, at: Micros): BarEvent | string | null {
  const k = data['k'];
  const ts = timeOf(data['E'], at);
  if (!isObject(k) || typeof k['x'] !== 'boolean' || ts === undefined) return 'missing_field';
  const row = [k['t'], k['o'], k['h'], k['l'], k['c'], k['v'], k['T'], undefined, k['n']];
  const bar = klineFrom(row, source, i, ts);
  return typeof bar === 'string' || k['x'] ? bar : null;
}

/**
 * A row of REST klines: `[start, open, high, low, close, volume, end, quote volume, trades, ...]`. Without `ts` the end
 * of the bar is its time.
 */
export function klineFrom(row: unknown, source: string, i: Instrument, ts?: Micros): BarEvent | string {
  if (!Array.isArray(row)) return 'malformed';
  const [start, o, h, l, c, v, end, , count] = row as unknown[];
  const [open, high, low, close] = [decimalOf(o), decimalOf(h), decimalOf(l), decimalOf(c)];
  const volume = decimalOf(v);
  if (open === undefined || high === undefined || low === undefined || close === undefined)
    return 'missing_field';
  if (volume === undefined || !isId(start) || !isId(end) || !isId(count)) return 'missing_field';
  const negative = i.allowsNegativePrice;
  const bad = badPrice(low, negative) || badPrice(high, negative) || badSize(volume);
  if (bad !== '') return bad;
  if (high < Math.max(open, close, low) || low > Math.min(open, close) || end < start) return 'bad_bar';
  const every = (end + 1 - start) * MICROS_PER_MS;
  const fields = { basis: 'trade', every, start: start * MICROS_PER_MS } as const;
  const time = ts ?? (end + 1) * MICROS_PER_MS;
  return makeBar(source, time, i.symbol, i.ix, { ...fields, open, high, low, close, volume, count });
}

function bookFrom(
  rawBids: unknown,
  rawAsks: unknown,
  ts: Micros,
  source: string,
  i: Instrument,
  snapshot: boolean,
  first: number,
  last: number,
  prev: number,
): BookEvent | string {
  const bids = levelsOf(rawBids, i.allowsNegativePrice);
  if (typeof bids === 'string') return bids;
  const asks = levelsOf(rawAsks, i.allowsNegativePrice);
  if (typeof asks === 'string') return asks;
  return makeBook(source, ts, i.symbol, i.ix, snapshot, bids, asks, first, last, prev);
}
