import { ZERO } from '../../model/decimal.js';
import type { OrderList } from './order-list.js';
import type { RespType, SpotFill, SpotOrder } from './order.js';
import { amount, wireTime } from './text.js';
import type { TimeUnit } from './types.js';

type Json = Readonly<Record<string, unknown>>;

/** Fields an order shows only when it has them. */
function optional(o: SpotOrder, unit: TimeUnit): Json {
  return {
    ...(o.stopPrice === undefined ? {} : { stopPrice: amount(o.stopPrice) }),
    ...(o.icebergQty === undefined ? {} : { icebergQty: amount(o.icebergQty) }),
    ...trailing(o, unit),
    ...tags(o),
  };
}

function trailing(o: SpotOrder, unit: TimeUnit): Json {
  return o.trailingDelta === undefined
    ? {}
    : {
        trailingDelta: o.trailingDelta,
        trailingTime: o.trailingSince === undefined ? -1 : wireTime(o.trailingSince, unit),
      };
}

function tags(o: SpotOrder): Json {
  return {
    ...(o.strategyId === undefined ? {} : { strategyId: o.strategyId }),
    ...(o.strategyType === undefined ? {} : { strategyType: o.strategyType }),
    ...(o.preventedMatchId === undefined
      ? {}
      : { preventedMatchId: o.preventedMatchId, preventedQuantity: amount(o.prevented) }),
    ...(o.expiryReason === undefined ? {} : { expiryReason: o.expiryReason }),
  };
}

const listId = (o: SpotOrder): number => o.list?.id ?? -1;
const working = (o: SpotOrder, unit: TimeUnit): number =>
  o.workingAt < 0 ? -1 : wireTime(o.workingAt, unit);

/** Answer of a placement. */
export function placedJson(o: SpotOrder, kind: RespType, unit: TimeUnit): Json {
  const ack = {
    symbol: o.symbol.name,
    orderId: o.orderId,
    orderListId: listId(o),
    clientOrderId: o.clientOrderId,
    transactTime: wireTime(o.createdAt, unit),
  };
  if (kind === 'ACK') return ack;
  const result = {
    ...ack,
    price: amount(o.price),
    origQty: amount(o.quantity),
    executedQty: amount(o.executed),
    origQuoteOrderQty: amount(o.quoteOrderQty),
    cummulativeQuoteQty: amount(o.cumulativeQuote),
    status: o.status,
    timeInForce: o.timeInForce,
    type: o.type,
    side: o.side,
    ...optional(o, unit),
    workingTime: working(o, unit),
    selfTradePreventionMode: o.stp,
  };
  return kind === 'RESULT' ? result : { ...result, fills: o.fills.map(fillJson) };
}

function fillJson(f: SpotFill): Json {
  return {
    price: amount(f.price),
    qty: amount(f.quantity),
    commission: amount(f.commission),
    commissionAsset: f.commissionAsset,
    tradeId: f.tradeId,
  };
}

/** Answer of a cancel: `clientOrderId` is the cancel's own id. */
export function cancelledJson(o: SpotOrder, cancelId: string, unit: TimeUnit): Json {
  return {
    symbol: o.symbol.name,
    origClientOrderId: o.clientOrderId,
    orderId: o.orderId,
    orderListId: listId(o),
    clientOrderId: cancelId,
    transactTime: wireTime(o.updatedAt, unit),
    price: amount(o.price),
    origQty: amount(o.quantity),
    executedQty: amount(o.executed),
    origQuoteOrderQty: amount(o.quoteOrderQty),
    cummulativeQuoteQty: amount(o.cumulativeQuote),
    status: o.status,
    timeInForce: o.timeInForce,
    type: o.type,
    side: o.side,
    ...optional(o, unit),
    selfTradePreventionMode: o.stp,
  };
}

/** An order as queries show it. */
export function orderJson(o: SpotOrder, unit: TimeUnit): Json {
  return {
    symbol: o.symbol.name,
    orderId: o.orderId,
    orderListId: listId(o),
    clientOrderId: o.clientOrderId,
    price: amount(o.price),
    origQty: amount(o.quantity),
    executedQty: amount(o.executed),
    cummulativeQuoteQty: amount(o.cumulativeQuote),
    status: o.status,
    timeInForce: o.timeInForce,
    type: o.type,
    side: o.side,
    stopPrice: amount(o.stopPrice ?? ZERO),
    icebergQty: amount(o.icebergQty ?? ZERO),
    time: wireTime(o.createdAt, unit),
    updateTime: wireTime(o.updatedAt, unit),
    isWorking: o.workingAt >= 0,
    workingTime: working(o, unit),
    origQuoteOrderQty: amount(o.quoteOrderQty),
    selfTradePreventionMode: o.stp,
    ...trailing(o, unit),
    ...tags(o),
  };
}

/** Answer of an amendment. */
export function amendedJson(
  o: SpotOrder,
  origClientOrderId: string,
  executionId: number,
  unit: TimeUnit,
): Json {
  return {
    transactTime: wireTime(o.updatedAt, unit),
    executionId,
    amendedOrder: {
      symbol: o.symbol.name,
      orderId: o.orderId,
      orderListId: listId(o),
      origClientOrderId,
      clientOrderId: o.clientOrderId,
      price: amount(o.price),
      qty: amount(o.quantity),
      executedQty: amount(o.executed),
      preventedQty: amount(o.prevented),
      quoteOrderQty: amount(o.quoteOrderQty),
      cumulativeQuoteQty: amount(o.cumulativeQuote),
      status: o.status,
      timeInForce: o.timeInForce,
      type: o.type,
      side: o.side,
      ...optional(o, unit),
      ...(o.workingAt < 0 ? {} : { workingTime: wireTime(o.workingAt, unit) }),
      selfTradePreventionMode: o.stp,
    },
    ...(o.list === undefined ? {} : { listStatus: amendedList(o.list) }),
  };
}

function amendedList(list: OrderList): Json {
  return {
    orderListId: list.id,
    contingencyType: list.contingency,
    listOrderStatus: list.status,
    listClientOrderId: list.clientId,
    symbol: list.symbol.name,
    orders: list.orders.map(member),
  };
}

/** An order list as queries and placements show it. */
export function listJson(list: OrderList, unit: TimeUnit): Json {
  return {
    orderListId: list.id,
    contingencyType: list.contingency,
    listStatusType: list.statusType,
    listOrderStatus: list.status,
    listClientOrderId: list.clientId,
    transactionTime: wireTime(list.createdAt, unit),
    symbol: list.symbol.name,
    orders: list.orders.map(member),
  };
}

const member = (o: SpotOrder): Json => ({
  symbol: o.symbol.name,
  orderId: o.orderId,
  clientOrderId: o.clientOrderId,
});

/** A trade of an account (`myTrades`). */
export function myTradeJson(f: SpotFill, unit: TimeUnit): Json {
  return {
    symbol: f.order.symbol.name,
    id: f.tradeId,
    orderId: f.order.orderId,
    orderListId: listId(f.order),
    price: amount(f.price),
    qty: amount(f.quantity),
    quoteQty: amount(f.quote),
    commission: amount(f.commission),
    commissionAsset: f.commissionAsset,
    time: wireTime(f.at, unit),
    isBuyer: f.order.side === 'BUY',
    isMaker: f.maker,
    isBestMatch: true,
  };
}
