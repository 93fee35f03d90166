import type { Random } from '../../../streams/random.js';
import type { MarketPort } from '../types.js';
import { Grid } from './grid.js';
import { LevelQueue, type FlowOrder, type FlowSide } from './level-queue.js';

/** A symbol of a seeded flow. Numbers, since the flow is only a simulation. */
export interface FlowSymbol {
  readonly symbol: string;
  readonly price: number;
  readonly tick: number;
  readonly lot: number;
  /** Usual size of an order, in base units. */
  readonly size: number;
}

/** Orders of the flow that rest in the book at a time. */
const RESTING = 400;
/** Steps of price from the fair one to the farthest order. */
const FARTHEST = 60;

/**
 * The order flow of one symbol: limit orders around a wandering fair price, cancels, and orders that take. Its resting
 * orders stand in a queue at each price, oldest first; what accounts take is taken from the front of the queue.
 * Memory: about {@link RESTING} orders.
 */
export class FlowBook {
  readonly symbol: string;
  readonly #port: MarketPort;
  readonly #random: Random;
  readonly #ticks: Grid;
  readonly #lots: Grid;
  readonly #size: number;
  /** Distance between price steps, in ticks. */
  #unit = 1;
  /** Fair price in ticks. */
  #fair = 0;
  readonly #bids = new Map<number, LevelQueue>();
  readonly #asks = new Map<number, LevelQueue>();
  readonly #orders: FlowOrder[] = [];
  /** Best prices of everybody's orders, in ticks; the other side of an empty one is not known. */
  #bestBid = 0;
  #bestAsk = Infinity;
  /** Levels something was taken from since they were last counted: ticks, negative for asks. */
  readonly #taken = new Set<number>();

  constructor({ symbol, price, tick, lot, size }: FlowSymbol, port: MarketPort, random: Random) {
    this.symbol = symbol;
    this.#port = port;
    this.#random = random;
    this.#ticks = new Grid(tick);
    this.#lots = new Grid(lot);
    this.#size = Math.max(2, this.#lots.toUnits(size));
    this.#centre(price);
  }

