import type { Intent } from '../../model/intent.js';
import { isClosed } from '../../model/order.js';
import type { StateView } from '../../state/view.js';
import { OK, defineCheck, deny, type Denial, type Ok, type RiskCheck } from './check.js';

/** The order a replace or cancel is about exists and is not closed. The only question a cancel is asked. */
export function targetOpen(intent: Intent, state: StateView): Ok | Denial {
  const order = state.orders.get(intent.orderKey);
  if (order === undefined) return deny('ORDER_NOT_FOUND', { order_key: intent.orderKey });
  if (isClosed(order.state)) return deny('ORDER_CLOSED', { order_key: intent.orderKey, state: order.state });
  return OK;
}

/**
 * A new order has a new key; a replace names an open order of the same account, instrument and side. When an intent
 * is asked again its key is in use by itself, which is no duplicate as long as it has not closed meanwhile.
 */
export const orderKey: RiskCheck = defineCheck(
  {
    id: 'order_key',
    codes: ['DUPLICATE_ORDER', 'ORDER_NOT_FOUND', 'ORDER_CLOSED'],
    options: [],
    exits: 'checked',
  },
  (intent, { state, recheck }) => {
    const order = state.orders.get(intent.orderKey);
    if (intent.action === 'new') {
      if (order === undefined) return OK;
      if (!recheck) return deny('DUPLICATE_ORDER', { order_key: intent.orderKey, state: order.state });
    }
    const open = targetOpen(intent, state);
    if (!open.ok || order === undefined) return open;
    const same = order.account === intent.account && order.ix === intent.ix && order.side === intent.side;
    if (same) return OK;
    return deny('ORDER_NOT_FOUND', {
      order_key: intent.orderKey,
      order: `${order.side} ${order.instrument} ${order.account}`.trim(),
      intent: `${intent.side} ${intent.instrument} ${intent.account}`.trim(),
    });
  },
);
