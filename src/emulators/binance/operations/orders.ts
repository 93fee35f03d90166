import { accountOf, symbolOf, type Core } from '../core.js';
import { define, type Definition } from '../define.js';
import { ApiError } from '../api-error.js';
import { badCombination, missing, missingOneOf, noSuchOrder, cancelRejected } from '../errors.js';
import type { Account } from '../account.js';
import type { SpotOrder } from '../order.js';
import { readOrder, readRespType } from '../order-form.js';
import { amendedJson, cancelledJson, orderJson, placedJson } from '../order-json.js';
import type { ParamReader } from '../params.js';
import { amount, wireTime } from '../text.js';
import type { Caller, Operation, Params } from '../types.js';
import { checkHours } from './market.js';

export const ORDER_PARAMS: readonly string[] = [
  'symbol',
  'side',
  'type',
  'timeInForce',
  'quantity',
  'quoteOrderQty',
  'price',
  'newClientOrderId',
  'strategyId',
  'strategyType',
  'stopPrice',
  'trailingDelta',
  'icebergQty',
  'newOrderRespType',
  'selfTradePreventionMode',
  'pegPriceType',
  'pegOffsetType',
  'pegOffsetValue',
];

const TRADE: Pick<Definition, 'security' | 'permission'> = { security: 'signed', permission: 'trade' };

/** Placing, cancelling, amending and asking for single orders. */
export function orderOperations(core: Core): readonly Operation[] {
  return [
    define({
      name: 'order.place',
      rest: 'POST /api/v3/order',
      ...TRADE,
      params: ORDER_PARAMS,
      weight: 1,
      orderCount: 1,
      freeOnSuccess: true,
      run: (read, caller, params) => place(core, read, caller, params),
    }),
    define({
      name: 'order.test',
      rest: 'POST /api/v3/order/test',
      ...TRADE,
      params: [...ORDER_PARAMS, 'computeCommissionRates'],
      weight: (read) => (read.has('computeCommissionRates') ? 20 : 1),
      run: (read, caller, params) => test(core, read, caller, params),
    }),
    define({
      name: 'order.cancel',
      rest: 'DELETE /api/v3/order',
      ...TRADE,
      params: ['symbol', 'orderId', 'origClientOrderId', 'newClientOrderId', 'cancelRestrictions'],
      weight: 1,
      freeOnSuccess: true,
      run: (read, caller) =>
        cancel(core, accountOf(core, caller), read, caller, {
          id: 'orderId',
          clientId: 'origClientOrderId',
          own: 'newClientOrderId',
        }),
    }),
    define({
      name: 'order.status',
      rest: 'GET /api/v3/order',
      security: 'signed',
      params: ['symbol', 'orderId', 'origClientOrderId'],
      weight: 4,
      run: (read, caller) => orderJson(find(core, accountOf(core, caller), read), caller.timeUnit),
    }),
    define({
      name: 'order.amend.keepPriority',
      rest: 'PUT /api/v3/order/amend/keepPriority',
      ...TRADE,
      params: ['symbol', 'orderId', 'origClientOrderId', 'newClientOrderId', 'newQty'],
      weight: 4,
      run: (read, caller) => amend(core, accountOf(core, caller), read, caller),
    }),
    define({
      name: 'order.amendments',
      rest: 'GET /api/v3/order/amendments',
      security: 'signed',
      params: ['symbol', 'orderId', 'fromExecutionId', 'limit'],
      weight: 4,
      run: (read, caller) => amendments(core, accountOf(core, caller), read, caller),
    }),
    define({
      name: 'allOrders',
      rest: 'GET /api/v3/allOrders',
      security: 'signed',
      params: ['symbol', 'orderId', 'startTime', 'endTime', 'limit'],
      weight: 20,
      run: (read, caller) =>
        allOrders(core, accountOf(core, caller), read).map((o) => orderJson(o, caller.timeUnit)),
    }),
    define({
      name: 'openOrders.status',
      rest: 'GET /api/v3/openOrders',
      security: 'signed',
      params: ['symbol'],
      weight: (read) => (read.has('symbol') ? 6 : 80),
      run: (read, caller) => {
        const name = read.has('symbol') ? symbolOf(core, read.symbol()).name : undefined;
        return openOf(accountOf(core, caller), name)
          .filter((o) => core.visible(o))
          .map((o) => orderJson(o, caller.timeUnit));
      },
    }),
  ];
}

function place(core: Core, read: ParamReader, caller: Caller, params: Params): unknown {
  const account = accountOf(core, caller);
  const terms = readOrder(params, symbolOf(core, read.symbol()), core.newId);
  const kind = readRespType(params, terms.type);
  return placedJson(core.desk.place(account, terms), kind, caller.timeUnit);
}

function test(core: Core, read: ParamReader, caller: Caller, params: Params): unknown {
  const account = accountOf(core, caller);
  const terms = readOrder(params, symbolOf(core, read.symbol()), core.newId);
  readRespType(params, terms.type);
  core.desk.check(account, terms, false);
  if (read.flag('computeCommissionRates') !== true) return {};
  const none = { maker: '0.00000000', taker: '0.00000000' };
  return {
    standardCommissionForOrder: { maker: amount(account.maker), taker: amount(account.taker) },
    specialCommissionForOrder: none,
    taxCommissionForOrder: none,
    discount: {
      enabledForAccount: false,
      enabledForSymbol: false,
      discountAsset: 'BNB',
      discount: '0.00000000',
    },
  };
}

