import { OK, defineCheck, deny, finite, show, type RiskCheck } from './check.js';
import { decimalLimit, moneyLimit } from './limits.js';
import { compare, orderNotional } from './money.js';

/** One order's quantity. */
export const maxOrderQuantity: RiskCheck = defineCheck(
  {
    id: 'max_order_quantity',
    codes: ['MAX_ORDER_QUANTITY'],
    options: ['limits.max_order_quantity'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = decimalLimit(ctx, 'max_order_quantity');
    if (limit === undefined || finite(intent.quantity, 'quantity').lte(limit)) return OK;
    return deny('MAX_ORDER_QUANTITY', { quantity: intent.quantity, limit });
  },
);

/** One order's value. */
export const maxOrderValue: RiskCheck = defineCheck(
  {
    id: 'max_order_value',
    codes: ['MAX_ORDER_VALUE', 'NO_REFERENCE_PRICE', 'NO_EXCHANGE_RATE'],
    options: ['limits.max_order_value'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = moneyLimit(ctx, 'max_order_value');
    if (limit === undefined) return OK;
    const notional = orderNotional(intent, ctx);
    if ('ok' in notional) return notional;
    const c = compare({ amount: notional, currency: ctx.instrument.quote }, limit, ctx.state.portfolio);
    if ('ok' in c) return c;
    if (c.value.lte(c.limit)) return OK;
    return deny('MAX_ORDER_VALUE', { value: show(c.value), limit: c.limit, currency: c.currency });
  },
);
