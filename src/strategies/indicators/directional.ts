import { Wilder } from './averages.js';
import { Window, type Candle, type Indicator, type IndicatorFactory } from './indicator.js';
import { trueRange } from './volatility.js';

/** Wilder's running sum: the sum of the first `period` values, then sum - sum / period + value. */
class WilderSum {
  readonly #period: number;
  #count = 0;
  sum = 0;

  constructor(period: number) {
    this.#period = period;
  }

  get ready(): boolean {
    return this.#count >= this.#period;
  }

  push(value: number): void {
    if (this.#count < this.#period) {
      this.#count++;
      this.sum += value;
    } else {
      this.sum += value - this.sum / this.#period;
    }
  }
}

/** Average directional index (Wilder 1978), with the directional indicators and the rating it is made of. */
export class Adx implements Indicator<Candle> {
  readonly #range: WilderSum;
  readonly #plus: WilderSum;
  readonly #minus: WilderSum;
  readonly #adx: Wilder;
  readonly #past: Window;
  readonly #period: number;
  #last: Candle | undefined;
  trueRange: number = NaN;
  plusMove: number = NaN;
  minusMove: number = NaN;
  dx: number = NaN;

  constructor(period = 14) {
    this.#period = period;
    this.#range = new WilderSum(period);
    this.#plus = new WilderSum(period);
    this.#minus = new WilderSum(period);
    this.#adx = new Wilder(period);
    this.#past = new Window(period);
  }

  get ready(): boolean {
    return this.#adx.ready;
  }

  get value(): number {
    return this.#adx.value;
  }

  /** Smoothed sums of true range and directional movement. */
  get sums(): { readonly range: number; readonly plus: number; readonly minus: number } {
    return { range: this.#range.sum, plus: this.#plus.sum, minus: this.#minus.sum };
  }

  get plusDi(): number {
    return this.#range.ready ? (100 * this.#plus.sum) / this.#range.sum : NaN;
  }

  get minusDi(): number {
    return this.#range.ready ? (100 * this.#minus.sum) / this.#range.sum : NaN;
  }

  /** Average directional movement rating: mean of ADX now and `period` - 1 bars ago. */
  get rating(): number {
    return this.#past.full ? (this.#past.at(0) + this.#past.at(this.#period - 1)) / 2 : NaN;
  }

  update(bar: Candle): number {
    const last = this.#last;
    this.#last = { open: bar.open, high: bar.high, low: bar.low, close: bar.close, volume: bar.volume };
    if (last === undefined) return NaN;
    const up = bar.high - last.high;
    const down = last.low - bar.low;
    this.trueRange = trueRange(bar, last.close);
    this.plusMove = up > down && up > 0 ? up : 0;
    this.minusMove = down > up && down > 0 ? down : 0;
    this.#range.push(this.trueRange);
    this.#plus.push(this.plusMove);
    this.#minus.push(this.minusMove);
    if (this.#range.ready) {
      const plus = this.plusDi;
      const minus = this.minusDi;
      this.dx = plus + minus > 0 ? (100 * Math.abs(plus - minus)) / (plus + minus) : 0;
      this.#adx.update(this.dx);
      if (this.#adx.ready) this.#past.push(this.#adx.value);
    }
    return this.value;
  }
}

export const adx =
  (period?: number): IndicatorFactory<Candle> =>
  () =>
    new Adx(period);