/** Names under which a cancel's parameters come. */
export interface CancelNames {
  readonly id: string;
  readonly clientId: string;
  readonly own: string;
}

/** Cancels an order, or the whole list it belongs to. */
export function cancel(
  core: Core,
  account: Account,
  read: ParamReader,
  caller: Caller,
  names: CancelNames,
): unknown {
  const symbol = symbolOf(core, read.symbol());
  const id = read.integer(names.id);
  const clientId = read.clientId(names.clientId);
  if (id === undefined && clientId === undefined) throw missingOneOf(names.clientId, names.id);
  const restriction = read.oneOf(
    'cancelRestrictions',
    ['ONLY_NEW', 'ONLY_PARTIALLY_FILLED'],
    () => new ApiError(400, -1145, 'Invalid cancelRestrictions'),
  );
  const own = read.clientId(names.own) ?? core.newId();
  const o = core.desk.findOpen(account, symbol.name, id, clientId);
  const wanted = restriction === 'ONLY_NEW' ? 'NEW' : 'PARTIALLY_FILLED';
  if (restriction !== undefined && o.status !== wanted)
    throw cancelRejected('Order was not canceled due to cancel restrictions.');
  if (o.list !== undefined) return core.lists.cancel(o.list, own, caller.timeUnit);
  core.desk.end(o, own);
  return cancelledJson(o, own, caller.timeUnit);
}

function find(core: Core, account: Account, read: ParamReader): SpotOrder {
  const symbol = symbolOf(core, read.symbol());
  const id = read.integer('orderId');
  const clientId = read.clientId('origClientOrderId');
  if (id === undefined && clientId === undefined) throw missingOneOf('origClientOrderId', 'orderId');
  const o = id === undefined ? account.latest(symbol.name, clientId ?? '') : core.desk.byId(symbol.name, id);
  if (o === undefined || o.account !== account || !core.visible(o)) throw noSuchOrder();
  if (id !== undefined && clientId !== undefined && o.clientOrderId !== clientId)
    throw new ApiError(400, -2039, 'Client order ID is not correct for this order ID.');
  return o;
}

function amend(core: Core, account: Account, read: ParamReader, caller: Caller): unknown {
  const symbol = symbolOf(core, read.symbol());
  const id = read.integer('orderId');
  const clientId = read.clientId('origClientOrderId');
  if (id === undefined && clientId === undefined) throw missingOneOf('origClientOrderId', 'orderId');
  const quantity = read.needAmount('newQty', symbol.precision);
  const newId = read.clientId('newClientOrderId') ?? core.newId();
  if (quantity.isZero()) throw missing('newQty');
  const o = core.desk.findOpen(account, symbol.name, id, clientId);
  const { origClientOrderId, executionId } = core.desk.amend(o, quantity, newId);
  return amendedJson(o, origClientOrderId, executionId, caller.timeUnit);
}

function amendments(core: Core, account: Account, read: ParamReader, caller: Caller): unknown {
  const symbol = symbolOf(core, read.symbol());
  const id = read.integer('orderId');
  if (id === undefined) throw missing('orderId');
  const o = core.desk.byId(symbol.name, id);
  if (o === undefined || o.account !== account) throw noSuchOrder();
  const from = read.integer('fromExecutionId') ?? 0;
  return o.amendments
    .filter((a) => a.executionId >= from)
    .slice(0, read.limit(500, 1_000))
    .map((a) => ({
      symbol: symbol.name,
      orderId: o.orderId,
      executionId: a.executionId,
      origClientOrderId: a.origClientOrderId,
      newClientOrderId: a.newClientOrderId,
      origQty: amount(a.origQty),
      newQty: amount(a.newQty),
      time: wireTime(a.at, caller.timeUnit),
    }));
}

function allOrders(core: Core, account: Account, read: ParamReader): readonly SpotOrder[] {
  const { name } = symbolOf(core, read.symbol());
  const limit = read.limit(500, 1_000);
  const from = read.integer('orderId');
  const start = read.time('startTime');
  const end = read.time('endTime');
  if (from !== undefined && (start !== undefined || end !== undefined)) throw badCombination();
  checkHours(start, end, 24);
  const mine = account.orders.filter((o) => o.symbol.name === name && core.visible(o));
  if (from !== undefined) return mine.filter((o) => o.orderId >= from).slice(0, limit);
  if (start === undefined && end === undefined) return mine.slice(-limit);
  const inside = mine.filter((o) => o.createdAt >= (start ?? 0) && o.createdAt <= (end ?? Infinity));
  return start === undefined ? inside.slice(-limit) : inside.slice(0, limit);
}

/** Open orders of an account, oldest first. */
export function openOf(account: Account, symbol: string | undefined): readonly SpotOrder[] {
  return [...account.open.values()]
    .filter((o) => symbol === undefined || o.symbol.name === symbol)
    .sort((a, b) => a.createdAt - b.createdAt || a.orderId - b.orderId);
}
