/**
 * One side of a book: prices and sizes in two sorted arrays of doubles, the best level last, so that the busy end
 * moves few elements. Look-up is a binary search; an insert moves the levels above it. Memory is 16 bytes a level.
 */
export class BookSide {
  /** Price times sign, ascending: the best is last for both sides. */
  #keys: Float64Array = new Float64Array(256);
  #sizes: Float64Array = new Float64Array(256);
  #count = 0;
  readonly #sign: number;

  /** `sign` is 1 for bids (highest is best) and -1 for asks (lowest is best). */
  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  get count(): number {
    return this.#count;
  }

  /** Best price, NaN when empty. */
  get price(): number {
    return this.#count === 0 ? NaN : this.#sign * (this.#keys[this.#count - 1] as number);
  }

  /** Size at the best price, 0 when empty. */
  get size(): number {
    return this.#count === 0 ? 0 : (this.#sizes[this.#count - 1] as number);
  }

  /** Price of the level `depth` steps behind the best (0 is the best); NaN when there is none. */
  priceAt(depth: number): number {
    return depth < this.#count ? this.#sign * (this.#keys[this.#count - 1 - depth] as number) : NaN;
  }

  sizeAt(depth: number): number {
    return depth < this.#count ? (this.#sizes[this.#count - 1 - depth] as number) : 0;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Sets the size of a level; size 0 deletes it (deleting an unknown level is normal and does nothing). */
  set(price: number, size: number): void {
    const keys = this.#keys;
    const key = this.#sign * price;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    const found = low < this.#count && keys[low] === key;
    if (size > 0) {
      if (!found) this.#insert(low, key);
      this.#sizes[low] = size;
    } else if (found) {
      this.#keys.copyWithin(low, low + 1, this.#count);
      this.#sizes.copyWithin(low, low + 1, this.#count);
      this.#count--;
    }
  }

  /** `[price, size, ...]`, best first, at most `depth` levels. */
  levels(depth: number = this.#count): number[] {
    const out: number[] = [];
    for (let i = 0; i < Math.min(depth, this.#count); i++) out.push(this.priceAt(i), this.sizeAt(i));
    return out;
  }

  #insert(index: number, key: number): void {
    if (this.#count === this.#keys.length) {
      this.#keys = grown(this.#keys);
      this.#sizes = grown(this.#sizes);
    }
    this.#keys.copyWithin(index + 1, index, this.#count);
    this.#sizes.copyWithin(index + 1, index, this.#count);
    this.#keys[index] = key;
    this.#count++;
  }
}

function grown(old: Float64Array): Float64Array {
  const next = new Float64Array(old.length * 2);
  next.set(old);
  return next;
}
