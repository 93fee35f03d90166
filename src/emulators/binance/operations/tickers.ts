import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, type Micros } from '../../../model/time.js';
import { ApiError } from '../api-error.js';
import { marketOf, type Core } from '../core.js';
import { define } from '../define.js';
import { badCombination, missingOneOf } from '../errors.js';
import type { Market } from '../matching-host.js';
import type { ParamReader } from '../params.js';
import type { WindowStats } from '../tape.js';
import { amount, wireTime } from '../text.js';
import type { Operation, TimeUnit } from '../types.js';

type Json = Readonly<Record<string, unknown>>;

const SELECT = ['symbol', 'symbols', 'symbolStatus'];

/** Price change statistics, last prices and best prices. */
export function tickerOperations(core: Core): readonly Operation[] {
  return [
    define({
      name: 'ticker.24hr',
      rest: 'GET /api/v3/ticker/24hr',
      params: [...SELECT, 'type'],
      weight: (read) => (read.has('symbol') ? 2 : read.has('symbols') ? 40 : 80),
      run: (read, { timeUnit }) => {
        const mini = typeOf(read) === 'MINI';
        return answer(core, read, false, (m) => {
          const now = core.clock.micros();
          const stats = m.tape.day(now);
          return mini ? miniJson(m, stats, now, timeUnit) : fullJson(m, stats, now, timeUnit);
        });
      },
    }),
    define({
      name: 'ticker.tradingDay',
      rest: 'GET /api/v3/ticker/tradingDay',
      params: [...SELECT, 'type', 'timeZone'],
      weight: 4,
      run: (read, { timeUnit }) => {
        const now = core.clock.micros();
        return windows(core, read, now - (now % MICROS_PER_DAY), now, timeUnit);
      },
    }),
    define({
      name: 'ticker',
      rest: 'GET /api/v3/ticker',
      params: [...SELECT, 'type', 'windowSize'],
      weight: 4,
      run: (read, { timeUnit }) => {
        const now = core.clock.micros();
        return windows(core, read, now - windowOf(read), now, timeUnit);
      },
    }),
    define({
      name: 'ticker.price',
      rest: 'GET /api/v3/ticker/price',
      params: SELECT,
      weight: (read) => (read.has('symbol') ? 2 : 4),
      run: (read) =>
        answer(core, read, false, ({ symbol, tape }) => ({
          symbol: symbol.name,
          price: amount(Number.isNaN(tape.last) ? 0 : tape.last),
        })),
    }),
    define({
      name: 'ticker.book',
      rest: 'GET /api/v3/ticker/bookTicker',
      params: SELECT,
      weight: (read) => (read.has('symbol') ? 2 : 4),
      run: (read) =>
        answer(core, read, false, ({ symbol, book }) => ({
          symbol: symbol.name,
          bidPrice: book.top.bid,
          bidQty: book.top.bidQuantity,
          askPrice: book.top.ask,
          askQty: book.top.askQuantity,
        })),
    }),
  ];
}

/** One object for `symbol`, a list for `symbols` or (unless one is needed) for all. */
function answer(core: Core, read: ParamReader, needed: boolean, one: (m: Market) => Json): unknown {
  const list = read.list('symbols');
  if (read.has('symbol') && list !== undefined) throw badCombination();
  if (read.has('symbol')) return one(marketOf(core, read.symbol()));
  if (list !== undefined) return list.map((name) => one(marketOf(core, name)));
  if (needed) throw missingOneOf('symbol', 'symbols');
  return [...core.host.markets.values()].map(one);
}

function windows(core: Core, read: ParamReader, from: Micros, now: Micros, unit: TimeUnit): unknown {
  const mini = typeOf(read) === 'MINI';
  return answer(core, read, true, (m) => {
    const stats = m.tape.window(from, now);
    return mini ? miniJson(m, stats, now, unit) : { ...changeJson(m, stats), ...sumsJson(stats, now, unit) };
  });
}

function typeOf(read: ParamReader): 'FULL' | 'MINI' {
  const invalid = (): ApiError => new ApiError(400, -1139, 'Invalid ticker type.');
  return read.oneOf('type', ['FULL', 'MINI'], invalid) ?? 'FULL';
}

/** `1m`..`59m`, `1h`..`23h`, `1d` (what is kept allows no more). */
function windowOf(read: ParamReader): Micros {
  const match = /^([1-9][0-9]?)([mhd])$/.exec(read.text('windowSize') ?? '1d');
  const count = Number(match?.[1] ?? 0);
  const unit = match?.[2];
  if (unit === 'm' && count < 60) return count * MICROS_PER_MINUTE;
  if (unit === 'h' && count < 24) return count * MICROS_PER_HOUR;
  if (unit === 'd' && count === 1) return MICROS_PER_DAY;
  if (unit === 'd' && count <= 7)
    throw new ApiError(501, -1020, 'windowSize above 1d is not emulated by this exchange.');
  throw new ApiError(
    400,
    -1102,
    "Mandatory parameter 'windowSize' was not sent, was empty/null, or malformed.",
  );
}

function changeJson({ symbol }: Market, s: WindowStats): Json {
  const change = s.last - s.open;
  return {
    symbol: symbol.name,
    priceChange: amount(change),
    priceChangePercent: (s.open === 0 ? 0 : (change / s.open) * 100).toFixed(3),
    weightedAvgPrice: amount(s.volume === 0 ? 0 : s.quote / s.volume),
  };
}

function sumsJson(s: WindowStats, now: Micros, unit: TimeUnit): Json {
  return {
    openPrice: amount(s.open),
    highPrice: amount(s.high),
    lowPrice: amount(s.low),
    lastPrice: amount(s.last),
    volume: amount(s.volume),
    quoteVolume: amount(s.quote),
    ...endJson(s, now, unit),
  };
}

const endJson = (s: WindowStats, now: Micros, unit: TimeUnit): Json => ({
  openTime: wireTime(s.from, unit),
  closeTime: wireTime(now, unit),
  firstId: s.firstId,
  lastId: s.lastId,
  count: s.count,
});

function miniJson({ symbol }: Market, s: WindowStats, now: Micros, unit: TimeUnit): Json {
  return { symbol: symbol.name, ...sumsJson(s, now, unit) };
}

function fullJson(m: Market, s: WindowStats, now: Micros, unit: TimeUnit): Json {
  const { top } = m.book;
  return {
    ...changeJson(m, s),
    prevClosePrice: amount(s.before),
    lastPrice: amount(s.last),
    lastQty: amount(Number.isNaN(m.tape.lastQuantity) ? 0 : m.tape.lastQuantity),
    bidPrice: top.bid,
    bidQty: top.bidQuantity,
    askPrice: top.ask,
    askQty: top.askQuantity,
    openPrice: amount(s.open),
    highPrice: amount(s.high),
    lowPrice: amount(s.low),
    volume: amount(s.volume),
    quoteVolume: amount(s.quote),
    ...endJson(s, now, unit),
  };
}
