import { Ema, Sma, Wilder } from './averages.js';
import { Window, type Candle, type Indicator, type IndicatorFactory } from './indicator.js';

/** Difference of two exponential averages, its own exponential average as signal, and their difference. */
export class Macd implements Indicator {
  readonly #fast: Ema;
  readonly #slow: Ema;
  readonly #signal: Ema;
  value: number = NaN;

  constructor(fast = 12, slow = 26, signal = 9) {
    this.#fast = new Ema(fast);
    this.#slow = new Ema(slow);
    this.#signal = new Ema(signal);
  }

  get ready(): boolean {
    return this.#slow.ready;
  }

  get signal(): number {
    return this.#signal.value;
  }

  get histogram(): number {
    return this.value - this.#signal.value;
  }

  update(input: number): number {
    const fast = this.#fast.update(input);
    const slow = this.#slow.update(input);
    if (this.#slow.ready && this.#fast.ready) {
      this.value = fast - slow;
      this.#signal.update(this.value);
    }
    return this.value;
  }
}

/** Relative strength index: 100 - 100 / (1 + average gain / average loss); averages are Wilder's, or simple ones (Cutler). */
export class Rsi implements Indicator {
  readonly #gain: Indicator;
  readonly #loss: Indicator;
  #last = NaN;
  value: number = NaN;

  constructor(period = 14, smoothing: 'wilder' | 'simple' = 'wilder') {
    this.#gain = smoothing === 'wilder' ? new Wilder(period) : new Sma(period);
    this.#loss = smoothing === 'wilder' ? new Wilder(period) : new Sma(period);
  }

  get ready(): boolean {
    return this.#gain.ready;
  }

  update(input: number): number {
    if (!Number.isNaN(this.#last)) {
      const change = input - this.#last;
      const gain = this.#gain.update(Math.max(0, change));
      const loss = this.#loss.update(Math.max(0, -change));
      if (this.ready) this.value = loss <= 0 ? (gain <= 0 ? 50 : 100) : 100 - 100 / (1 + gain / loss);
    }
    this.#last = input;
    return this.value;
  }
}

/** Stochastic oscillator: %K is the close's place in the range of `period` bars, smoothed; `signal` is %D, its average. */
export class Stochastic implements Indicator<Candle> {
  readonly #highs: Window;
  readonly #lows: Window;
  readonly #k: Sma;
  readonly #d: Sma;

  constructor(period = 14, smoothing = 1, signal = 3) {
    this.#highs = new Window(period);
    this.#lows = new Window(period);
    this.#k = new Sma(smoothing);
    this.#d = new Sma(signal);
  }

  get ready(): boolean {
    return this.#k.ready;
  }

  get value(): number {
    return this.#k.value;
  }

  get signal(): number {
    return this.#d.value;
  }

  update(bar: Candle): number {
    this.#highs.push(bar.high);
    this.#lows.push(bar.low);
    if (this.#highs.full) {
      const low = this.#lows.min;
      const range = this.#highs.max - low;
      this.#k.update(range > 0 ? (100 * (bar.close - low)) / range : 50);
      if (this.#k.ready) this.#d.update(this.#k.value);
    }
    return this.value;
  }
}

export const macd =
  (fast?: number, slow?: number, signal?: number): IndicatorFactory =>
  () =>
    new Macd(fast, slow, signal);
export const rsi =
  (period?: number, smoothing?: 'wilder' | 'simple'): IndicatorFactory =>
  () =>
    new Rsi(period, smoothing);
export const stochastic =
  (period?: number, smoothing?: number, signal?: number): IndicatorFactory<Candle> =>
  () =>
    new Stochastic(period, smoothing, signal);
