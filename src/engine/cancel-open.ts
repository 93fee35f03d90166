import { makeIntent } from '../model/make.js';
import type { IntentEvent } from '../model/event.js';
import { inScope, type Scope } from '../model/scope.js';
import type { StateView } from '../state/view.js';

/** One cancel intent for every open order of the scope: a system strategy, in front of risk like any other. */
export function cancelsForOpenOrders(
  state: StateView,
  scope: Scope,
  cause: number,
  reason: string,
): IntentEvent[] {
  return [...state.orders.open()]
    .filter(({ account, strategy }) => inScope(scope, account, strategy))
    .map((order) =>
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
        reason,
        metadata: undefined,
        cause,
      }),
    );
}
