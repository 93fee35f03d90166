import { Window, type Indicator, type IndicatorFactory } from './indicator.js';

/** Simple moving average. */
export class Sma implements Indicator {
  readonly #window: Window;
  readonly #period: number;
  value: number = NaN;

  constructor(period: number) {
    this.#window = new Window(period);
    this.#period = period;
  }

  get ready(): boolean {
    return this.#window.full;
  }

  update(input: number): number {
    this.#window.push(input);
    if (this.#window.full) this.value = this.#window.sum / this.#period;
    return this.value;
  }
}

/** Exponential average seeded with the simple average of its first `period` values; `alpha` defaults to 2 / (period + 1). */
export class Ema implements Indicator {
  readonly #period: number;
  readonly #alpha: number;
  #count = 0;
  #sum = 0;
  value: number = NaN;

  constructor(period: number, alpha: number = 2 / (period + 1)) {
    if (!(period > 0)) throw new RangeError(`an indicator's period must be above zero, got ${period}`);
    this.#period = period;
    this.#alpha = alpha;
  }

  get ready(): boolean {
    return this.#count >= this.#period;
  }

  update(input: number): number {
    if (this.#count >= this.#period) {
      this.value += this.#alpha * (input - this.value);
    } else {
      this.#sum += input;
      if (++this.#count === this.#period) this.value = this.#sum / this.#period;
    }
    return this.value;
  }
}

/** Wilder's average (Wilder 1978): an exponential one with alpha 1 / period, seeded likewise. */
export class Wilder extends Ema {
  constructor(period: number) {
    super(period, 1 / period);
  }
}

/**
 * Kaufman's adaptive average (Kaufman 1995): the smoothing between `fast` and `slow` follows the efficiency ratio,
 * |change over the period| / sum of |changes|. Starts at the value before the first full window.
 */
export class Kama implements Indicator {
  readonly #period: number;
  readonly #values: Window;
  readonly #moves: Window;
  readonly #fast: number;
  readonly #slow: number;
  #last = NaN;
  value: number = NaN;

  constructor(period: number, fast = 2, slow = 30) {
    this.#period = period;
    this.#values = new Window(period + 1);
    this.#moves = new Window(period);
    this.#fast = 2 / (fast + 1);
    this.#slow = 2 / (slow + 1);
  }

  get ready(): boolean {
    return this.#values.full;
  }

  update(input: number): number {
    const last = this.#last;
    this.#last = input;
    this.#values.push(input);
    if (!Number.isNaN(last)) this.#moves.push(Math.abs(input - last));
    if (!this.#values.full) return this.value;
    if (Number.isNaN(this.value)) this.value = last;
    const noise = this.#moves.sum;
    const efficiency = noise > 0 ? Math.min(1, Math.abs(input - this.#values.at(this.#period)) / noise) : 1;
    const smoothing = (efficiency * (this.#fast - this.#slow) + this.#slow) ** 2;
    this.value += smoothing * (input - this.value);
    return this.value;
  }
}

export const sma =
  (period: number): IndicatorFactory =>
  () =>
    new Sma(period);
export const ema =
  (period: number): IndicatorFactory =>
  () =>
    new Ema(period);
export const wilder =
  (period: number): IndicatorFactory =>
  () =>
    new Wilder(period);
export const kama =
  (period: number, fast?: number, slow?: number): IndicatorFactory =>
  () =>
    new Kama(period, fast, slow);
