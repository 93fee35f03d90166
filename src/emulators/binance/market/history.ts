import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, type Micros } from '../../../model/time.js';
import type { Random } from '../../../streams/random.js';
import { candleStart, INTERVALS, nextCandle } from '../candles.js';
import { amount } from '../text.js';
import type { Exchange, Kline } from '../types.js';
import { Grid } from './grid.js';
import type { FlowSymbol } from './flow-book.js';

/** Pieces of the past: minutes, before them hours, before them days; and how much a price moves in each. */
const PIECES = [
  { interval: '1m', length: MICROS_PER_MINUTE, count: 600, move: 0.0004 },
  { interval: '1h', length: MICROS_PER_HOUR, count: 600, move: 0.003 },
  { interval: '1d', length: MICROS_PER_DAY, count: 400, move: 0.015 },
] as const;

interface Piece {
  readonly start: Micros;
  readonly length: Micros;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/**
 * Candles of the time before the market begins, made from the seed and ending at its first price, so that clients have
 * something to warm up with. Candles of different intervals agree with each other where they cover the same time.
 */
export function seedHistory(exchange: Exchange, symbol: FlowSymbol, random: Random): void {
  const pieces = past(symbol, random, exchange.clock.micros());
  for (const interval of INTERVALS) {
    if (interval === '1s') continue;
    const klines = aggregate(pieces, interval);
    if (klines.length > 0) exchange.seedKlines(symbol.symbol, interval, klines);
  }
}

/** Oldest first. Each kind of piece begins where a longer one does, so that longer candles are made of whole pieces. */
function past({ price, tick, size }: FlowSymbol, random: Random, now: Micros): readonly Piece[] {
  const grid = new Grid(tick);
  const round = (value: number): number => Math.max(grid.toNumber(1), grid.toNumber(grid.toUnits(value)));
  const pieces: Piece[] = [];
  let close = round(price);
  let end = candleStart('1m', now);
  PIECES.forEach(({ length, count, move }, n) => {
    const longer = PIECES[n + 1];
    const from = end - count * length;
    const first = longer === undefined ? candleStart('1d', from) : candleStart(longer.interval, from);
    for (let start = end - length; start >= first; start -= length) {
      const open = round(close * (1 + random.bell() * move));
      const wick = Math.abs(random.bell()) * move * 0.5;
      const high = round(Math.max(open, close) * (1 + wick));
      const low = round(Math.min(open, close) * (1 - wick));
      const volume = size * (0.5 + random.next()) * (length / MICROS_PER_MINUTE) * 20;
      pieces.push({ start, length, open, high, low, close, volume });
      close = open;
    }
    end = first;
  });
  return pieces.reverse();
}

function aggregate(pieces: readonly Piece[], interval: string): readonly Kline[] {
  const klines: Kline[] = [];
  for (let i = 0; i < pieces.length;) {
    const start = candleStart(interval, pieces[i]?.start ?? 0);
    const next = nextCandle(interval, start);
    const parts: Piece[] = [];
    for (; i < pieces.length; i++) {
      const piece = pieces[i];
      if (piece === undefined || piece.start >= next) break;
      if (piece.start + piece.length <= next) parts.push(piece);
    }
    const [head] = parts;
    if (head !== undefined && head.start === start) klines.push(kline(parts, start, next));
  }
  return klines;
}

function kline(parts: readonly Piece[], start: Micros, next: Micros): Kline {
  let [high, low, volume, quote] = [-Infinity, Infinity, 0, 0];
  for (const p of parts) {
    high = Math.max(high, p.high);
    low = Math.min(low, p.low);
    volume += p.volume;
    quote += (p.volume * (p.open + p.close)) / 2;
  }
  return {
    openTime: start,
    closeTime: next - 1,
    open: amount(parts[0]?.open ?? 0),
    high: amount(high),
    low: amount(low),
    close: amount(parts[parts.length - 1]?.close ?? 0),
    volume: amount(volume),
    quoteVolume: amount(quote),
    trades: Math.round(volume * 10),
    takerBase: amount(volume / 2),
    takerQuote: amount(quote / 2),
    firstTradeId: -1,
    lastTradeId: -1,
  };
}
