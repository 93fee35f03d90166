export type RingPolicy = 'drop_oldest' | 'drop_newest';

/**
 * A fixed-capacity queue of references between the loop and a sink that must not slow it.
 * `push` is a few nanoseconds and allocates nothing; when it is full, one value is dropped and counted.
 * Memory: `capacity` references, allocated once.
 */
export class BestEffortRing<T> {
  readonly capacity: number;
  readonly policy: RingPolicy;
  readonly #slots: (T | undefined)[];
  #head = 0;
  #size = 0;
  #pushed = 0;
  #dropped = 0;

  constructor(capacity: number, policy: RingPolicy = 'drop_oldest') {
    if (!Number.isSafeInteger(capacity) || capacity < 1)
      throw new RangeError(`The capacity of a ring must be a whole number from 1, not ${capacity}.`);
    this.capacity = capacity;
    this.policy = policy;
    this.#slots = new Array<T | undefined>(capacity).fill(undefined);
  }

  /** Values waiting. */
  get size(): number {
    return this.#size;
  }

  /** Values offered so far, dropped ones included. */
  get pushed(): number {
    return this.#pushed;
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** False when a value, the oldest or this one, was dropped. */
  push(value: T): boolean {
    this.#pushed++;
    if (this.#size < this.capacity) {
      let tail = this.#head + this.#size;
      if (tail >= this.capacity) tail -= this.capacity;
      this.#slots[tail] = value;
      this.#size++;
      return true;
    }
    this.#dropped++;
    if (this.policy === 'drop_oldest') {
      this.#slots[this.#head] = value;
      this.#head = this.#head + 1 === this.capacity ? 0 : this.#head + 1;
    }
    return false;
  }

  /** Gives at most `max` values, oldest first, to `fn`; returns how many. A value whose `fn` throws is taken too. */
  drain(max: number, fn: (value: T) => void): number {
    let taken = 0;
    while (taken < max && this.#size > 0) {
      const value = this.#slots[this.#head] as T; // inside [head, head + size): always set
      this.#slots[this.#head] = undefined;
      this.#head = this.#head + 1 === this.capacity ? 0 : this.#head + 1;
      this.#size--;
      taken++;
      fn(value);
    }
    return taken;
  }
}
