import type { BarEvent, BookEvent, TradeEvent } from '../../../model/event.js';
import type { Instrument } from '../../../model/instrument.js';
import type { Micros } from '../../../model/time.js';
import { isObject, type Json } from '../../../streams/binance-wire/fields.js';
import { klineFrom, snapshotFrom, tradeFrom } from '../../../streams/binance-wire/messages.js';
import { BrokerError } from '../../broker.js';
import type { BinanceMarket } from '../environments.js';
import { WEIGHTS, depthWeight, klinesWeight } from '../weights.js';
import type { BinanceRest, Params } from '../wire.js';

const PREFIX: Readonly<Record<BinanceMarket, string>> = { spot: '/api/v3', usdm: '/fapi/v1' };

/** Most rows of one answer. */
const TRADE_PAGE = 1_000;
const KLINE_PAGE: Readonly<Record<BinanceMarket, number>> = { spot: 1_000, usdm: 1_500 };

/** Sizes of depth snapshots that the venue has. */
const DEPTHS: Readonly<Record<BinanceMarket, readonly number[]>> = {
  spot: [100, 500, 1_000, 5_000],
  usdm: [50, 100, 500, 1_000],
};

/** Public market data over REST, checked. Everything throws a `BrokerError`: an answer that cannot be used is `schema`. */
export class RestMarket {
  readonly #rest: BinanceRest;
  readonly #market: BinanceMarket;

  constructor(rest: BinanceRest, market: BinanceMarket) {
    this.#rest = rest;
    this.#market = market;
  }

  /** The whole book down to at least `levels` a side (the venue's next size). */
  async snapshot(instrument: Instrument, levels: number, wall: () => Micros): Promise<BookEvent> {
    const limit = DEPTHS[this.#market].find((size) => size >= levels) ?? 1_000;
    const weight = depthWeight(this.#market, limit);
    const answer = await this.#get('/depth', { symbol: instrument.venueSymbol, limit }, weight);
    const book = isObject(answer) ? snapshotFrom(answer, '', instrument, wall()) : 'malformed';
    if (typeof book === 'string') throw unusable('depth', book);
    return book;
  }

  /** At most `count` (and 1000) trades from id `from` on, in order. */
  async trades(
    instrument: Instrument,
    from: number,
    count: number,
    aggregated: boolean,
  ): Promise<TradeEvent[]> {
    const params = { symbol: instrument.venueSymbol, fromId: from, limit: Math.min(TRADE_PAGE, count) };
    const weights = WEIGHTS[this.#market];
    const answer = aggregated
      ? await this.#get('/aggTrades', params, weights.aggTrades)
      : await this.#get('/historicalTrades', params, weights.historicalTrades, this.#market !== 'spot');
    if (!Array.isArray(answer)) throw unusable('trades', 'malformed');
    return (answer as unknown[]).map((row) => {
      const data = isObject(row) ? (aggregated ? row : asTrade(row)) : {};
      const trade = tradeFrom(data, '', instrument, 0);
      if (typeof trade === 'string') throw unusable('trades', trade);
      return trade;
    });
  }

  /** One page of bars that start in [from, to): in order, each closed or not. */
  async klines(
    instrument: Instrument,
    interval: string,
    from: Micros,
    to: Micros,
    source: string,
  ): Promise<{ readonly bars: readonly BarEvent[]; readonly full: boolean }> {
    const limit = KLINE_PAGE[this.#market];
    const params = {
      symbol: instrument.venueSymbol,
      interval,
      startTime: Math.ceil(from / 1_000),
      endTime: Math.ceil(to / 1_000) - 1,
      limit,
    };
    const answer = await this.#get('/klines', params, klinesWeight(this.#market, limit));
    if (!Array.isArray(answer)) throw unusable('klines', 'malformed');
    const bars = (answer as unknown[]).map((row) => {
      const bar = klineFrom(row, source, instrument);
      if (typeof bar === 'string') throw unusable('klines', bar);
      return bar;
    });
    return { bars, full: bars.length >= limit };
  }

  /** The raw `exchangeInfo`: of these symbols (spot), or of all. */
  exchangeInfo(symbols: readonly string[] = []): Promise<unknown> {
    const some = this.#market === 'spot' && symbols.length > 0 && symbols.length <= 100;
    const params: Params = some ? { symbols: JSON.stringify(symbols) } : {};
    return this.#get('/exchangeInfo', params, WEIGHTS[this.#market].exchangeInfo);
  }

  #get(path: string, params: Params, weight: number, keyed = false): Promise<unknown> {
    return this.#rest.call({
      method: 'GET',
      path: `${PREFIX[this.#market]}${path}`,
      params,
      security: keyed ? 'key' : 'none',
      weight,
      lane: 'market',
    });
  }
}

/** A row of `historicalTrades` in the words of the stream. */
function asTrade(row: Json): Json {
  return { e: 'trade', t: row['id'], p: row['price'], q: row['qty'], T: row['time'], m: row['isBuyerMaker'] };
}

function unusable(what: string, why: string): BrokerError {
  return new BrokerError('schema', `the venue's answer about ${what} cannot be used: ${why}`, true);
}
