import { MICROS_PER_DAY, MICROS_PER_MINUTE, type Micros } from '../../model/time.js';
import { CandleSeries, INTERVALS } from './candles.js';
import type { PublicAggTrade, PublicTrade } from './types.js';

/** Trades of one pair as everybody sees them: the newest of them, aggregates and candles. */
export class Tape {
  readonly symbol: string;
  readonly #keep: number;
  #trades: PublicTrade[] = [];
  #aggregates: PublicAggTrade[] = [];
  #open: { readonly taker: string; aggregate: PublicAggTrade } | undefined;
  #nextId = 1;
  #nextAggregate = 1;
  readonly #series: ReadonlyMap<string, CandleSeries> = new Map(
    INTERVALS.map((i) => [i, new CandleSeries(i)]),
  );
  last: number = NaN;
  lastQuantity: number = NaN;

  constructor(symbol: string, keep: number) {
    this.symbol = symbol;
    this.#keep = keep;
  }

  /** Records a trade. `taker` names the taking order: its trades at one price are one aggregate. */
  add(price: number, quantity: number, buyerIsMaker: boolean, taker: string, at: Micros): PublicTrade {
    const trade: PublicTrade = {
      kind: 'trade',
      symbol: this.symbol,
      id: this.#nextId++,
      price: price.toFixed(8),
      quantity: quantity.toFixed(8),
      at,
      buyerIsMaker,
      isBestMatch: true,
    };
    this.#trades.push(trade);
    if (this.#trades.length > this.#keep * 1.25) this.#trades = this.#trades.slice(-this.#keep);
    for (const series of this.#series.values()) series.trade(price, quantity, buyerIsMaker, trade.id, at);
    this.last = price;
    this.lastQuantity = quantity;
    this.#aggregate(trade, taker);
    return trade;
  }

  /** Aggregates that are complete: call it when a taking order is done. */
  takeAggregates(): readonly PublicAggTrade[] {
    this.#close();
    if (this.#done.length === 0) return [];
    const done = this.#done;
    this.#done = [];
    return done;
  }

  #done: PublicAggTrade[] = [];

  #aggregate(t: PublicTrade, taker: string): void {
    const open = this.#open;
    if (
      open !== undefined &&
      open.taker === taker &&
      open.aggregate.price === t.price &&
      open.aggregate.buyerIsMaker === t.buyerIsMaker
    ) {
      const quantity = (Number(open.aggregate.quantity) + Number(t.quantity)).toFixed(8);
      open.aggregate = { ...open.aggregate, quantity, lastTradeId: t.id };
      return;
    }
    this.#close();
    this.#open = {
      taker,
      aggregate: {
        kind: 'aggTrade',
        symbol: this.symbol,
        id: this.#nextAggregate++,
        price: t.price,
        quantity: t.quantity,
        firstTradeId: t.id,
        lastTradeId: t.id,
        at: t.at,
        buyerIsMaker: t.buyerIsMaker,
        isBestMatch: true,
      },
    };
  }

  #close(): void {
    if (this.#open === undefined) return;
    this.#aggregates.push(this.#open.aggregate);
    this.#done.push(this.#open.aggregate);
    this.#open = undefined;
    if (this.#aggregates.length > this.#keep * 1.25) this.#aggregates = this.#aggregates.slice(-this.#keep);
  }

  get trades(): readonly PublicTrade[] {
    return this.#trades;
  }

  get aggregates(): readonly PublicAggTrade[] {
    return this.#aggregates;
  }

  series(interval: string): CandleSeries | undefined {
    return this.#series.get(interval);
  }

  /** Volume-weighted average of the last minutes; the last price when nothing traded; NaN before the first trade. */
  average(minutes: number, now: Micros): number {
    const from = now - minutes * MICROS_PER_MINUTE;
    let quote = 0;
    let volume = 0;
    for (const c of this.#series.get('1m')?.all(now) ?? []) {
      if (c.start < from) continue;
      quote += c.quote;
      volume += c.volume;
    }
    return volume > 0 ? quote / volume : this.last;
  }

  /** Sums over the candles of a rolling window (by minutes) or of a day. */
  window(from: Micros, now: Micros): WindowStats {
    const s: WindowStats = {
      from,
      open: 0,
      high: 0,
      low: 0,
      last: Number.isNaN(this.last) ? 0 : this.last,
      before: 0,
      volume: 0,
      quote: 0,
      count: 0,
      firstId: -1,
      lastId: -1,
    };
    for (const c of this.#series.get('1m')?.all(now) ?? []) {
      if (c.start + MICROS_PER_MINUTE <= from) {
        s.before = c.close;
        continue;
      }
      if (s.open === 0) {
        s.open = c.open;
        s.low = c.low;
      }
      s.high = Math.max(s.high, c.high);
      s.low = Math.min(s.low, c.low);
      s.volume += c.volume;
      s.quote += c.quote;
      s.count += c.trades;
      if (s.firstId < 0) s.firstId = c.first;
      if (c.last >= 0) s.lastId = c.last;
    }
    return s;
  }

  day(now: Micros): WindowStats {
    return this.window(now - MICROS_PER_DAY, now);
  }
}

export interface WindowStats {
  from: Micros;
  open: number;
  high: number;
  low: number;
  last: number;
  /** Close before the window; 0 when unknown. */
  before: number;
  volume: number;
  quote: number;
  count: number;
  firstId: number;
  lastId: number;
}
