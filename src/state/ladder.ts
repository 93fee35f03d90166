import type { Hasher } from './hash.js';

/** One side of a book as State keeps it: prices from best to worst, with sizes. Memory: the levels the feed names. */
export class Ladder {
  readonly #prices: number[] = [];
  readonly #sizes: number[] = [];
  /** 1 where the best is the lowest (asks), -1 for bids. */
  readonly #direction: number;

  constructor(direction: 1 | -1) {
    this.#direction = direction;
  }

  get price(): number {
    return this.#prices[0] ?? NaN;
  }

  get size(): number {
    return this.#sizes[0] ?? NaN;
  }

  clear(): void {
    this.#prices.length = 0;
    this.#sizes.length = 0;
  }

  /** Applies `[price, size, ...]`; size 0 deletes. Levels already in order are appended without a search. */
  update(levels: readonly number[]): void {
    for (let i = 0; i + 1 < levels.length; i += 2) this.#set(levels[i] as number, levels[i + 1] as number);
  }

  save(): readonly [prices: readonly number[], sizes: readonly number[]] {
    return [[...this.#prices], [...this.#sizes]];
  }

  load([prices, sizes]: ReturnType<Ladder['save']>): void {
    this.clear();
    this.#prices.push(...prices);
    this.#sizes.push(...sizes);
  }

  hash(hasher: Hasher): void {
    hasher.int(this.#prices.length);
    for (let i = 0; i < this.#prices.length; i++) {
      hasher.num(this.#prices[i] as number).num(this.#sizes[i] as number);
    }
  }

  #set(price: number, size: number): void {
    const prices = this.#prices;
    const d = this.#direction;
    let low = 0;
    let high = prices.length;
    if (high > 0 && d * ((prices[high - 1] as number) - price) < 0) low = high;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (d * ((prices[middle] as number) - price) < 0) low = middle + 1;
      else high = middle;
    }
    const found = prices[low] === price;
    if (size > 0) {
      if (found) this.#sizes[low] = size;
      else {
        prices.splice(low, 0, price);
        this.#sizes.splice(low, 0, size);
      }
    } else if (found) {
      prices.splice(low, 1);
      this.#sizes.splice(low, 1);
    }
  }
}
