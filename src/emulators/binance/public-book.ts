import { Decimal, ZERO, dec } from '../../model/decimal.js';
import type { Micros } from '../../model/time.js';
import { Levels, type DepthBook } from '../../matching/index.js';
import type { SpotSide } from './order.js';
import type { SpotSymbol } from './symbol.js';
import type { DepthSnapshot, PublicDepth, PublicTop } from './types.js';

type Rows = readonly (readonly [price: string, quantity: string])[];

/**
 * The book as everybody sees it: the market's own levels and the accounts' resting orders, by price. What was told in
 * diffs and what a snapshot shows are the same numbers, so a client that applies every diff has this book.
 */
export class PublicBook {
  readonly #symbol: SpotSymbol;
  readonly #market: () => DepthBook | undefined;
  readonly #lot: number;
  readonly #shown = { bids: new Levels(1), asks: new Levels(-1) };
  readonly #own = { bids: new Map<number, Decimal>(), asks: new Map<number, Decimal>() };
  readonly #dirty = { bids: new Set<number>(), asks: new Set<number>() };
  readonly #bestOwn = { bids: NaN, asks: NaN };
  #updateId = 1;
  #top: PublicTop;

  constructor(symbol: SpotSymbol, market: () => DepthBook | undefined, now: Micros) {
    this.#symbol = symbol;
    this.#market = market;
    this.#lot = symbol.step.toNumber();
    this.#top = this.#readTop(now);
  }

  get top(): PublicTop {
    return this.#top;
  }

  /** Side a buy or sell meets, best first. */
  against(side: SpotSide): Levels {
    return side === 'BUY' ? this.#shown.asks : this.#shown.bids;
  }

  /** An account's order came to rest, grew smaller or left. */
  own(side: SpotSide, price: Decimal, change: Decimal): void {
    const name = side === 'BUY' ? 'bids' : 'asks';
    const key = price.toNumber();
    const sum = (this.#own[name].get(key) ?? ZERO).plus(change);
    if (sum.isZero()) this.#own[name].delete(key);
    else this.#own[name].set(key, sum);
    this.#dirty[name].add(key);
    const prices = [...this.#own[name].keys()];
    this.#bestOwn[name] =
      prices.length === 0 ? NaN : name === 'bids' ? Math.max(...prices) : Math.min(...prices);
  }

  /** Best price of the accounts' resting orders of a side; NaN when there is none. */
  bestOwn(side: SpotSide): number {
    return side === 'BUY' ? this.#bestOwn.bids : this.#bestOwn.asks;
  }

  /** The market's own quantity at a price of this side may have changed. */
  touch(side: SpotSide, price: number): void {
    this.#dirty[side === 'BUY' ? 'bids' : 'asks'].add(price);
  }

  /** Everything that is shown may have changed. */
  touchAll(): void {
    for (const name of ['bids', 'asks'] as const) {
      const shown = this.#shown[name];
      for (let n = 0; n < shown.length; n++) this.#dirty[name].add(shown.price(n));
      const market = this.#market()?.own(name === 'bids' ? 1 : -1);
      for (let n = 0; market !== undefined && n < market.length; n++) this.#dirty[name].add(market.price(n));
    }
  }

  /** Levels of the market whose stored size is not a whole number of lots, with what it should be. */
  corrections(): { readonly bids: number[]; readonly asks: number[] } | undefined {
    const fix = { bids: [] as number[], asks: [] as number[] };
    for (const name of ['bids', 'asks'] as const) {
      const market = this.#market()?.own(name === 'bids' ? 1 : -1);
      if (market === undefined) continue;
      for (const price of this.#dirty[name]) {
        const size = market.sizeAt(price);
        const whole = this.#whole(size);
        if (whole !== size) fix[name].push(price, whole);
      }
    }
    return fix.bids.length + fix.asks.length === 0 ? undefined : fix;
  }

  /** What changed since the last call. */
  flush(now: Micros): { readonly depth: PublicDepth; readonly top: PublicTop | undefined } | undefined {
    if (!this.dirty) return undefined;
    const bids = this.#changes('bids');
    const asks = this.#changes('asks');
    const count = bids.length + asks.length;
    if (count === 0) return undefined;
    const first = this.#updateId + 1;
    this.#updateId += count;
    const symbol = this.#symbol.name;
    const depth: PublicDepth = { kind: 'depth', symbol, first, last: this.#updateId, bids, asks, at: now };
    const before = this.#top;
    const top = this.#readTop(now);
    if (
      top.bid === before.bid &&
      top.ask === before.ask &&
      top.bidQuantity === before.bidQuantity &&
      top.askQuantity === before.askQuantity
    )
      return { depth, top: undefined };
    this.#top = top;
    return { depth, top };
  }

  snapshot(limit: number): DepthSnapshot {
    return {
      lastUpdateId: this.#updateId,
      bids: rows(this.#shown.bids, limit),
      asks: rows(this.#shown.asks, limit),
    };
  }

  /** True when something was noted that {@link PublicBook.flush} has not looked at. */
  get dirty(): boolean {
    return this.#dirty.bids.size + this.#dirty.asks.size > 0;
  }

  #changes(name: 'bids' | 'asks'): Rows {
    const changes: (readonly [string, string])[] = [];
    const market = this.#market()?.own(name === 'bids' ? 1 : -1);
    for (const price of this.#dirty[name]) {
      const own = this.#own[name].get(price);
      let size = this.#whole(market?.sizeAt(price) ?? 0);
      if (own !== undefined) size = own.plus(dec(size)).toNumber();
      if (size === this.#shown[name].sizeAt(price)) continue;
      this.#shown[name].change([price, size]);
      changes.push([price.toFixed(8), size.toFixed(8)]);
    }
    this.#dirty[name].clear();
    return changes;
  }

  /** A size as a whole number of lots, rounding errors of floating point aside. */
  #whole(size: number): number {
    if (!(size > 0)) return 0;
    return Number((Math.floor(size / this.#lot + 1e-3) * this.#lot).toFixed(8));
  }

  #readTop(now: Micros): PublicTop {
    const { bids, asks } = this.#shown;
    const text = (value: number): string => (Number.isNaN(value) ? '0.00000000' : value.toFixed(8));
    return {
      kind: 'top',
      symbol: this.#symbol.name,
      updateId: this.#updateId,
      bid: text(bids.price(0)),
      bidQuantity: text(bids.size(0)),
      ask: text(asks.price(0)),
      askQuantity: text(asks.size(0)),
      at: now,
    };
  }
}

function rows(levels: Levels, limit: number): Rows {
  const out: (readonly [string, string])[] = [];
  for (let n = 0; n < levels.length && n < limit; n++)
    out.push([levels.price(n).toFixed(8), levels.size(n).toFixed(8)]);
  return out;
}
