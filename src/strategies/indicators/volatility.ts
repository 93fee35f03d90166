import { Sma, Wilder } from './averages.js';
import { Window, typicalPrice, type Candle, type Indicator, type IndicatorFactory } from './indicator.js';

/** Range of a bar together with the gap from the close before it. */
export function trueRange(bar: Candle, previousClose: number): number {
  if (Number.isNaN(previousClose)) return bar.high - bar.low;
  return Math.max(bar.high - bar.low, Math.abs(bar.high - previousClose), Math.abs(bar.low - previousClose));
}

/** Average true range; Wilder's average by default, or a simple one. */
export class Atr implements Indicator<Candle> {
  readonly #average: Indicator;
  #close = NaN;

  constructor(period = 14, smoothing: 'wilder' | 'simple' = 'wilder') {
    this.#average = smoothing === 'wilder' ? new Wilder(period) : new Sma(period);
  }

  get ready(): boolean {
    return this.#average.ready;
  }

  get value(): number {
    return this.#average.value;
  }

  update(bar: Candle): number {
    this.#average.update(trueRange(bar, this.#close));
    this.#close = bar.close;
    return this.value;
  }
}

/** Bollinger bands: simple average plus and minus `width` population standard deviations. `value` is the middle. */
export class BollingerBands implements Indicator {
  readonly #window: Window;
  readonly #period: number;
  readonly #width: number;
  #price = NaN;
  value: number = NaN;
  upper: number = NaN;
  lower: number = NaN;

  constructor(period = 20, width = 2) {
    this.#window = new Window(period);
    this.#period = period;
    this.#width = width;
  }

  get ready(): boolean {
    return this.#window.full;
  }

  /** Width of the bands in percent of the middle. */
  get bandWidth(): number {
    return (100 * (this.upper - this.lower)) / this.value;
  }

  /** Place of the last price between the bands: 0 at the lower, 1 at the upper. */
  get percentB(): number {
    return (this.#price - this.lower) / (this.upper - this.lower);
  }

  update(input: number): number {
    this.#window.push(input);
    this.#price = input;
    if (this.#window.full) {
      const mean = this.#window.sum / this.#period;
      let squares = 0;
      for (let i = 0; i < this.#period; i++) squares += (this.#window.at(i) - mean) ** 2;
      const reach = this.#width * Math.sqrt(squares / this.#period);
      this.value = mean;
      this.upper = mean + reach;
      this.lower = mean - reach;
    }
    return this.value;
  }
}

/** Keltner channels: simple average of the typical price plus and minus `width` average true ranges (simple). */
export class KeltnerChannels implements Indicator<Candle> {
  readonly #middle: Sma;
  readonly #range: Atr;
  readonly #width: number;

  constructor(period = 20, width = 1.5) {
    this.#middle = new Sma(period);
    this.#range = new Atr(period, 'simple');
    this.#width = width;
  }

  get ready(): boolean {
    return this.#middle.ready;
  }

  get value(): number {
    return this.#middle.value;
  }

  get upper(): number {
    return this.#middle.value + this.#width * this.#range.value;
  }

  get lower(): number {
    return this.#middle.value - this.#width * this.#range.value;
  }

  update(bar: Candle): number {
    this.#range.update(bar);
    return this.#middle.update(typicalPrice(bar));
  }
}

export const atr =
  (period?: number, smoothing?: 'wilder' | 'simple'): IndicatorFactory<Candle> =>
  () =>
    new Atr(period, smoothing);
export const bollinger =
  (period?: number, width?: number): IndicatorFactory =>
  () =>
    new BollingerBands(period, width);
export const keltner =
  (period?: number, width?: number): IndicatorFactory<Candle> =>
  () =>
    new KeltnerChannels(period, width);
