import { Window, typicalPrice, type Candle, type Indicator, type IndicatorFactory } from './indicator.js';

/**
 * On-balance volume (Granville 1963): adds the volume of a rising bar, subtracts that of a falling one. It starts at
 * the first bar's volume.
 */
export class Obv implements Indicator<Candle> {
  #close = NaN;
  value: number = NaN;

  get ready(): boolean {
    return !Number.isNaN(this.value);
  }

  update(bar: Candle): number {
    this.value = Number.isNaN(this.#close)
      ? bar.volume
      : this.value + Math.sign(bar.close - this.#close) * bar.volume;
    this.#close = bar.close;
    return this.value;
  }
}

/** Volume-weighted average price over the last `period` bars; a bar counts with its typical price, or as `price` says. */
export class Vwap implements Indicator<Candle> {
  readonly #values: Window;
  readonly #volumes: Window;

  readonly #price: (bar: Candle) => number;

  constructor(period: number, price: (bar: Candle) => number = typicalPrice) {
    this.#price = price;
    this.#values = new Window(period);
    this.#volumes = new Window(period);
  }

  get ready(): boolean {
    return this.#values.full;
  }

  get value(): number {
    return this.ready ? this.#values.sum / this.#volumes.sum : NaN;
  }

  update(bar: Candle): number {
    this.#values.push(this.#price(bar) * bar.volume);
    this.#volumes.push(bar.volume);
    return this.value;
  }
}

export const obv = (): IndicatorFactory<Candle> => () => new Obv();
export const vwap =
  (period: number): IndicatorFactory<Candle> =>
  () =>
    new Vwap(period);
