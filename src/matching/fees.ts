import { Decimal, ZERO } from '../model/decimal.js';
import type { FeeSchedule } from './options.js';

/**
 * Fee of one more fill of an order, given what the order has filled and paid so far. Minimum and maximum hold for the
 * order as a whole, however many fills it takes, so a fill is charged the growth of the order's total.
 */
export function feeOf(
  schedule: FeeSchedule | undefined,
  order: OrderTotals,
  quantity: Decimal,
  notional: Decimal,
  maker: boolean,
): Decimal {
  if (schedule === undefined) return ZERO;
  if (schedule.type === 'notional') return notional.times(maker ? schedule.maker : schedule.taker);
  let total = order.filled.plus(quantity).times(schedule.perUnit);
  if (total.lt(schedule.minimum)) total = schedule.minimum;
  if (schedule.maximum !== undefined)
    total = Decimal.min(total, order.notional.plus(notional).times(schedule.maximum));
  const fee = total.minus(order.fees);
  return fee.isNegative() ? ZERO : fee;
}

/** Totals of an order before the fill. */
export interface OrderTotals {
  readonly filled: Decimal;
  /** Absolute value of the fills so far, in the instrument’s cash currency. */
  readonly notional: Decimal;
  readonly fees: Decimal;
}

export const NO_TOTALS: OrderTotals = { filled: ZERO, notional: ZERO, fees: ZERO };
