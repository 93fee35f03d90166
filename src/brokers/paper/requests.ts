import type { CancelRequest, OrderRequest, ReplaceRequest } from '../../matching/order.js';
import type { Order } from '../../model/order.js';
import type { BrokerCommand } from '../broker.js';

export function orderRequest({ dispatch }: BrokerCommand, account: string): OrderRequest {
  const i = dispatch.intent;
  return {
    clientOrderId: dispatch.clientOrderId,
    account: dispatch.account === '' ? account : dispatch.account,
    ix: i.ix,
    side: i.side,
    type: i.type,
    quantity: i.quantity,
    limitPrice: i.limitPrice,
    stopPrice: i.stopPrice,
    trailingOffset: i.trailingOffset,
    timeInForce: i.timeInForce,
    expireAt: i.expireAt,
    postOnly: i.postOnly,
    reduceOnly: i.reduceOnly,
  };
}

export function replaceRequest({ dispatch }: BrokerCommand): ReplaceRequest {
  const i = dispatch.intent;
  return {
    clientOrderId: dispatch.clientOrderId,
    targetClientOrderId: dispatch.targetClientOrderId,
    quantity: i.quantity,
    limitPrice: i.limitPrice,
    stopPrice: i.stopPrice,
    trailingOffset: i.trailingOffset,
  };
}

export function cancelRequest({ dispatch }: BrokerCommand): CancelRequest {
  return { clientOrderId: dispatch.clientOrderId, targetClientOrderId: dispatch.targetClientOrderId };
}

/** An order of State as the request it would be today. */
export function requestOfOrder(o: Order): OrderRequest {
  return {
    clientOrderId: o.clientOrderId,
    account: o.account,
    ix: o.ix,
    side: o.side,
    type: o.type,
    quantity: o.quantity,
    limitPrice: o.limitPrice,
    stopPrice: o.stopPrice,
    trailingOffset: o.trailingOffset,
    timeInForce: o.timeInForce,
    expireAt: o.expireAt,
    postOnly: o.postOnly,
    reduceOnly: o.reduceOnly,
  };
}
