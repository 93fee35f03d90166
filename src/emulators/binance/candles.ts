import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type Micros,
} from '../../model/time.js';
import type { Kline } from './types.js';

const FIXED: Readonly<Record<string, Micros>> = {
  '1s': MICROS_PER_SECOND,
  '1m': MICROS_PER_MINUTE,
  '3m': 3 * MICROS_PER_MINUTE,
  '5m': 5 * MICROS_PER_MINUTE,
  '15m': 15 * MICROS_PER_MINUTE,
  '30m': 30 * MICROS_PER_MINUTE,
  '1h': MICROS_PER_HOUR,
  '2h': 2 * MICROS_PER_HOUR,
  '4h': 4 * MICROS_PER_HOUR,
  '6h': 6 * MICROS_PER_HOUR,
  '8h': 8 * MICROS_PER_HOUR,
  '12h': 12 * MICROS_PER_HOUR,
  '1d': MICROS_PER_DAY,
  '3d': 3 * MICROS_PER_DAY,
};

export const INTERVALS: readonly string[] = [...Object.keys(FIXED), '1w', '1M'];

/** Weeks start on Monday; the epoch was a Thursday. */
const MONDAY = 4 * MICROS_PER_DAY;

/** Start of the candle `at` lies in. */
export function candleStart(interval: string, at: Micros): Micros {
  const length = FIXED[interval];
  if (length !== undefined) return at - (at % length);
  if (interval === '1w') return at - ((at - MONDAY) % (7 * MICROS_PER_DAY));
  const day = new Date(Math.floor(at / 1_000));
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1) * 1_000;
}

/** Start of the candle after the one that starts at `start`. */
export function nextCandle(interval: string, start: Micros): Micros {
  const length = FIXED[interval];
  if (length !== undefined) return start + length;
  if (interval === '1w') return start + 7 * MICROS_PER_DAY;
  const day = new Date(Math.floor(start / 1_000));
  return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1) * 1_000;
}

/** A candle in numbers: observations, not obligations. */
export interface Candle {
  start: Micros;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  quote: number;
  trades: number;
  takerBase: number;
  takerQuote: number;
  first: number;
  last: number;
}

/** Candles kept of each interval: enough for a day of minutes and for the largest answer. */
const KEPT = 1_600;

/** The newest candles of one interval. Stretches without trades have flat candles, as at the venue. */
export class CandleSeries {
  readonly interval: string;
  #candles: Candle[] = [];

  constructor(interval: string) {
    this.interval = interval;
  }

  trade(price: number, quantity: number, buyerIsMaker: boolean, id: number, at: Micros): void {
    this.roll(at);
    const start = candleStart(this.interval, at);
    let c = this.#candles[this.#candles.length - 1];
    if (c === undefined || c.start < start) {
      c = flat(start, price);
      this.#push(c);
    }
    if (c.trades === 0) {
      c.open = c.high = c.low = price;
      c.first = id;
    }
    c.high = Math.max(c.high, price);
    c.low = Math.min(c.low, price);
    c.close = price;
    c.volume += quantity;
    c.quote += quantity * price;
    c.trades++;
    c.last = id;
    if (buyerIsMaker) return;
    c.takerBase += quantity;
    c.takerQuote += quantity * price;
  }

  /** Adds flat candles up to now. */
  roll(now: Micros): void {
    const newest = this.#candles[this.#candles.length - 1];
    if (newest === undefined) return;
    const until = candleStart(this.interval, now);
    let missing = 0;
    for (
      let s = nextCandle(this.interval, newest.start);
      s <= until && missing <= KEPT;
      s = nextCandle(this.interval, s)
    )
      missing++;
    if (missing > KEPT) this.#candles = [];
    let start = missing > KEPT ? until : nextCandle(this.interval, newest.start);
    for (; start <= until; start = nextCandle(this.interval, start)) this.#push(flat(start, newest.close));
  }

  /** Puts older candles in front of those there are. */
  seed(candles: readonly Candle[]): void {
    const oldest = this.#candles[0]?.start ?? Infinity;
    this.#candles = [...candles.filter((c) => c.start < oldest), ...this.#candles].slice(-KEPT);
  }

  all(now: Micros): readonly Candle[] {
    this.roll(now);
    return this.#candles;
  }

  current(now: Micros): Candle | undefined {
    this.roll(now);
    return this.#candles[this.#candles.length - 1];
  }

  #push(candle: Candle): void {
    this.#candles.push(candle);
    if (this.#candles.length > KEPT * 1.25) this.#candles = this.#candles.slice(-KEPT);
  }
}

function flat(start: Micros, price: number): Candle {
  return {
    start,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: 0,
    quote: 0,
    trades: 0,
    takerBase: 0,
    takerQuote: 0,
    first: -1,
    last: -1,
  };
}

export function toKline(interval: string, c: Candle): Kline {
  return {
    openTime: c.start,
    closeTime: nextCandle(interval, c.start) - 1,
    open: c.open.toFixed(8),
    high: c.high.toFixed(8),
    low: c.low.toFixed(8),
    close: c.close.toFixed(8),
    volume: c.volume.toFixed(8),
    quoteVolume: c.quote.toFixed(8),
    trades: c.trades,
    takerBase: c.takerBase.toFixed(8),
    takerQuote: c.takerQuote.toFixed(8),
    firstTradeId: c.first,
    lastTradeId: c.last,
  };
}

export function fromKline(k: Kline): Candle {
  return {
    start: k.openTime,
    open: Number(k.open),
    high: Number(k.high),
    low: Number(k.low),
    close: Number(k.close),
    volume: Number(k.volume),
    quote: Number(k.quoteVolume),
    trades: k.trades,
    takerBase: Number(k.takerBase),
    takerQuote: Number(k.takerQuote),
    first: k.firstTradeId,
    last: k.lastTradeId,
  };
}
