import type { Micros } from '../../../model/time.js';
import { wireTime } from '../text.js';
import type { Caller, Exchange, TimeUnit } from '../types.js';
import type { StreamName } from './stream-name.js';
import { Topic } from './topic.js';

type Row = Readonly<Record<string, string | number>>;
type Shape = 'miniTicker' | 'ticker' | 'avgPrice';

interface TickerStream {
  readonly topic: Topic;
  /** Empty: all symbols in one message. */
  readonly symbol: string;
  readonly shape: Shape;
}

/** Statistics of 24 hours and average prices, every second: what the operations answer, in the shape of the streams. */
export class TickerStreams {
  readonly #exchange: Exchange;
  readonly #streams: TickerStream[] = [];

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  open(name: string, { symbol, kind }: StreamName): Topic | undefined {
    const shape = kind.type === 'allMiniTickers' ? 'miniTicker' : kind.type;
    if (shape !== 'miniTicker' && shape !== 'ticker' && shape !== 'avgPrice') return undefined;
    const topic = new Topic(name);
    this.#streams.push({ topic, symbol, shape });
    return topic;
  }

  tick(now: Micros): void {
    for (const { topic, symbol, shape } of this.#streams) {
      if (!topic.wanted) continue;
      const rows = (symbol === '' ? this.#exchange.symbols : [symbol])
        .map((name) => this.#row(name, shape, now))
        .filter((row) => row !== undefined);
      if (rows.length === 0) continue;
      topic.publish((unit) => {
        const bodies = rows.map((row) => BODY[shape](row, now, unit));
        return JSON.stringify(symbol === '' ? bodies : bodies[0]);
      });
    }
  }

  #row(symbol: string, shape: Shape, at: Micros): Row | undefined {
    const operation = this.#exchange.operations.get(shape === 'avgPrice' ? 'avgPrice' : 'ticker.24hr');
    const caller: Caller = {
      accountId: undefined,
      apiKey: undefined,
      ip: '',
      transport: 'ws',
      timeUnit: 'us',
      at,
    };
    try {
      return operation && { symbol, ...(operation.run({ symbol }, caller) as Row) };
    } catch {
      return undefined; // nothing has traded yet
    }
  }
}

type Body = (row: Row, now: Micros, unit: TimeUnit) => Readonly<Record<string, unknown>>;

const mini: Body = (r, now, unit) => ({
  e: '24hrMiniTicker',
  E: wireTime(now, unit),
  s: r['symbol'],
  c: r['lastPrice'],
  o: r['openPrice'],
  h: r['highPrice'],
  l: r['lowPrice'],
  v: r['volume'],
  q: r['quoteVolume'],
});

const BODY: Readonly<Record<Shape, Body>> = {
  miniTicker: mini,
  ticker: (r, now, unit) => ({
    ...mini(r, now, unit),
    e: '24hrTicker',
    p: r['priceChange'],
    P: r['priceChangePercent'],
    w: r['weightedAvgPrice'],
    x: r['prevClosePrice'],
    Q: r['lastQty'],
    b: r['bidPrice'],
    B: r['bidQty'],
    a: r['askPrice'],
    A: r['askQty'],
    O: wireTime(Number(r['openTime']), unit),
    C: wireTime(Number(r['closeTime']), unit),
    F: r['firstId'],
    L: r['lastId'],
    n: r['count'],
  }),
  avgPrice: (r, now, unit) => ({
    e: 'avgPrice',
    E: wireTime(now, unit),
    s: r['symbol'],
    i: `${r['mins'] ?? 5}m`,
    w: r['price'],
    T: wireTime(Number(r['closeTime'] ?? now), unit),
  }),
};