  /** Fills the book around the price: it replaces what there was. */
  fill(): void {
    this.#bids.clear();
    this.#asks.clear();
    this.#orders.length = 0;
    this.#taken.clear();
    const [bids, asks]: [number[], number[]] = [[], []];
    while (this.#orders.length < RESTING) {
      const side = this.#orders.length % 2 === 0 ? 'BUY' : 'SELL';
      const ticks = this.#place(side);
      if (side === 'BUY' ? ticks < this.#fair : ticks > this.#fair) this.#rest(side, ticks, this.#quantity());
    }
    for (const [ticks, { total }] of this.#bids)
      bids.push(this.#ticks.toNumber(ticks), this.#lots.toNumber(total));
    for (const [ticks, { total }] of this.#asks)
      asks.push(this.#ticks.toNumber(ticks), this.#lots.toNumber(total));
    this.#port.levels(this.symbol, bids, asks, true);
  }

  /** Moves the fair price and fills the book anew around it; orders of accounts in between trade. */
  moveTo(price: number): void {
    this.#centre(price);
    this.#port.levels(this.symbol, [], [], true);
    for (const [side, best] of [
      ['SELL', this.#bestBid],
      ['BUY', this.#bestAsk],
    ] as const) {
      const through = side === 'SELL' ? best >= this.#fair : best <= this.#fair;
      if (through)
        this.#port.take(
          this.symbol,
          side,
          Number.MAX_SAFE_INTEGER / 1e8,
          this.#ticks.toNumber(Math.round(this.#fair)),
        );
    }
    this.fill();
  }

  /** The best prices of the public book changed; NaN or 0: a side is empty. */
  top(bid: number, ask: number): void {
    this.#bestBid = bid > 0 ? this.#ticks.toUnits(bid) : 0;
    this.#bestAsk = ask > 0 ? this.#ticks.toUnits(ask) : Infinity;
  }

  /** Somebody took from the book at a price. */
  traded(price: number, buyerIsMaker: boolean): void {
    const ticks = this.#ticks.toUnits(price);
    this.#taken.add(buyerIsMaker ? ticks : -ticks);
  }

  /** One event of the flow. */
  step(): void {
    if (this.#taken.size > 0) this.#settle();
    const random = this.#random;
    this.#fair = Math.max(this.#unit * (FARTHEST + 10), this.#fair + random.bell() * this.#unit * 0.08);
    const choice = random.next();
    const count = this.#orders.length;
    if (count < RESTING * 0.9 || (choice < 0.46 && count < RESTING * 1.1)) this.#limit();
    else if (choice < 0.9) this.#cancel();
    else this.#market();
  }

  #centre(price: number): void {
    this.#unit = niceUnit((this.#ticks.toUnits(price) * 1e-5) | 0);
    this.#fair = Math.max(this.#ticks.toUnits(price), this.#unit * (FARTHEST + 10));
  }

  #limit(): void {
    const buys = this.#random.next() < 0.5;
    const side: FlowSide = buys ? 'BUY' : 'SELL';
    const ticks = this.#place(side);
    let lots = this.#quantity();
    if (buys ? ticks >= this.#bestAsk : ticks <= this.#bestBid) {
      lots -= this.#take(side, lots, ticks);
      if (lots <= 0) return;
    }
    this.#tell(side, ticks, this.#rest(side, ticks, lots));
  }

  /** Of two orders drawn, the one farther from the fair price goes. */
  #cancel(): void {
    const a = this.#orders[this.#random.below(this.#orders.length)];
    const b = this.#orders[this.#random.below(this.#orders.length)];
    if (a === undefined || b === undefined) return;
    const order = Math.abs(a.level.ticks - this.#fair) >= Math.abs(b.level.ticks - this.#fair) ? a : b;
    const { level } = order;
    level.remove(order);
    this.#forget(order);
    this.#tell(level.side, level.ticks, level);
  }

  #market(): void {
    const mid = (this.#bestBid + this.#bestAsk) / 2;
    const lean = Number.isFinite(mid)
      ? Math.max(-0.3, Math.min(0.3, (this.#fair - mid) / (20 * this.#unit)))
      : 0;
    const side: FlowSide = this.#random.next() < 0.5 + lean ? 'BUY' : 'SELL';
    this.#take(side, this.#quantity(), undefined);
  }

  /** Takes, and brings the queues up to date. Returns the lots taken. */
  #take(side: FlowSide, lots: number, limit: number | undefined): number {
    const quantity = this.#lots.toNumber(lots);
    const taken =
      limit === undefined
        ? this.#port.take(this.symbol, side, quantity)
        : this.#port.take(this.symbol, side, quantity, this.#ticks.toNumber(limit));
    this.#settle();
    return this.#lots.toUnits(taken);
  }

  /** Takes from the front of the queues what the exchange no longer has of them. */
  #settle(): void {
    for (const key of this.#taken) {
      const [levels, side, ticks] =
        key > 0 ? ([this.#bids, 'BUY', key] as const) : ([this.#asks, 'SELL', -key] as const);
      const level = levels.get(ticks);
      if (level === undefined) continue;
      const own = this.#lots.toUnits(this.#port.own(this.symbol, side, this.#ticks.toNumber(ticks)));
      level.takeTo(own, (order) => this.#forget(order));
      if (level.total === 0) levels.delete(ticks);
    }
    this.#taken.clear();
  }

  #rest(side: FlowSide, ticks: number, lots: number): LevelQueue {
    const levels = side === 'BUY' ? this.#bids : this.#asks;
    let level = levels.get(ticks);
    if (level === undefined) levels.set(ticks, (level = new LevelQueue(side, ticks)));
    const order = level.add(lots, this.#orders.length);
    this.#orders.push(order);
    return level;
  }

  #forget(order: FlowOrder): void {
    const last = this.#orders.pop();
    if (last === undefined || last === order) return;
    last.place = order.place;
    this.#orders[order.place] = last;
  }

  #tell(side: FlowSide, ticks: number, level: LevelQueue): void {
    const change = [this.#ticks.toNumber(ticks), this.#lots.toNumber(level.total)];
    if (side === 'BUY') this.#port.levels(this.symbol, change, NOTHING);
    else this.#port.levels(this.symbol, NOTHING, change);
    if (level.total === 0) (side === 'BUY' ? this.#bids : this.#asks).delete(ticks);
  }

  #place(side: FlowSide): number {
    const random = this.#random;
    let steps = random.next() < 0.06 ? -1 : 1;
    while (steps > 0 && steps < FARTHEST && random.next() < 0.88) steps++;
    const off = this.#unit > 1 && random.next() < 0.25 ? random.below(this.#unit) : 0;
    const fair = Math.round(this.#fair / this.#unit) * this.#unit;
    return side === 'BUY' ? fair - steps * this.#unit + off : fair + steps * this.#unit - off;
  }

  #quantity(): number {
    const u = this.#random.next();
    return 1 + Math.floor(this.#size * 3 * u * u);
  }
}

const NOTHING: readonly number[] = [];

/** 1, 2 or 5 times a power of ten, not above `most`. */
function niceUnit(most: number): number {
  let unit = 1;
  for (let step = 0; ; step++) {
    const next = unit * (step % 3 === 1 ? 2.5 : 2);
    if (next > most) return unit;
    unit = next;
  }
}
