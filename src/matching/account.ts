import { Decimal, ONE, ZERO, dec } from '../model/decimal.js';
import type { Balance } from '../model/event.js';
import type { Instrument } from '../model/instrument.js';
import type { InstrumentTable } from '../model/instruments.js';
import { reasonText } from '../model/reason.js';
import { feeOf, NO_TOTALS } from './fees.js';
import type { Ledger } from './ledger.js';
import type { FeeSchedule } from './options.js';
import type { VenueOrder } from './order.js';
import { applyFill, cashCurrency, Holding, settlesInProfit } from './holding.js';

export interface AccountRules {
  /** `cash`: buys must be paid, nothing is sold that is not held. `margin`: exposure is bounded by equity. */
  readonly type: 'cash' | 'margin';
  readonly shorting: boolean;
  /** Divides both margin ratios. */
  readonly leverage: Decimal;
  /** Margin as fractions of notional; undefined: as each instrument says. */
  readonly initialMargin: Decimal | undefined;
  readonly maintenanceMargin: Decimal | undefined;
}

/**
 * One account as its venue keeps it: cash by currency, positions, what open orders reserve, margin.
 * Currencies are separate pots: no exchange rates, the exposure of one is not carried by another.
 *
 * initial margin = max(|position + open buys|, |position - open sells|) x price x multiplier x ratio / leverage, and
 * must not exceed equity = cash + marked value of positions.
 */
export class VenueAccount implements Ledger {
  readonly #rules: AccountRules;
  readonly #fees: FeeSchedule | undefined;
  readonly #instruments: InstrumentTable;
  readonly #mark: (ix: number) => number;
  readonly #cash = new Map<string, Decimal>();
  readonly #holdings: (Holding | undefined)[] = [];

  constructor(
    rules: AccountRules,
    fees: FeeSchedule | undefined,
    cash: Readonly<Record<string, Decimal>>,
    instruments: InstrumentTable,
    /** Price to value a position at; NaN when unknown: its average price is taken then. */
    mark: (ix: number) => number,
  ) {
    this.#rules = rules;
    this.#fees = fees;
    this.#instruments = instruments;
    this.#mark = mark;
    for (const [currency, amount] of Object.entries(cash)) this.#cash.set(currency, amount);
  }

  position(ix: number): Decimal {
    return this.#holdings[ix]?.quantity ?? ZERO;
  }

  /** Sets cash and positions as they were before a restart. */
  restore(
    cash: ReadonlyMap<string, Decimal>,
    positions: Iterable<{ readonly ix: number; readonly quantity: Decimal; readonly averagePrice: Decimal }>,
  ): void {
    for (const [currency, amount] of cash) this.#cash.set(currency, amount);
    for (const p of positions) {
      const holding = this.#holding(p.ix);
      holding.quantity = p.quantity;
      holding.averagePrice = p.averagePrice;
    }
  }

