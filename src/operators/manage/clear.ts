import type { Intent } from '../../model/intent.js';
import { isClosed, type Order } from '../../model/order.js';
import type { EmulatedOrder } from '../../state/emulated-order.js';
import type { Scene } from './decide.js';

/** Whoever is stopped out does not go on buying. True while the entry is open. */
export function cancelEntry(leg: EmulatedOrder, { state, hands, emulated }: Scene): boolean {
  const { parent } = leg;
  if (parent === undefined || parent.closed) return false;
  const order = state.orders.get(parent.key) ?? emulated.get(parent.key)?.order;
  if (order === undefined || isClosed(order.state)) return false;
  if (order.state !== 'pending_cancel' && state.queue?.has(parent.key) !== true)
    hands.send(cancelOf(order, leg, state.seq));
  return true;
}

/** An own resting order that an exit would trade against is cancelled. True while it is in the way. */
export function inTheWay(leg: EmulatedOrder, { state, hands, emulated }: Scene): boolean {
  const key = /^SELF_TRADE: .*own_order=(\S+)/.exec(leg.failure)?.[1];
  const order = key === undefined ? undefined : state.orders.get(key);
  if (order === undefined || isClosed(order.state)) return false;
  // Risk lets an exit pass an order that is being cancelled; one that works for a linked order goes by itself.
  if (order.state === 'pending_cancel' || emulated.ownerOf(order.orderKey) !== undefined) return false;
  if (state.queue?.has(order.orderKey) !== true) hands.send(cancelOf(order, leg, state.seq));
  return true;
}

function cancelOf(order: Order, leg: EmulatedOrder, cause: number): Intent {
  const { orderKey, account, side, type, quantity, limitPrice, stopPrice, trailingOffset } = order;
  const { timeInForce, expireAt, postOnly, reduceOnly, strategy, tag, broker } = order;
  return {
    ...leg.intent,
    ...{ action: 'cancel', orderKey, account, side, type, quantity, limitPrice, stopPrice, trailingOffset },
    ...{ timeInForce, expireAt, postOnly, reduceOnly, strategy, tag, links: undefined, cause },
    metadata: undefined,
    route: broker === '' ? leg.intent.route : broker,
    reason: `exit ${leg.key} leaves`,
  };
}
