import type { BookEvent } from '../model/event.js';

/**
 * A price-level book kept in sorted arrays, best level last, so that changes near the top move little. Snapshots
 * replace it, deltas change levels, size 0 deletes one. What our own fills take is taken off the level until the
 * venue speaks of that level again.
 */
export class DepthBook {
  readonly #bids = new Levels(1);
  readonly #asks = new Levels(-1);

  apply(event: BookEvent): void {
    if (event.snapshot) {
      this.#bids.clear();
      this.#asks.clear();
    }
    this.#bids.change(event.bids);
    this.#asks.change(event.asks);
  }

  /** Levels a buy (`sign` 1) or sell (-1) trades against. */
  against(sign: number): Levels {
    return sign > 0 ? this.#asks : this.#bids;
  }

  /** Levels on the side a buy (`sign` 1) or sell (-1) rests on. */
  own(sign: number): Levels {
    return sign > 0 ? this.#bids : this.#asks;
  }
}

/** One side of a book. `order` 1: prices ascend to the best (bids); -1: they descend to the best (asks). */
export class Levels {
  readonly #order: number;
  readonly #prices: number[] = [];
  readonly #sizes: number[] = [];

  constructor(order: number) {
    this.#order = order;
  }

  get length(): number {
    return this.#prices.length;
  }

  /** Price of the n-th level from the best; NaN past the end. */
  price(n: number): number {
    return this.#prices[this.#prices.length - 1 - n] ?? NaN;
  }

  size(n: number): number {
    return this.#sizes[this.#sizes.length - 1 - n] ?? NaN;
  }

  /** Size shown at a price; 0 when there is no such level. */
  sizeAt(price: number): number {
    const i = this.#find(price);
    return this.#prices[i] === price ? (this.#sizes[i] ?? 0) : 0;
  }

  /** Takes `size` off the n-th level from the best; an emptied level goes. */
  take(n: number, size: number): void {
    const i = this.#prices.length - 1 - n;
    const left = (this.#sizes[i] ?? 0) - size;
    if (left > 0) this.#sizes[i] = left;
    else this.#remove(i);
  }

  change(levels: readonly number[]): void {
    for (let i = 0; i + 1 < levels.length; i += 2) this.#set(levels[i] ?? NaN, levels[i + 1] ?? NaN);
  }

  clear(): void {
    this.#prices.length = 0;
    this.#sizes.length = 0;
  }

  #set(price: number, size: number): void {
    const i = this.#find(price);
    if (this.#prices[i] === price) {
      if (size > 0) this.#sizes[i] = size;
      else this.#remove(i);
    } else if (size > 0 && Number.isFinite(price)) {
      this.#prices.splice(i, 0, price);
      this.#sizes.splice(i, 0, size);
    }
  }

  #remove(i: number): void {
    this.#prices.splice(i, 1);
    this.#sizes.splice(i, 1);
  }

  /** Place of the price, or where it belongs. */
  #find(price: number): number {
    let low = 0;
    let high = this.#prices.length;
    while (low < high) {
      const mid = (low + high) >>> 1;
      if (((this.#prices[mid] ?? NaN) - price) * this.#order < 0) low = mid + 1;
      else high = mid;
    }
    return low;
  }
}
