import { Decimal, ZERO, dec } from '../model/decimal.js';
import type { Instrument, Side } from '../model/instrument.js';
import type { Micros } from '../model/time.js';
import type { Hasher } from './hash.js';
import type { Currency } from './rates.js';
import type { Position } from './view.js';

/** Fills of perpetuals and futures move no notional: only profit and fees. */
function isDerivative(instrument: Instrument): boolean {
  return instrument.assetClass === 'crypto_perp' || instrument.assetClass === 'future';
}

export interface SavedPosition {
  readonly ix: number;
  readonly quantity: Decimal;
  readonly averagePrice: Decimal;
  readonly realizedPnl: Decimal;
  readonly fees: Decimal;
  readonly openedAt: Micros;
  readonly value: number;
}

/** One position at average cost, with the floating-point copies that marking needs. */
export class PositionRecord implements Position {
  readonly account: string;
  readonly ix: number;
  readonly instrument: string;
  readonly definition: Instrument;
  readonly derivative: boolean;
  /** Currency its value and profit are in. */
  currency: Currency;
  quantity: Decimal = ZERO;
  averagePrice: Decimal = ZERO;
  realizedPnl: Decimal = ZERO;
  fees: Decimal = ZERO;
  openedAt: Micros = 0;
  sign = 0;
  /** What it adds to equity in base currency: market value, or for a derivative the open profit. */
  value = 0;
  #units = 0;
  #cost = 0;

  constructor(account: string, instrument: Instrument, currency: Currency) {
    this.account = account;
    this.instrument = instrument.symbol;
    this.ix = instrument.ix;
    this.definition = instrument;
    this.derivative = isDerivative(instrument);
    this.currency = currency;
  }

  /** Floating-point value at a mark; NaN when mark or rate are unknown, 0 when flat. */
  valueAt(mark: number): number {
    return this.#units === 0 ? 0 : this.#units * (mark - this.#cost) * this.currency.rate;
  }

  /** Exact value in its own currency. */
  exactValue(mark: Decimal): Decimal {
    const price = this.derivative ? mark.minus(this.averagePrice) : mark;
    return this.quantity.times(price).times(this.definition.multiplier);
  }

  /** Folds one fill; returns the profit it realized, before fees, in the position's currency. */
  fill(side: Side, quantity: Decimal, price: Decimal, at: Micros): Decimal {
    const delta = side === 'buy' ? quantity : quantity.neg();
    const before = this.quantity;
    const after = before.plus(delta);
    let realized = ZERO;
    if (before.isZero() || before.isNegative() === delta.isNegative()) {
      if (before.isZero()) this.openedAt = at;
      const cost = before.abs().times(this.averagePrice).plus(quantity.times(price));
      this.averagePrice = cost.div(after.abs());
    } else {
      const closed = Decimal.min(before.abs(), quantity);
      const gain = price.minus(this.averagePrice).times(closed).times(this.definition.multiplier);
      realized = before.isNegative() ? gain.neg() : gain;
      if (after.isZero()) this.averagePrice = ZERO;
      else if (after.isNegative() !== before.isNegative()) {
        this.averagePrice = price;
        this.openedAt = at;
      }
    }
    this.quantity = after;
    this.realizedPnl = this.realizedPnl.plus(realized);
    this.#measure();
    return realized;
  }

  /** Becomes what a venue says; realizes nothing. */
  set(quantity: Decimal, averagePrice: Decimal, at: Micros): void {
    if (this.quantity.isZero()) this.openedAt = at;
    this.quantity = quantity;
    this.averagePrice = quantity.isZero() ? ZERO : averagePrice;
    this.#measure();
  }

  /** Signed market value in its own currency. */
  notional(mark: number): Decimal {
    return this.quantity.times(dec(mark)).times(this.definition.multiplier);
  }

  save(): SavedPosition {
    const { ix, quantity, averagePrice, realizedPnl, fees, openedAt, value } = this;
    return { ix, quantity, averagePrice, realizedPnl, fees, openedAt, value };
  }

  load(saved: SavedPosition): void {
    this.quantity = saved.quantity;
    this.averagePrice = saved.averagePrice;
    this.realizedPnl = saved.realizedPnl;
    this.fees = saved.fees;
    this.openedAt = saved.openedAt;
    this.value = saved.value;
    this.#measure();
  }

  #measure(): void {
    this.sign = this.quantity.isZero() ? 0 : this.quantity.isNegative() ? -1 : 1;
    this.#units = this.quantity.times(this.definition.multiplier).toNumber();
    this.#cost = this.derivative ? this.averagePrice.toNumber() : 0;
  }

  hash(hasher: Hasher): void {
    hasher
      .str(this.instrument)
      .dec(this.quantity)
      .dec(this.averagePrice)
      .dec(this.realizedPnl)
      .dec(this.fees);
    hasher.num(this.openedAt).num(this.value);
  }
}
