import { makeIntent } from '../model/make.js';
import type { IntentEvent } from '../model/event.js';
import type { StateView } from '../state/view.js';

/** One cancel intent for every open order: the system strategy behind `shutdown: { open_orders: cancel }`. */
export function cancelsForOpenOrders(state: StateView, cause: number): IntentEvent[] {
  return [...state.orders.open()].map((order) =>
    makeIntent({
      action: 'cancel',
      orderKey: order.orderKey,
      account: order.account,
      route: order.broker,
      instrument: order.instrument,
      ix: order.ix,
      side: order.side,
      type: order.type,
      quantity: order.quantity,
      limitPrice: order.limitPrice,
      stopPrice: order.stopPrice,
      trailingOffset: order.trailingOffset,
      timeInForce: order.timeInForce,
      expireAt: order.expireAt,
      postOnly: order.postOnly,
      reduceOnly: order.reduceOnly,
      links: undefined,
      strategy: order.strategy,
      tag: order.tag,
      reason: 'engine stop: open_orders is cancel',
      metadata: undefined,
      cause,
    }),
  );
}
