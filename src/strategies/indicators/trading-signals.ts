import type { Indicator, IndicatorFactory } from './indicator.js';

/** The part of a trading-signals indicator that is used. */
export interface TradingSignal<In> {
  readonly isStable: boolean;
  update(input: In, replace: boolean): unknown;
  getResult(): number | null;
}

/** Any single-valued indicator of the trading-signals library: `fromTradingSignals(() => new CCI(20))`. */
export function fromTradingSignals<In>(make: () => TradingSignal<In>): IndicatorFactory<In> {
  return () => new Adapter<In>(make());
}

class Adapter<In> implements Indicator<In> {
  readonly #signal: TradingSignal<In>;
  value: number = NaN;

  constructor(signal: TradingSignal<In>) {
    this.#signal = signal;
  }

  get ready(): boolean {
    return this.#signal.isStable;
  }

  update(input: In): number {
    this.#signal.update(input, false);
    if (this.#signal.isStable) this.value = this.#signal.getResult() ?? NaN;
    return this.value;
  }
}
