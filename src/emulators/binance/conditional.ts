import { dec, type Decimal } from '../../model/decimal.js';
import type { Micros } from '../../model/time.js';
import type { SpotOrder } from './order.js';
import type { SpotOrderType } from './symbol.js';

/** Where a conditional order's stop lies: a stop loss waits for the price to turn against it, a take profit for it. */
export function stopReached(
  side: 'BUY' | 'SELL',
  type: SpotOrderType,
  stop: Decimal,
  price: Decimal,
): boolean {
  const rising = (side === 'BUY') === type.startsWith('STOP_LOSS');
  return rising ? price.gte(stop) : price.lte(stop);
}

/**
 * Shows a last price to a waiting order. True when it triggers. A trailing order first waits for its stop price (when
 * it has one), then follows the best price and triggers when the price comes back by `trailingDelta` basis points.
 */
export function seePrice(o: SpotOrder, price: Decimal, now: Micros): boolean {
  if (o.trailingDelta === undefined)
    return o.stopPrice !== undefined && stopReached(o.side, o.type, o.stopPrice, price);
  if (o.trailingReference === undefined) {
    if (o.stopPrice !== undefined && !stopReached(o.side, o.type, o.stopPrice, price)) return false;
    o.trailingReference = price;
    o.trailingSince = now;
    return false;
  }
  const best = o.trailingReference;
  const part = dec(o.trailingDelta).div(10_000);
  const back = best.times(o.side === 'BUY' ? part.plus(1) : dec(1).minus(part));
  if (o.side === 'BUY' ? price.gte(back) : price.lte(back)) return true;
  if (o.side === 'BUY' ? price.lt(best) : price.gt(best)) o.trailingReference = price;
  return false;
}
