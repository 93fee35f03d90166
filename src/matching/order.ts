import { ZERO, type Decimal } from '../model/decimal.js';
import type { ExecutionReport } from '../model/event.js';
import type { OrderType, Side, TimeInForce } from '../model/instrument.js';
import type { TrailingOffset } from '../model/intent.js';
import type { Micros } from '../model/time.js';

/** A new order as it reaches the venue. */
export interface OrderRequest {
  readonly clientOrderId: string;
  readonly account: string;
  readonly ix: number;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | undefined;
  readonly stopPrice: Decimal | undefined;
  readonly trailingOffset: TrailingOffset | undefined;
  readonly timeInForce: TimeInForce;
  readonly expireAt: Micros | undefined;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
}

export interface ReplaceRequest {
  /** Id the order has from now on. */
  readonly clientOrderId: string;
  readonly targetClientOrderId: string;
  /** New total quantity, fills so far included. */
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | undefined;
  readonly stopPrice: Decimal | undefined;
  readonly trailingOffset: TrailingOffset | undefined;
}

export interface CancelRequest {
  readonly clientOrderId: string;
  readonly targetClientOrderId: string;
}

/**
 * Where an open order is: resting as a `limit`; waiting for its stop (`trigger`); a market order waiting for
 * liquidity (`market`), for the next bar (`bar`), the next session's open (`open`) or the session's close (`close`).
 */
export type OrderPhase = 'limit' | 'trigger' | 'market' | 'bar' | 'open' | 'close';

/** An order at the venue. Only the matching engine writes to it; numbers are its prices made ready for comparison. */
export class VenueOrder {
  readonly id: string;
  readonly account: string;
  readonly ix: number;
  readonly side: Side;
  /** 1 buys, -1 sells. */
  readonly sign: number;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  clientOrderId: string;
  quantity: Decimal;
  limitPrice: Decimal | undefined;
  stopPrice: Decimal | undefined;
  trailingOffset: TrailingOffset | undefined;
  /** Limit and stop as numbers; NaN where there is none. */
  limit: number;
  stop: number;
  /** Price a trailing stop hangs on. */
  reference: number = NaN;
  phase: OrderPhase = 'limit';
  open: boolean = true;
  /** True once a stop-limit has triggered. */
  triggered: boolean = false;
  /** Session open or close it waits for. */
  due: Micros = Infinity;
  expireAt: Micros = Infinity;
  /** Arrival, or the change that cost it its priority: bars that end later may fill it. */
  since: Micros;
  /** Priority among orders of the same price. */
  rank: number;
  /** Market quantity ahead of it in the queue; NaN while not known. */
  ahead: number = 0;
  filled: Decimal = ZERO;
  /** Quantity that may still fill. */
  leaves: Decimal;
  notional: Decimal = ZERO;
  fees: Decimal = ZERO;
  /** Price the ledger reserved it at. */
  reservePrice: Decimal = ZERO;

  constructor(request: OrderRequest, id: string, rank: number, now: Micros) {
    this.id = id;
    this.account = request.account;
    this.ix = request.ix;
    this.side = request.side;
    this.sign = request.side === 'buy' ? 1 : -1;
    this.type = request.type;
    this.timeInForce = request.timeInForce;
    this.postOnly = request.postOnly;
    this.reduceOnly = request.reduceOnly;
    this.clientOrderId = request.clientOrderId;
    this.quantity = request.quantity;
    this.limitPrice = request.limitPrice;
    this.stopPrice = request.stopPrice;
    this.trailingOffset = request.trailingOffset;
    this.limit = request.limitPrice?.toNumber() ?? NaN;
    this.stop = request.stopPrice?.toNumber() ?? NaN;
    this.since = now;
    this.rank = rank;
    this.leaves = request.quantity;
  }
}

export interface VenueFill {
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** Positive: paid; negative: rebate. */
  readonly fee: Decimal;
  readonly feeCurrency: string;
  readonly liquidity: 'maker' | 'taker';
  /** The venue's order on the other side; undefined: the market. */
  readonly counter?: VenueOrder | undefined;
}

/** What the venue has to say. `order` is live: read it at once. It is undefined when a request names no known order. */
export interface MatchReport {
  readonly report: ExecutionReport;
  readonly at: Micros;
  /** The order's id; for a refused request, the id of the request. */
  readonly clientOrderId: string;
  readonly order: VenueOrder | undefined;
  readonly fill: VenueFill | undefined;
  readonly reason: string;
}
