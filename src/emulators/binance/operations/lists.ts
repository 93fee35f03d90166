import { accountOf, symbolOf, type Core } from '../core.js';
import { ApiError } from '../api-error.js';
import { define } from '../define.js';
import { badCombination, invalidData, missing, missingOneOf, notEmulated } from '../errors.js';
import type { OrderList } from '../order-list.js';
import { listJson, placedJson } from '../order-json.js';
import type { OrderTerms } from '../order.js';
import { readOrder } from '../order-form.js';
import type { ParamReader } from '../params.js';
import type { SpotSymbol } from '../symbol.js';
import type { Caller, Operation, Params } from '../types.js';
import { checkHours } from './market.js';

const LEG = [
  'Type',
  'Side',
  'ClientOrderId',
  'IcebergQty',
  'Price',
  'StopPrice',
  'TrailingDelta',
  'TimeInForce',
  'StrategyId',
  'StrategyType',
  'Quantity',
];
const LIST = ['symbol', 'listClientOrderId', 'newOrderRespType', 'selfTradePreventionMode'];

const legNames = (...prefixes: string[]): string[] =>
  prefixes.flatMap((p) => LEG.map((name) => `${p}${name}`));

/** Order lists. */
export function listOperations(core: Core): readonly Operation[] {
  const trade = { security: 'signed', permission: 'trade', weight: 1, freeOnSuccess: true } as const;
  return [
    define({
      name: 'orderList.place.oco',
      rest: 'POST /api/v3/orderList/oco',
      ...trade,
      params: [...LIST, 'side', 'quantity', ...legNames('above', 'below')],
      orderCount: 2,
      run: (read, caller, params) => {
        const symbol = symbolOf(core, read.symbol());
        const shared = { side: read.need('side'), quantity: read.need('quantity') };
        const above = leg(core, params, symbol, 'above', shared);
        const below = leg(core, params, symbol, 'below', shared);
        checkOco(above, below);
        const list = core.lists.placeOco(accountOf(core, caller), [below, above], listId(core, read));
        return placed(list, read, caller);
      },
    }),
    define({
      name: 'orderList.place.oto',
      rest: 'POST /api/v3/orderList/oto',
      ...trade,
      params: [...LIST, ...legNames('working', 'pending')],
      orderCount: 2,
      run: (read, caller, params) => {
        const symbol = symbolOf(core, read.symbol());
        const working = workingLeg(core, params, symbol);
        const pending = leg(core, params, symbol, 'pending', {});
        const list = core.lists.placeOto(accountOf(core, caller), working, [pending], listId(core, read));
        return placed(list, read, caller);
      },
    }),
    define({
      name: 'orderList.place.otoco',
      rest: 'POST /api/v3/orderList/otoco',
      ...trade,
      params: [
        ...LIST,
        'pendingSide',
        'pendingQuantity',
        ...legNames('working', 'pendingAbove', 'pendingBelow'),
      ],
      orderCount: 3,
      run: (read, caller, params) => {
        const symbol = symbolOf(core, read.symbol());
        const working = workingLeg(core, params, symbol);
        const shared = { side: read.need('pendingSide'), quantity: read.need('pendingQuantity') };
        const above = leg(core, params, symbol, 'pendingAbove', shared);
        const below = leg(core, params, symbol, 'pendingBelow', shared);
        checkOco(above, below);
        const list = core.lists.placeOto(
          accountOf(core, caller),
          working,
          [below, above],
          listId(core, read),
        );
        return placed(list, read, caller);
      },
    }),
    define({
      name: 'orderList.cancel',
      rest: 'DELETE /api/v3/orderList',
      ...trade,
      params: ['symbol', 'orderListId', 'listClientOrderId', 'newClientOrderId'],
      run: (read, caller) => {
        const account = accountOf(core, caller);
        symbolOf(core, read.symbol());
        const list = core.lists.find(
          account,
          read.integer('orderListId'),
          read.clientId('listClientOrderId'),
        );
        if (list?.status !== 'EXECUTING') throw new ApiError(400, -2011, 'Unknown order list sent.');
        return core.lists.cancel(list, read.clientId('newClientOrderId') ?? core.newId(), caller.timeUnit);
      },
    }),
    define({
      name: 'orderList.status',
      rest: 'GET /api/v3/orderList',
      security: 'signed',
      params: ['orderListId', 'origClientOrderId'],
      weight: 4,
      run: (read, caller) => {
        const id = read.integer('orderListId');
        const clientId = read.clientId('origClientOrderId');
        if (id === undefined && clientId === undefined)
          throw missingOneOf('orderListId', 'origClientOrderId');
        const list = core.lists.find(accountOf(core, caller), id, clientId);
        if (list === undefined) throw new ApiError(400, -2018, 'Order list does not exist.');
        return listJson(list, caller.timeUnit);
      },
    }),
    define({
      name: 'openOrderLists.status',
      rest: 'GET /api/v3/openOrderList',
      security: 'signed',
      params: [],
      weight: 6,
      run: (_, caller) =>
        core.lists
          .of(accountOf(core, caller))
          .filter((l) => l.status === 'EXECUTING')
          .map((l) => listJson(l, caller.timeUnit)),
    }),
    define({
      name: 'allOrderLists',
      rest: 'GET /api/v3/allOrderList',
      security: 'signed',
      params: ['fromId', 'startTime', 'endTime', 'limit'],
      weight: 20,
      run: (read, caller) => allLists(core, read, caller).map((l) => listJson(l, caller.timeUnit)),
    }),
    ...notCovered(),
  ];
}

