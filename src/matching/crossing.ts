import { Decimal, dec } from '../model/decimal.js';
import type { Micros } from '../model/time.js';
import type { Executor } from './executor.js';
import type { VenueMarket } from './market.js';
import type { VenueOrder } from './order.js';

/**
 * What happens when two orders of the venue meet: they trade, or trading is prevented and one ends, both end, or both
 * lose the quantity that would have traded.
 */
export type Meeting = 'trade' | 'end_maker' | 'end_taker' | 'end_both' | 'decrement';

/**
 * Lets the orders of a venue trade with each other, as on an exchange. Without it they trade with the market only.
 * The market is then its book alone: a side that shows no level and no order has no price.
 */
export interface Crossing {
  meet(taker: VenueOrder, maker: VenueOrder): Meeting;
  /** Told when trading was prevented, before the orders change; quantities are what each of the two loses by it. */
  prevented(taker: VenueOrder, maker: VenueOrder, takerLoses: Decimal, makerLoses: Decimal): void;
}

/** Best price a buy (`sign` 1) or sell meets among the book and the resting orders; NaN when there is neither. */
export function bestOffer(m: VenueMarket, sign: number): number {
  const level = m.book?.against(sign).price(0) ?? NaN;
  const order = facing(m, sign)[0]?.limit ?? NaN;
  if (Number.isNaN(level)) return order;
  return (order - level) * sign < 0 ? order : level;
}

/** Takes orders and book levels, best price first, orders before the book at the same price. */
export function takeCrossing(
  x: Executor,
  crossing: Crossing,
  m: VenueMarket,
  o: VenueOrder,
  now: Micros,
): void {
  const levels = m.book?.against(o.sign);
  while (o.open) {
    const price = levels?.price(0) ?? NaN;
    const maker = facing(m, o.sign)[0];
    if (maker !== undefined && !((maker.limit - price) * o.sign > 0)) {
      if ((maker.limit - o.limit) * o.sign > 0) return;
      meet(x, crossing, m, o, maker, now);
    } else {
      if (levels === undefined || !(levels.length > 0) || (price - o.limit) * o.sign > 0) return;
      const quantity = x.fillable(m, o, levels.size(0), now);
      if (quantity.isZero()) {
        if (!o.open) return;
        levels.take(0, Infinity); // less than a lot is nothing that can be traded
        continue;
      }
      levels.take(0, quantity.toNumber());
      x.fill(m, o, quantity, x.slipped(m, o, dec(price)), 'taker', now);
    }
  }
}

/** True when {@link takeCrossing} would fill all of the order now. */
export function crossesWhole(x: Executor, crossing: Crossing, m: VenueMarket, o: VenueOrder): boolean {
  const levels = m.book?.against(o.sign);
  const makers = facing(m, o.sign);
  let left = o.leaves;
  let level = 0;
  let order = 0;
  while (left.gt(0)) {
    const price = levels?.price(level) ?? NaN;
    const maker = makers[order];
    if (maker !== undefined && !((maker.limit - price) * o.sign > 0)) {
      if ((maker.limit - o.limit) * o.sign > 0) return false;
      const meeting = crossing.meet(o, maker);
      if (meeting === 'end_taker' || meeting === 'end_both') return false;
      if (meeting !== 'end_maker') left = left.minus(maker.leaves);
      order++;
    } else {
      if (Number.isNaN(price) || (price - o.limit) * o.sign > 0) return false;
      left = left.minus(x.part(m, left, levels?.size(level) ?? 0));
      level++;
    }
  }
  return true;
}

/** Resting orders that a buy (`sign` 1) or sell meets, best first. */
function facing(m: VenueMarket, sign: number): readonly VenueOrder[] {
  return sign > 0 ? m.sells : m.buys;
}

function meet(
  x: Executor,
  crossing: Crossing,
  m: VenueMarket,
  taker: VenueOrder,
  maker: VenueOrder,
  now: Micros,
): void {
  const meeting = crossing.meet(taker, maker);
  const quantity = Decimal.min(taker.leaves, maker.leaves);
  if (meeting === 'trade') {
    const price = maker.limitPrice ?? dec(maker.limit);
    x.fill(m, maker, quantity, price, 'maker', now, taker);
    x.fill(m, taker, quantity, price, 'taker', now, maker);
    return;
  }
  const takerLoses = loss(meeting, 'end_taker', taker.leaves, quantity);
  const makerLoses = loss(meeting, 'end_maker', maker.leaves, quantity);
  crossing.prevented(taker, maker, takerLoses, makerLoses);
  x.forgo(m, maker, makerLoses, now);
  x.forgo(m, taker, takerLoses, now);
}

function loss(meeting: Meeting, ends: Meeting, leaves: Decimal, common: Decimal): Decimal {
  if (meeting === 'decrement') return common;
  return meeting === ends || meeting === 'end_both' ? leaves : dec(0);
}
