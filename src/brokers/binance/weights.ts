import type { BinanceMarket } from './environments.js';

/** Request weights by the venue's tables, for reservations before the answer tells what was used. */
export interface Weights {
  readonly ping: number;
  readonly time: number;
  readonly exchangeInfo: number;
  /** Opening a WebSocket API connection. */
  readonly connect: number;
  readonly session: number;
  readonly subscribe: number;
  readonly order: number;
  readonly amend: number;
  readonly queryOrder: number;
  /** Open orders of one symbol, and of all. */
  readonly openOrders: number;
  readonly openOrdersAll: number;
  readonly allOrders: number;
  readonly account: number;
  readonly myTrades: number;
  readonly myTradesOfOrder: number;
  readonly historicalTrades: number;
  readonly trades: number;
  readonly aggTrades: number;
  readonly bookTicker: number;
}

const SPOT: Weights = {
  ping: 1,
  time: 1,
  exchangeInfo: 20,
  connect: 2,
  session: 2,
  subscribe: 2,
  order: 1,
  amend: 4,
  queryOrder: 4,
  openOrders: 6,
  openOrdersAll: 80,
  allOrders: 20,
  account: 20,
  myTrades: 20,
  myTradesOfOrder: 5,
  historicalTrades: 25,
  trades: 25,
  aggTrades: 4,
  bookTicker: 2,
};

const USDM: Weights = {
  ...SPOT,
  exchangeInfo: 1,
  connect: 5,
  amend: 1,
  queryOrder: 1,
  openOrders: 1,
  openOrdersAll: 40,
  allOrders: 5,
  account: 5,
  myTrades: 5,
  myTradesOfOrder: 5,
  historicalTrades: 20,
  trades: 5,
  aggTrades: 20,
};

export const WEIGHTS: Readonly<Record<BinanceMarket, Weights>> = { spot: SPOT, usdm: USDM };

/** Weight of a depth snapshot with `limit` levels a side. */
export function depthWeight(market: BinanceMarket, limit: number): number {
  if (market === 'spot') return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1_000 ? 50 : 250;
  return limit <= 50 ? 2 : limit <= 100 ? 5 : limit <= 500 ? 10 : 20;
}

/** Weight of a kline request for up to `limit` bars. */
export function klinesWeight(market: BinanceMarket, limit: number): number {
  if (market === 'spot') return 2;
  return limit < 100 ? 1 : limit < 500 ? 2 : limit <= 1_000 ? 5 : 10;
}

/** Request weight a minute that the venue allows, until it tells otherwise. */
export const WEIGHT_PER_MINUTE: Readonly<Record<BinanceMarket, number>> = { spot: 6_000, usdm: 2_400 };

/** WebSocket API methods and REST paths that use up the account's order count; cancels and amendments do not. */
export function countsAsOrder(methodOrPath: string): boolean {
  return ORDER_METHODS.has(methodOrPath);
}

const ORDER_METHODS: ReadonlySet<string> = new Set([
  'order.place',
  'order.cancelReplace',
  'POST /api/v3/order',
  'POST /api/v3/order/cancelReplace',
  'POST /fapi/v1/order',
]);
