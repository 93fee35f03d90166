import { MICROS_PER_HOUR, type Micros } from '../../../model/time.js';
import { ApiError } from '../api-error.js';
import { INTERVALS, toKline } from '../candles.js';
import { marketOf, type Core } from '../core.js';
import { define } from '../define.js';
import { amount, wireTime } from '../text.js';
import type { Kline, Operation, PublicAggTrade, PublicTrade, TimeUnit } from '../types.js';
import type { ParamReader } from '../params.js';

type Json = Readonly<Record<string, unknown>>;

/** Depth, trades and candles. */
export function marketOperations(core: Core): readonly Operation[] {
  return [
    define({
      name: 'depth',
      rest: 'GET /api/v3/depth',
      params: ['symbol', 'limit', 'symbolStatus'],
      weight: (read) => depthWeight(read.limit(100, 5_000)),
      run: (read) => marketOf(core, read.symbol()).book.snapshot(read.limit(100, 5_000)),
    }),
    define({
      name: 'trades.recent',
      rest: 'GET /api/v3/trades',
      params: ['symbol', 'limit'],
      weight: 25,
      run: (read, { timeUnit }) => {
        const { tape } = marketOf(core, read.symbol());
        return tape.trades.slice(-read.limit(500, 1_000)).map((t) => tradeJson(t, timeUnit));
      },
    }),
    define({
      name: 'trades.historical',
      rest: 'GET /api/v3/historicalTrades',
      params: ['symbol', 'limit', 'fromId'],
      weight: 25,
      run: (read, { timeUnit }) => {
        const { tape } = marketOf(core, read.symbol());
        const limit = read.limit(500, 1_000);
        const from = read.integer('fromId');
        const found =
          from === undefined
            ? tape.trades.slice(-limit)
            : tape.trades.filter((t) => t.id >= from).slice(0, limit);
        return found.map((t) => tradeJson(t, timeUnit));
      },
    }),
    define({
      name: 'trades.aggregate',
      rest: 'GET /api/v3/aggTrades',
      params: ['symbol', 'fromId', 'startTime', 'endTime', 'limit'],
      weight: 4,
      run: (read, { timeUnit }) => aggregates(core, read).map((a) => aggregateJson(a, timeUnit)),
    }),
    ...(['klines', 'uiKlines'] as const).map((name) =>
      define({
        name,
        rest: `GET /api/v3/${name}`,
        params: ['symbol', 'interval', 'startTime', 'endTime', 'timeZone', 'limit'],
        weight: 2,
        run: (read, { timeUnit }) => klines(core, read).map((k) => klineJson(k, timeUnit)),
      }),
    ),
    define({
      name: 'avgPrice',
      rest: 'GET /api/v3/avgPrice',
      params: ['symbol'],
      weight: 2,
      run: (read, { timeUnit }) => {
        const { tape } = marketOf(core, read.symbol());
        const now = core.clock.micros();
        const price = tape.average(5, now);
        const closeTime = tape.trades[tape.trades.length - 1]?.at ?? now;
        return {
          mins: 5,
          price: amount(Number.isNaN(price) ? 0 : price),
          closeTime: wireTime(closeTime, timeUnit),
        };
      },
    }),
  ];
}

function depthWeight(limit: number): number {
  if (limit <= 100) return 5;
  if (limit <= 500) return 25;
  return limit <= 1_000 ? 50 : 250;
}

function aggregates(core: Core, read: ParamReader): readonly PublicAggTrade[] {
  const { tape } = marketOf(core, read.symbol());
  const limit = read.limit(500, 1_000);
  const from = read.integer('fromId');
  const { start, end } = span(read);
  if (from !== undefined) return tape.aggregates.filter((a) => a.id >= from).slice(0, limit);
  if (start === undefined && end === undefined) return tape.aggregates.slice(-limit);
  const inside = tape.aggregates.filter((a) => a.at >= (start ?? 0) && a.at <= (end ?? Infinity));
  return start === undefined ? inside.slice(-limit) : inside.slice(0, limit);
}

function klines(core: Core, read: ParamReader): readonly Kline[] {
  const { tape } = marketOf(core, read.symbol());
  const interval = read.need('interval');
  if (!INTERVALS.includes(interval)) throw new ApiError(400, -1120, 'Invalid interval.');
  const zone = read.text('timeZone');
  if (zone !== undefined && zone !== '0' && zone !== '0:00' && zone !== '00:00')
    throw new ApiError(501, -1020, 'klines with timeZone other than 0 is not emulated by this exchange.');
  const limit = read.limit(500, 1_000);
  const { start, end } = span(read);
  const all = tape.series(interval)?.all(core.clock.micros()) ?? [];
  const inside = all.filter((c) => c.start >= (start ?? 0) && c.start <= (end ?? Infinity));
  return (start === undefined ? inside.slice(-limit) : inside.slice(0, limit)).map((c) =>
    toKline(interval, c),
  );
}

function span(read: ParamReader): { readonly start: Micros | undefined; readonly end: Micros | undefined } {
  const start = read.time('startTime');
  const end = read.time('endTime');
  if (start !== undefined && end !== undefined && start > end)
    throw new ApiError(400, -1128, 'Combination of optional parameters invalid.');
  return { start, end };
}

/** Throws when a span is longer than the venue looks up at once. */
export function checkHours(start: Micros | undefined, end: Micros | undefined, hours: number): void {
  if (start !== undefined && end !== undefined && end - start > hours * MICROS_PER_HOUR)
    throw new ApiError(400, -1127, `More than ${hours} hours between startTime and endTime.`);
}

function tradeJson(t: PublicTrade, unit: TimeUnit): Json {
  return {
    id: t.id,
    price: t.price,
    qty: t.quantity,
    quoteQty: amount(Number(t.price) * Number(t.quantity)),
    time: wireTime(t.at, unit),
    isBuyerMaker: t.buyerIsMaker,
    isBestMatch: t.isBestMatch,
  };
}

function aggregateJson(a: PublicAggTrade, unit: TimeUnit): Json {
  return {
    a: a.id,
    p: a.price,
    q: a.quantity,
    f: a.firstTradeId,
    l: a.lastTradeId,
    T: wireTime(a.at, unit),
    m: a.buyerIsMaker,
    M: a.isBestMatch,
  };
}

function klineJson(k: Kline, unit: TimeUnit): readonly (number | string)[] {
  return [
    wireTime(k.openTime, unit),
    k.open,
    k.high,
    k.low,
    k.close,
    k.volume,
    wireTime(k.closeTime, unit),
    k.quoteVolume,
    k.trades,
    k.takerBase,
    k.takerQuote,
    '0',
  ];
}
