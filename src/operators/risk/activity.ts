import { isClosed, type Order } from '../../model/order.js';
import { MICROS_PER_MINUTE, MICROS_PER_SECOND } from '../../model/time.js';
import { formatDuration } from '../../model/units.js';
import { EMULATED } from '../../state/emulated-order.js';
import { fingerprint } from '../../state/view.js';
import { OK, defineCheck, deny, type Check, type RiskCheck } from './check.js';
import { countLimit } from './limits.js';

function countOpen(orders: Iterable<Order>, account: string, ownKey: string): number {
  let count = 0;
  for (const order of orders) {
    if (order.account === account && order.orderKey !== ownKey && !isClosed(order.state)) count += 1;
  }
  return count;
}

/** Open orders of the account, queued ones included. A replace adds none. */
export const maxOpenOrders: RiskCheck = defineCheck(
  { id: 'max_open_orders', codes: ['MAX_OPEN_ORDERS'], options: ['limits.max_open_orders'], exits: 'pass' },
  (intent, ctx) => {
    const limit = countLimit(ctx, 'max_open_orders');
    if (limit === undefined || intent.action === 'replace') return OK;
    if (ctx.state.orders.openCount() < limit) return OK;
    const open = countOpen(ctx.state.orders.open(), intent.account, intent.orderKey);
    return open < limit ? OK : deny('MAX_OPEN_ORDERS', { open, limit });
  },
);

/** Open orders of the account on the instrument. */
export const maxOpenOrdersPerInstrument: RiskCheck = defineCheck(
  {
    id: 'max_open_orders_per_instrument',
    codes: ['MAX_OPEN_ORDERS_INSTRUMENT'],
    options: ['limits.max_open_orders_per_instrument'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = countLimit(ctx, 'max_open_orders_per_instrument');
    if (limit === undefined || intent.action === 'replace') return OK;
    if (ctx.state.orders.openCountFor(intent.ix) < limit) return OK;
    const open = countOpen(ctx.state.orders.openFor(intent.ix), intent.account, intent.orderKey);
    if (open < limit) return OK;
    return deny('MAX_OPEN_ORDERS_INSTRUMENT', { instrument: intent.instrument, open, limit });
  },
);

/** Approvals are counted once, when they are given: an intent asked again is in the count already. */
const rate =
  (
    name: 'max_orders_per_second' | 'max_orders_per_minute',
    code: 'ORDER_RATE_SECOND' | 'ORDER_RATE_MINUTE',
    window: number,
  ): Check =>
  (intent, ctx) => {
    const limit = countLimit(ctx, name);
    if (limit === undefined || ctx.recheck) return OK;
    const orders = ctx.state.activity.approvedWithin(intent.account, window);
    return orders < limit ? OK : deny(code, { orders, limit });
  };

export const ordersPerSecond: RiskCheck = defineCheck(
  {
    id: 'max_orders_per_second',
    codes: ['ORDER_RATE_SECOND'],
    options: ['limits.max_orders_per_second'],
    exits: 'pass',
  },
  rate('max_orders_per_second', 'ORDER_RATE_SECOND', MICROS_PER_SECOND),
);

export const ordersPerMinute: RiskCheck = defineCheck(
  {
    id: 'max_orders_per_minute',
    codes: ['ORDER_RATE_MINUTE'],
    options: ['limits.max_orders_per_minute'],
    exits: 'pass',
  },
  rate('max_orders_per_minute', 'ORDER_RATE_MINUTE', MICROS_PER_MINUTE),
);

/** The same new order was not approved a moment ago: a strategy that repeats itself, or a doubled event. */
export const duplicateIntent: RiskCheck = defineCheck(
  {
    id: 'duplicate_intent',
    codes: ['DUPLICATE_INTENT'],
    options: ['limits.duplicate_window'],
    exits: 'checked',
  },
  (intent, ctx) => {
    const window = ctx.limits.duplicate_window;
    if (window === undefined || ctx.recheck || intent.action !== 'new') return OK;
    // Pieces of one order may look alike; their keys keep them apart.
    if (intent.metadata?.[EMULATED] !== undefined) return OK;
    const last = ctx.state.activity.lastApproved(fingerprint(intent));
    if (last === undefined || ctx.at - last >= window) return OK;
    return deny('DUPLICATE_INTENT', { age: formatDuration(ctx.at - last), window: formatDuration(window) });
  },
);
