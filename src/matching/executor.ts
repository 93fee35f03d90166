import { Decimal, ZERO, dec } from '../model/decimal.js';
import type { ExecutionReport } from '../model/event.js';
import { reasonText } from '../model/reason.js';
import type { Micros } from '../model/time.js';
import { feeOf } from './fees.js';
import { bestOffer, crossesWhole, takeCrossing, type Crossing } from './crossing.js';
import { cashCurrency } from './holding.js';
import type { Ledger } from './ledger.js';
import type { VenueMarket } from './market.js';
import type { MatchingOptions } from './options.js';
import type { MatchReport, VenueFill, VenueOrder } from './order.js';

/** Turns decisions to fill or to end an order into changed orders, ledgers and reports. */
export class Executor {
  readonly #o: MatchingOptions;
  readonly #ledgers: (account: string) => Ledger | undefined;
  readonly #report: (report: MatchReport) => void;
  readonly #closed: (order: VenueOrder) => void;
  readonly #crossing: Crossing | undefined;

  constructor(
    options: MatchingOptions,
    ledgers: (account: string) => Ledger | undefined,
    report: (report: MatchReport) => void,
    closed: (order: VenueOrder) => void,
    crossing?: Crossing,
  ) {
    this.#o = options;
    this.#ledgers = ledgers;
    this.#report = report;
    this.#closed = closed;
    this.#crossing = crossing;
  }

  say(
    report: ExecutionReport,
    at: Micros,
    clientOrderId: string,
    order: VenueOrder | undefined,
    reason = '',
    fill?: VenueFill,
  ): void {
    this.#report({ report, at, clientOrderId, order, fill, reason });
  }

  /** Ends an open order without a fill. */
  end(m: VenueMarket, o: VenueOrder, report: 'cancelled' | 'expired', reason: string, now: Micros): void {
    o.open = false;
    m.remove(o);
    this.#ledgers(o.account)?.release(o, o.leaves);
    this.#closed(o);
    this.say(report, now, o.clientOrderId, o, reason);
  }

