/** A streaming indicator in plain numbers: feed it with `update`, read `value` (NaN until `ready`). */
export interface Indicator<In = number> {
  readonly ready: boolean;
  readonly value: number;
  update(input: In): number;
}

/** Makes a fresh indicator: one for each instrument and subscription. */
export type IndicatorFactory<In = number> = () => Indicator<In>;

/** What bar indicators read; every bar event has it. */
export interface Candle {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The last `size` numbers and their sum. The sum is rebuilt once a round, so that rounding does not pile up. */
export class Window {
  readonly #values: Float64Array;
  #next = 0;
  count = 0;
  sum = 0;

  constructor(size: number) {
    if (!(Number.isInteger(size) && size > 0))
      throw new RangeError(`an indicator's period must be a positive whole number, got ${size}`);
    this.#values = new Float64Array(size);
  }

  get full(): boolean {
    return this.count === this.#values.length;
  }

  /** Adds a value; returns the one that left, NaN while filling. */
  push(value: number): number {
    const values = this.#values;
    const size = values.length;
    const old = this.count === size ? (values[this.#next] as number) : NaN;
    values[this.#next] = value;
    this.#next = this.#next + 1 === size ? 0 : this.#next + 1;
    if (this.count < size) {
      this.count++;
      this.sum += value;
    } else if (this.#next === 0) {
      this.sum = 0;
      for (let i = 0; i < size; i++) this.sum += values[i] as number;
    } else {
      this.sum += value - old;
    }
    return old;
  }

  /** Value `back` steps ago; 0 is the newest. */
  at(back: number): number {
    const size = this.#values.length;
    return this.#values[(this.#next - 1 - back + 2 * size) % size] as number;
  }

  get max(): number {
    let best = -Infinity;
    for (let i = 0; i < this.count; i++) best = Math.max(best, this.#values[i] as number);
    return best;
  }

  get min(): number {
    let best = Infinity;
    for (let i = 0; i < this.count; i++) best = Math.min(best, this.#values[i] as number);
    return best;
  }
}

export const typicalPrice = (bar: Candle): number => (bar.high + bar.low + bar.close) / 3;
/** Mean of open, high, low and close. */
export const averagePrice = (bar: Candle): number => (bar.open + bar.high + bar.low + bar.close) / 4;
