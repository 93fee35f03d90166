import { Decimal, ONE, dec } from '../model/decimal.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { RateConfig } from './config.js';
import type { Market } from './market.js';

/** One currency and where its rate into the base currency comes from. */
export interface Currency {
  readonly name: string;
  readonly fixed: Decimal | undefined;
  /** Instrument whose mark is the rate (or one over it); -1 when there is none. */
  readonly ix: number;
  readonly inverse: boolean;
  /** Current rate in floating point; NaN when unknown. */
  rate: number;
}

/**
 * Exchange rates into the base currency: configured numbers first, then configured instruments, then any spot or fx
 * instrument that trades the currency against the base. Nothing else is guessed: USD and USDT are two currencies.
 */
export class Rates {
  readonly base: string;
  readonly #config: Readonly<Record<string, RateConfig>>;
  readonly #instruments: InstrumentTable;
  readonly #market: Market;
  readonly #currencies = new Map<string, Currency>();
  /** Those that follow a mark. */
  readonly #floating: Currency[] = [];

  constructor(
    base: string,
    config: Readonly<Record<string, RateConfig>>,
    instruments: InstrumentTable,
    market: Market,
  ) {
    this.base = base;
    this.#config = config;
    this.#instruments = instruments;
    this.#market = market;
  }

  /** The currency; its instrument is watched from now on. Asked again, an unresolved one looks for new instruments. */
  currency(name: string): Currency {
    let currency = this.#currencies.get(name);
    if (currency === undefined || (currency.fixed === undefined && currency.ix < 0)) {
      const found = this.#resolve(name);
      if (currency === undefined || found.ix >= 0) {
        currency = found;
        this.#currencies.set(name, currency);
        if (currency.ix >= 0) this.#floating.push(currency);
      }
    }
    return currency;
  }

  /** Currencies whose rate follows the mark of this instrument get it. True when one changed. */
  marked(ix: number): boolean {
    let changed = false;
    for (let i = 0; i < this.#floating.length; i++) {
      const currency = this.#floating[i] as Currency;
      if (currency.ix !== ix) continue;
      const rate = this.#rateNumber(currency);
      if (rate === currency.rate || (rate !== rate && currency.rate !== currency.rate)) continue;
      currency.rate = rate;
      changed = true;
    }
    return changed;
  }

  /** Exact rate of now. */
  rate(name: string): Decimal | undefined {
    const currency = this.currency(name);
    if (currency.fixed !== undefined) return currency.fixed;
    const mark = currency.ix < 0 ? NaN : this.#market.mark(currency.ix);
    if (!(mark > 0) || mark === Infinity) return undefined;
    return currency.inverse ? ONE.div(dec(mark)) : dec(mark);
  }

  #rateNumber(currency: Currency): number {
    const mark = this.#market.mark(currency.ix);
    if (!(mark > 0)) return NaN;
    return currency.inverse ? 1 / mark : mark;
  }

  #resolve(name: string): Currency {
    if (name === this.base) return { name, fixed: ONE, ix: -1, inverse: false, rate: 1 };
    const configured = this.#config[name];
    if (typeof configured === 'string' || typeof configured === 'number' || configured instanceof Decimal) {
      const fixed = dec(configured);
      return { name, fixed, ix: -1, inverse: false, rate: fixed.toNumber() };
    }
    let ix = -1;
    let inverse = false;
    if (configured !== undefined) {
      ix = this.#instruments.get(configured.instrument)?.ix ?? -1;
      inverse = configured.inverse ?? false;
    } else {
      for (const instrument of this.#instruments.all) {
        if (instrument.assetClass !== 'crypto_spot' && instrument.assetClass !== 'fx') continue;
        const direct = instrument.base === name && instrument.quote === this.base;
        if (!direct && !(instrument.base === this.base && instrument.quote === name)) continue;
        ix = instrument.ix;
        inverse = !direct;
        break;
      }
    }
    const currency: Currency = { name, fixed: undefined, ix, inverse, rate: NaN };
    if (ix >= 0) {
      this.#market.watch(ix);
      currency.rate = this.#rateNumber(currency);
    }
    return currency;
  }
}
