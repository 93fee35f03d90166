import { Decimal, ZERO, dec } from '../model/decimal.js';
import type { Micros } from '../model/time.js';
import type { Executor } from './executor.js';
import type { VenueMarket } from './market.js';
import type { VenueOrder } from './order.js';
import { queueAhead } from './queue.js';

/** True when a price reached the stop of the order: at or above it for a buy, at or below it for a sell. */
export function reached(o: VenueOrder, price: number): boolean {
  return (price - o.stop) * o.sign >= 0;
}

/** Moves a trailing stop after a better price; the stop never moves away from the market. */
export function ratchet(m: VenueMarket, o: VenueOrder, price: number): void {
  const stop = price + o.sign * offsetNumber(m, o, price);
  if (Number.isNaN(stop) || (stop - o.stop) * o.sign >= 0) return;
  o.stop = stop;
  o.reference = price;
}

/** Hangs a trailing stop on a price. */
export function hang(m: VenueMarket, o: VenueOrder, price: number): void {
  o.reference = price;
  o.stop = price + o.sign * offsetNumber(m, o, price);
}

/** The stop of an order exactly: computed from the price a trailing stop hangs on. */
export function exactStop(m: VenueMarket, o: VenueOrder): Decimal {
  if (Number.isNaN(o.reference)) return o.stopPrice ?? ZERO;
  const offset = o.trailingOffset;
  if (offset === undefined) return o.stopPrice ?? ZERO;
  const reference = dec(o.reference);
  const unit = { price: new Decimal(1), ticks: m.instrument.tickSize, bps: reference.div(10_000) }[
    offset.unit
  ];
  return reference.plus(offset.value.times(unit).times(o.sign));
}

function offsetNumber(m: VenueMarket, o: VenueOrder, price: number): number {
  const offset = o.trailingOffset;
  if (offset === undefined) return NaN;
  const value = offset.value.toNumber();
  if (offset.unit === 'price') return value;
  return offset.unit === 'ticks' ? value * m.instrument.tickSize.toNumber() : (price * value) / 10_000;
}

/** A stop was reached between bars: it becomes a market or limit order and takes what it can. */
export function trigger(x: Executor, m: VenueMarket, o: VenueOrder, now: Micros, queue: boolean): void {
  markTriggered(x, m, o, now);
  if (o.type === 'stop_limit') m.rest(o);
  else o.phase = 'market';
  takeOnArrival(x, m, o, now);
  if (o.open && o.phase === 'limit' && queue) o.ahead = queueAhead(m, o);
}

export function markTriggered(x: Executor, m: VenueMarket, o: VenueOrder, now: Micros): void {
  o.triggered = true;
  o.stopPrice = exactStop(m, o);
  x.say('triggered', now, o.clientOrderId, o);
}

/** Takes what the order's time in force lets it take; ioc and fok never stay. */
export function takeOnArrival(x: Executor, m: VenueMarket, o: VenueOrder, now: Micros): void {
  const whole = o.timeInForce === 'fok';
  if (!whole || x.takesWhole(m, o)) x.take(m, o, now);
  if (o.open && (whole || o.timeInForce === 'ioc'))
    x.end(m, o, 'cancelled', `time in force ${o.timeInForce}`, now);
}

/** Fills an order of an opening or closing auction at its one price; a limit the price does not meet expires. Without a price it waits on. */
export function auction(x: Executor, m: VenueMarket, o: VenueOrder, price: number, now: Micros): void {
  if (!Number.isFinite(price)) return;
  if ((price - o.limit) * o.sign > 0) {
    x.end(m, o, 'expired', `auction price ${price} beyond the limit`, now);
    return;
  }
  const quantity = x.fillable(m, o, Infinity, now);
  if (!quantity.isZero()) x.fill(m, o, quantity, x.slipped(m, o, dec(price)), 'taker', now);
  if (o.open) x.end(m, o, 'cancelled', 'not filled in the auction', now);
}
