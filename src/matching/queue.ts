import type { VenueMarket } from './market.js';
import type { VenueOrder } from './order.js';

/**
 * Market quantity ahead of an order that joins its price now: what is shown there; 0 when it improves the market;
 * NaN when its price is behind the best and no book tells what stands there.
 */
export function queueAhead(m: VenueMarket, o: VenueOrder): number {
  const levels = m.book?.own(o.sign);
  if (levels !== undefined && levels.length > 0) return levels.sizeAt(o.limit);
  const best = o.sign > 0 ? m.bid : m.ask;
  if (Number.isNaN(best)) return NaN;
  if (o.limit === best) return o.sign > 0 ? m.bidSize : m.askSize;
  return (o.limit - best) * o.sign > 0 ? 0 : NaN;
}

/** Nobody is ahead who is no longer shown: the queue never grows, and shrinks to the size shown at the price. */
export function shrinkQueues(m: VenueMarket, orders: readonly VenueOrder[]): void {
  for (let i = 0; i < orders.length; i++) {
    const o = orders[i];
    if (o === undefined) break;
    const shown = queueAhead(m, o);
    if (Number.isNaN(o.ahead) || shown < o.ahead) o.ahead = shown;
  }
}
