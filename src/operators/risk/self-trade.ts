import { dec, type Decimal } from '../../model/decimal.js';
import type { Intent } from '../../model/intent.js';
import type { Order } from '../../model/order.js';
import { OK, defineCheck, deny, type CheckContext, type RiskCheck } from './check.js';
import { touchPrice } from './price.js';

/**
 * The order would not meet an own resting limit order, of whatever account. A market order reaches as deep as the
 * touch; without a known touch it is taken to reach every own order. Stops rest in no book and are left out. An exit
 * waits neither for a touch nor for an order that is being cancelled.
 */
export const selfTrade: RiskCheck = defineCheck(
  { id: 'self_trade', codes: ['SELF_TRADE'], options: ['limits.self_trade'], exits: 'checked' },
  (intent, ctx) => {
    if (ctx.limits.self_trade !== 'deny') return OK;
    if (intent.type !== 'market' && intent.type !== 'limit') return OK;
    const reach = reachOf(intent, ctx);
    if (reach === undefined && ctx.exit) return OK;
    for (const order of ctx.state.orders.openFor(intent.ix)) {
      if (order.side === intent.side || order.orderKey === intent.orderKey || order.type !== 'limit')
        continue;
      if (ctx.exit && order.state === 'pending_cancel') continue;
      const met = pricesOf(order).find((price) => reach === undefined || meets(intent, reach, price));
      if (met !== undefined) {
        return deny('SELF_TRADE', { side: intent.side, own_order: order.orderKey, own_price: met });
      }
    }
    return OK;
  },
);

function reachOf(intent: Intent, ctx: CheckContext): Decimal | undefined {
  if (intent.type === 'limit') return intent.limitPrice;
  const touch = touchPrice(intent, ctx.instrument, ctx.state.market);
  return touch === undefined ? undefined : dec(touch.number);
}

/** Prices at which an own order rests or may soon rest. */
function pricesOf(order: Order): Decimal[] {
  return [order.limitPrice, order.inFlight?.limitPrice].filter((price) => price !== undefined);
}

const meets = (intent: Intent, reach: Decimal, price: Decimal): boolean =>
  intent.side === 'buy' ? !reach.lt(price) : !reach.gt(price);