  admit(o: VenueOrder, quantity: Decimal, price: Decimal): string {
    const instrument = this.#instruments.at(o.ix);
    if (instrument === undefined) return 'INSTRUMENT_UNKNOWN';
    const holding = this.#holding(o.ix);
    const buying = o.sign > 0;
    const sold = holding.quantity.minus(holding.sells).minus(quantity);
    if (
      !buying &&
      sold.isNegative() &&
      !(this.#rules.type === 'margin' && this.#rules.shorting && instrument.shortable)
    ) {
      return reasonText('SHORT_NOT_ALLOWED', { held: holding.quantity, open_sells: holding.sells, quantity });
    }
    const notional = quantity.times(price).times(instrument.multiplier).abs();
    const fee = Decimal.max(ZERO, feeOf(this.#fees, NO_TOTALS, quantity, notional, false));
    return this.#rules.type === 'cash'
      ? this.#admitCash(instrument, buying, notional, fee)
      : this.#admitMargin(instrument, holding, buying, quantity, price, fee);
  }

  reserve(o: VenueOrder, quantity: Decimal): void {
    this.#reserve(o, quantity);
  }

  release(o: VenueOrder, quantity: Decimal): void {
    this.#reserve(o, quantity.negated());
  }

  filled(o: VenueOrder, quantity: Decimal, price: Decimal, fee: Decimal): void {
    const instrument = this.#instruments.at(o.ix);
    if (instrument === undefined) return;
    const change = applyFill(
      this.#holding(o.ix),
      instrument,
      settlesInProfit(instrument),
      quantity.times(o.sign),
      price,
    );
    const currency = cashCurrency(instrument);
    this.#cash.set(currency, this.cash(currency).plus(change).minus(fee));
  }

  cash(currency: string): Decimal {
    return this.#cash.get(currency) ?? ZERO;
  }

  currencies(): readonly string[] {
    return [...this.#cash.keys()];
  }

  /** Open positions by instrument index. */
  positions(): readonly {
    readonly ix: number;
    readonly quantity: Decimal;
    readonly averagePrice: Decimal;
  }[] {
    return this.#holdings.flatMap((h, ix) =>
      h === undefined || h.quantity.isZero()
        ? []
        : [{ ix, quantity: h.quantity, averagePrice: h.averagePrice }],
    );
  }

  /** Cash plus marked positions of one currency. */
  equity(currency: string): Decimal {
    return this.#sum(currency, this.cash(currency), (instrument, h, ix) => {
      const value = h.quantity.times(instrument.multiplier);
      const mark = this.#price(ix, h);
      return settlesInProfit(instrument) ? value.times(mark.minus(h.averagePrice)) : value.times(mark);
    });
  }

  /** Equity over maintenance margin of one currency, in floating point; Infinity when nothing is held. */
  marginLevel(currency: string): number {
    let equity = this.cash(currency).toNumber();
    let maintenance = 0;
    for (let ix = 0; ix < this.#holdings.length; ix++) {
      const h = this.#holdings[ix];
      const instrument = this.#instruments.at(ix);
      if (
        h === undefined ||
        instrument === undefined ||
        cashCurrency(instrument) !== currency ||
        h.quantity.isZero()
      )
        continue;
      const average = h.averagePrice.toNumber();
      const seen = this.#mark(ix);
      const mark = Number.isNaN(seen) ? average : seen;
      const size = h.quantity.toNumber() * instrument.multiplier.toNumber();
      equity += size * (settlesInProfit(instrument) ? mark - average : mark);
      maintenance += Math.abs(size * mark) * this.#ratio(instrument, 'maintenance').toNumber();
    }
    return maintenance === 0 ? Infinity : equity / maintenance;
  }

  /** Total, and what of it positions (margin at entry price) and open orders bind. */
  balances(): readonly Balance[] {
    return this.currencies().map((currency) => {
      const total = this.cash(currency);
      const locked = this.#sum(currency, ZERO, (instrument, h) => {
        const bound =
          settlesInProfit(instrument) || h.quantity.isNegative()
            ? this.#margin(instrument, h.quantity, h.averagePrice, 'maintenance')
            : ZERO;
        return bound.plus(h.reserved);
      });
      return { currency, total, locked, free: total.minus(locked) };
    });
  }

  #admitCash(instrument: Instrument, buying: boolean, notional: Decimal, fee: Decimal): string {
    if (!buying) return '';
    const currency = cashCurrency(instrument);
    const free = this.#sum(currency, this.cash(currency), (_, h) => h.reserved.negated());
    const need = notional.plus(fee);
    return need.lte(free) ? '' : reasonText('INSUFFICIENT_CASH', { need, free, currency });
  }

  #admitMargin(
    instrument: Instrument,
    holding: Holding,
    buying: boolean,
    quantity: Decimal,
    price: Decimal,
    fee: Decimal,
  ): string {
    const after = holding.exposure(buying ? quantity : ZERO, buying ? ZERO : quantity);
    const added = after.minus(holding.exposure(ZERO, ZERO));
    if (added.lte(0)) return '';
    const currency = cashCurrency(instrument);
    const used = this.#sum(currency, ZERO, (i, h, ix) =>
      this.#margin(i, h.exposure(ZERO, ZERO), this.#price(ix, h), 'initial'),
    );
    const need = used.plus(this.#margin(instrument, added, price, 'initial')).plus(fee);
    const equity = this.equity(currency);
    return need.lte(equity) ? '' : reasonText('MARGIN', { need, equity, currency });
  }

  #reserve(o: VenueOrder, quantity: Decimal): void {
    const instrument = this.#instruments.at(o.ix);
    if (instrument === undefined) return;
    const holding = this.#holding(o.ix);
    if (o.sign > 0) holding.buys = holding.buys.plus(quantity);
    else holding.sells = holding.sells.plus(quantity);
    if (o.reduceOnly || (this.#rules.type === 'cash' && o.sign < 0)) return;
    const margin = this.#rules.type === 'cash' ? ONE : this.#ratio(instrument, 'initial');
    holding.reserved = holding.reserved.plus(
      quantity
        .times(o.reservePrice)
        .times(instrument.multiplier)
        .abs()
        .times(quantity.isNegative() ? -1 : 1)
        .times(margin),
    );
  }

  #margin(
    instrument: Instrument,
    quantity: Decimal,
    price: Decimal,
    kind: 'initial' | 'maintenance',
  ): Decimal {
    return quantity.times(price).times(instrument.multiplier).abs().times(this.#ratio(instrument, kind));
  }

  #ratio(instrument: Instrument, kind: 'initial' | 'maintenance'): Decimal {
    const r = this.#rules;
    const ratio =
      kind === 'initial'
        ? (r.initialMargin ?? instrument.initialMargin)
        : (r.maintenanceMargin ?? instrument.maintenanceMargin);
    return ratio.div(r.leverage);
  }

  #price(ix: number, h: Holding): Decimal {
    const mark = this.#mark(ix);
    return Number.isNaN(mark) ? h.averagePrice : dec(mark);
  }

  #sum(
    currency: string,
    start: Decimal,
    value: (instrument: Instrument, h: Holding, ix: number) => Decimal,
  ): Decimal {
    let sum = start;
    for (let ix = 0; ix < this.#holdings.length; ix++) {
      const h = this.#holdings[ix];
      const instrument = this.#instruments.at(ix);
      if (h !== undefined && instrument !== undefined && cashCurrency(instrument) === currency)
        sum = sum.plus(value(instrument, h, ix));
    }
    return sum;
  }

  #holding(ix: number): Holding {
    return (this.#holdings[ix] ??= new Holding());
  }
}