/** Order placements of the venue that this exchange does not have: they say so. */
function notCovered(): readonly Operation[] {
  const calls = [
    ['orderList.place', 'POST /api/v3/order/oco'],
    ['orderList.place.opo', 'POST /api/v3/orderList/opo'],
    ['orderList.place.opoco', 'POST /api/v3/orderList/opoco'],
    ['sor.order.place', 'POST /api/v3/sor/order'],
    ['sor.order.test', 'POST /api/v3/sor/order/test'],
    ['executionRules', 'GET /api/v3/executionRules'],
    ['referencePrice', 'GET /api/v3/referencePrice'],
    ['referencePrice.calculation', 'GET /api/v3/referencePrice/calculation'],
    ['blockTrades.historical', 'GET /api/v3/historicalBlockTrades'],
  ] as const;
  return calls.map(([name, rest]) => ({
    ...define({ name, rest, params: [], weight: 1, run: () => undefined }),
    run: () => {
      throw notEmulated(rest);
    },
  }));
}

/** Reads one leg as an order of its own. */
function leg(
  core: Core,
  params: Params,
  symbol: SpotSymbol,
  prefix: string,
  shared: Readonly<Record<string, string>>,
): OrderTerms {
  const own: Record<string, string> = { symbol: symbol.name, ...shared };
  const mode = params['selfTradePreventionMode'];
  if (mode !== undefined) own['selfTradePreventionMode'] = mode;
  for (const name of LEG) {
    const value = params[`${prefix}${name}`];
    if (value === undefined) continue;
    const plain = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    own[plain === 'clientOrderId' ? 'newClientOrderId' : plain] = value;
  }
  if (own['type'] === undefined) throw missing(`${prefix}Type`);
  return readOrder(own, symbol, core.newId);
}

function workingLeg(core: Core, params: Params, symbol: SpotSymbol): OrderTerms {
  const working = leg(core, params, symbol, 'working', {});
  if (working.type !== 'LIMIT' && working.type !== 'LIMIT_MAKER') throw invalidData('workingType');
  return working;
}

const refuse = (code: number, text: string): ApiError => new ApiError(400, code, text);

/** One leg must wait for a stop, and the prices must lie as the names of the legs say. */
function checkOco(above: OrderTerms, below: OrderTerms): void {
  for (const t of [above, below])
    if (t.type === 'MARKET' || t.type === 'LIMIT') throw refuse(-1158, 'Order type not supported in OCO.');
  if (above.type === 'LIMIT_MAKER' && below.type === 'LIMIT_MAKER')
    throw refuse(-1168, 'At least one OCO order must be contingent.');
  const buy = above.side === 'BUY';
  if (buy && above.type === 'LIMIT_MAKER') throw refuse(-1165, 'A limit order in a buy OCO must be below.');
  if (!buy && below.type === 'LIMIT_MAKER') throw refuse(-1166, 'A limit order in a sell OCO must be above.');
  if (buy && below.type.startsWith('STOP_LOSS'))
    throw refuse(-1196, 'A stop loss order in a buy OCO must be above.');
  if (!buy && above.type.startsWith('STOP_LOSS'))
    throw refuse(-1197, 'A stop loss order in a sell OCO must be below.');
  if (buy && above.type.startsWith('TAKE_PROFIT'))
    throw refuse(-1198, 'A take profit order in a buy OCO must be below.');
  if (!buy && below.type.startsWith('TAKE_PROFIT'))
    throw refuse(-1199, 'A take profit order in a sell OCO must be above.');
  const high = above.stopPrice ?? above.price;
  const low = below.stopPrice ?? below.price;
  if (high !== undefined && low !== undefined && high.lte(low))
    throw refuse(-2010, 'The relationship of the prices for the orders is not correct.');
}

const listId = (core: Core, read: ParamReader): string => read.clientId('listClientOrderId') ?? core.newId();

function placed(list: OrderList, read: ParamReader, caller: Caller): unknown {
  const kind = read.oneOf('newOrderRespType', ['ACK', 'RESULT', 'FULL'], () =>
    invalidData('newOrderRespType'),
  );
  const orderReports = list.orders.map((o) => placedJson(o, kind ?? 'RESULT', caller.timeUnit));
  return { ...listJson(list, caller.timeUnit), orderReports };
}

function allLists(core: Core, read: ParamReader, caller: Caller): readonly OrderList[] {
  const limit = read.limit(500, 1_000);
  const from = read.integer('fromId');
  const start = read.time('startTime');
  const end = read.time('endTime');
  if (from !== undefined && (start !== undefined || end !== undefined)) throw badCombination();
  checkHours(start, end, 24);
  const mine = core.lists.of(accountOf(core, caller));
  if (from !== undefined) return mine.filter((l) => l.id >= from).slice(0, limit);
  return mine.filter((l) => l.createdAt >= (start ?? 0) && l.createdAt <= (end ?? Infinity)).slice(-limit);
}