  /**
   * Quantity of `available` that the order may fill: whole lots, not below the least partial fill, and for a
   * reduce-only order no more than the position. A reduce-only order with nothing left to reduce is cancelled.
   */
  fillable(m: VenueMarket, o: VenueOrder, available: number, now: Micros): Decimal {
    const most = this.#most(o);
    if (o.reduceOnly && most.lte(0)) {
      this.end(m, o, 'cancelled', reasonText('REDUCE_ONLY', { position: this.#position(o) }), now);
      return ZERO;
    }
    return this.part(m, most, available);
  }

  /** True when all of the order fills at `available`: a fill-or-kill order does whole or not at all. */
  fillsWhole(o: VenueOrder, available: number): boolean {
    return o.leaves.lte(available) && this.#most(o).gte(o.leaves);
  }

  /** True when {@link Executor.take} would fill all of the order now. */
  takesWhole(m: VenueMarket, o: VenueOrder): boolean {
    if (this.#crossing !== undefined) return crossesWhole(this, this.#crossing, m, o);
    const levels = m.book?.against(o.sign);
    if (levels === undefined || levels.length === 0) return this.fillsWhole(o, this.available(m, o));
    if (!this.fillsWhole(o, Infinity)) return false;
    let left = o.leaves;
    for (let n = 0; n < levels.length && !this.#beyond(o, levels.price(n)); n++) {
      const size = levels.size(n);
      const part = this.part(m, left, size);
      left = left.minus(part);
      if (left.isZero()) return true;
      if (!part.eq(size)) return false; // less than a lot stays at this level, and nothing is taken behind it
    }
    return false;
  }

  #position(o: VenueOrder): Decimal {
    return this.#ledgers(o.account)?.position(o.ix) ?? ZERO;
  }

  /** What the order may still fill: of a reduce-only order no more than the position; not above zero: nothing. */
  #most(o: VenueOrder): Decimal {
    return o.reduceOnly ? Decimal.min(o.leaves, this.#position(o).times(-o.sign)) : o.leaves;
  }

  /** Of `most`, what `available` allows: whole lots and not below the least partial fill, or zero. */
  part(m: VenueMarket, most: Decimal, available: number): Decimal {
    if (!(available > 0)) return ZERO;
    if (available === Infinity || most.lte(available)) return most;
    const lot = m.instrument.lotSize;
    const part = new Decimal(available).div(lot).floor().times(lot);
    return this.#o.minFill !== undefined && part.lt(this.#o.minFill) ? ZERO : part;
  }

  fill(
    m: VenueMarket,
    o: VenueOrder,
    quantity: Decimal,
    price: Decimal,
    liquidity: 'maker' | 'taker',
    now: Micros,
    counter?: VenueOrder,
  ): void {
    const notional = quantity.times(price).times(m.instrument.multiplier).abs();
    const fee = feeOf(this.#o.fees, o, quantity, notional, liquidity === 'maker');
    const ledger = this.#ledgers(o.account);
    o.filled = o.filled.plus(quantity);
    o.leaves = o.leaves.minus(quantity);
    o.notional = o.notional.plus(notional);
    o.fees = o.fees.plus(fee);
    const done = o.leaves.lte(0);
    if (done) {
      o.open = false;
      m.remove(o);
      this.#closed(o);
    }
    ledger?.release(o, quantity);
    ledger?.filled(o, quantity, price, fee);
    this.say('fill', now, o.clientOrderId, o, '', {
      quantity,
      price,
      fee,
      feeCurrency: cashCurrency(m.instrument),
      liquidity,
      counter,
    });
  }

  /** Takes quantity out of an order that will not trade; with nothing left the order expires. */
  forgo(m: VenueMarket, o: VenueOrder, quantity: Decimal, now: Micros): void {
    if (quantity.isZero()) return;
    o.leaves = o.leaves.minus(quantity);
    this.#ledgers(o.account)?.release(o, quantity);
    if (o.leaves.lte(0)) this.end(m, o, 'expired', 'self-trade prevention', now);
  }

  /** Price of a fill that takes liquidity: moved against the order, then to the next tick, never past its limit. */
  slipped(m: VenueMarket, o: VenueOrder, price: Decimal): Decimal {
    const slippage = this.#o.slippage;
    if (slippage === undefined) return price;
    const tick = m.instrument.tickSize;
    const by =
      slippage.unit === 'ticks' ? tick.times(slippage.value) : price.abs().times(slippage.value).div(10_000);
    const moved = price.plus(by.times(o.sign)).div(tick);
    const rounded = (o.sign > 0 ? moved.ceil() : moved.floor()).times(tick);
    const limit = o.limitPrice;
    if (limit === undefined) return rounded;
    return o.sign > 0
      ? Decimal.min(rounded, Decimal.max(limit, price))
      : Decimal.max(rounded, Decimal.min(limit, price));
  }

  /** Size that can be taken now at prices the order accepts; Infinity when sizes are not limited. */
  available(m: VenueMarket, o: VenueOrder): number {
    const levels = m.book?.against(o.sign);
    if (levels !== undefined && levels.length > 0) {
      let sum = 0;
      for (let n = 0; n < levels.length && !this.#beyond(o, levels.price(n)); n++) sum += levels.size(n);
      return sum;
    }
    const price = touch(m, o.sign);
    if (Number.isNaN(price) || this.#beyond(o, price)) return 0;
    return o.sign > 0 ? m.askLeft : m.bidLeft;
  }

  /** Takes what the market shows, level by level when there is a book. */
  take(m: VenueMarket, o: VenueOrder, now: Micros): void {
    if (this.#crossing !== undefined) {
      takeCrossing(this, this.#crossing, m, o, now);
      return;
    }
    const levels = m.book?.against(o.sign);
    if (levels !== undefined && levels.length > 0) {
      while (o.open && levels.length > 0) {
        const price = levels.price(0);
        if (this.#beyond(o, price)) return;
        const quantity = this.fillable(m, o, levels.size(0), now);
        if (quantity.isZero()) return;
        levels.take(0, quantity.toNumber());
        this.fill(m, o, quantity, this.slipped(m, o, dec(price)), 'taker', now);
      }
      return;
    }
    const price = touch(m, o.sign);
    if (Number.isNaN(price) || this.#beyond(o, price)) return;
    const quantity = this.fillable(m, o, o.sign > 0 ? m.askLeft : m.bidLeft, now);
    if (quantity.isZero()) return;
    this.use(m, o.sign, quantity);
    this.fill(m, o, quantity, this.slipped(m, o, dec(price)), 'taker', now);
  }

  /** Takes a quantity off the size shown to buys (`sign` 1) or sells. */
  use(m: VenueMarket, sign: number, quantity: Decimal): void {
    if (sign > 0) {
      if (m.askLeft !== Infinity) m.askLeft -= quantity.toNumber();
    } else if (m.bidLeft !== Infinity) m.bidLeft -= quantity.toNumber();
  }

  #beyond(o: VenueOrder, price: number): boolean {
    return (price - o.limit) * o.sign > 0;
  }
}

/** Price a market order of this sign meets: the other side, else (unless its orders cross) the last trade; NaN when neither is known. */
export function touch(m: VenueMarket, sign: number): number {
  if (m.crossing) return bestOffer(m, sign);
  const price = sign > 0 ? m.ask : m.bid;
  return Number.isNaN(price) ? m.last : price;
}
