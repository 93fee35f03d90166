import { ZERO, type Decimal } from '../../model/decimal.js';
import type { Micros } from '../../model/time.js';
import type { Account } from './account.js';
import type { OrderList } from './order-list.js';
import type { SpotOrderType, SpotSymbol, StpMode } from './symbol.js';

export type SpotSide = 'BUY' | 'SELL';
export type SpotTif = 'GTC' | 'IOC' | 'FOK';
export type RespType = 'ACK' | 'RESULT' | 'FULL';
export type SpotStatus =
  | 'PENDING_NEW'
  | 'NEW'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELED'
  | 'REJECTED'
  | 'EXPIRED'
  | 'EXPIRED_IN_MATCH';

/** A new order as it was asked for, checked for form. */
export interface OrderTerms {
  readonly symbol: SpotSymbol;
  readonly side: SpotSide;
  readonly type: SpotOrderType;
  readonly timeInForce: SpotTif;
  /** Undefined for market orders by quote amount. */
  readonly quantity: Decimal | undefined;
  readonly quoteOrderQty: Decimal | undefined;
  readonly price: Decimal | undefined;
  readonly stopPrice: Decimal | undefined;
  /** Basis points. */
  readonly trailingDelta: number | undefined;
  readonly icebergQty: Decimal | undefined;
  readonly stp: StpMode;
  readonly strategyId: number | undefined;
  readonly strategyType: number | undefined;
  readonly clientOrderId: string;
}

export interface SpotFill {
  readonly order: SpotOrder;
  /** Client order id at the time of the fill. */
  readonly clientOrderId: string;
  readonly tradeId: number;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly quote: Decimal;
  readonly commission: Decimal;
  readonly commissionAsset: string;
  readonly maker: boolean;
  readonly at: Micros;
}

export interface Amendment {
  readonly executionId: number;
  readonly origClientOrderId: string;
  readonly newClientOrderId: string;
  readonly origQty: Decimal;
  readonly newQty: Decimal;
  readonly at: Micros;
}

/** An order of an account as the exchange keeps it. */
export class SpotOrder {
  readonly account: Account;
  readonly symbol: SpotSymbol;
  readonly orderId: number;
  readonly side: SpotSide;
  readonly type: SpotOrderType;
  readonly timeInForce: SpotTif;
  readonly price: Decimal;
  readonly quoteOrderQty: Decimal;
  readonly stopPrice: Decimal | undefined;
  readonly trailingDelta: number | undefined;
  readonly icebergQty: Decimal | undefined;
  readonly stp: StpMode;
  readonly strategyId: number | undefined;
  readonly strategyType: number | undefined;
  readonly createdAt: Micros;
  clientOrderId: string;
  list: OrderList | undefined;
  quantity: Decimal;
  executed: Decimal = ZERO;
  cumulativeQuote: Decimal = ZERO;
  prevented: Decimal = ZERO;
  preventedMatchId: number | undefined;
  status: SpotStatus = 'NEW';
  updatedAt: Micros;
  /** When it went on the book; -1 before. */
  workingAt: Micros = -1;
  /** True while it rests in the matching engine. */
  onBook: boolean = false;
  /** A conditional order's stop was reached. */
  triggered: boolean = false;
  /** Best price a trailing order has seen since it became active; undefined before. */
  trailingReference: Decimal | undefined;
  trailingSince: Micros | undefined;
  expiryReason: string | undefined;
  lockedAsset: string = '';
  locked: Decimal = ZERO;
  gaveBackTaker: boolean = false;
  gaveBackMaker: boolean = false;
  readonly fills: SpotFill[] = [];
  readonly amendments: Amendment[] = [];

  constructor(account: Account, terms: OrderTerms, orderId: number, now: Micros) {
    this.account = account;
    this.symbol = terms.symbol;
    this.orderId = orderId;
    this.side = terms.side;
    this.type = terms.type;
    this.timeInForce = terms.timeInForce;
    this.quantity = terms.quantity ?? ZERO;
    this.quoteOrderQty = terms.quoteOrderQty ?? ZERO;
    this.price = terms.price ?? ZERO;
    this.stopPrice = terms.stopPrice;
    this.trailingDelta = terms.trailingDelta;
    this.icebergQty = terms.icebergQty;
    this.stp = terms.stp;
    this.strategyId = terms.strategyId;
    this.strategyType = terms.strategyType;
    this.clientOrderId = terms.clientOrderId;
    this.createdAt = now;
    this.updatedAt = now;
  }

  /** Waits for its stop, or (pending) for another order of its list. */
  get waiting(): boolean {
    return this.conditional && !this.triggered;
  }

  get conditional(): boolean {
    return isConditional(this.type);
  }

  get isOpen(): boolean {
    return this.status === 'NEW' || this.status === 'PARTIALLY_FILLED' || this.status === 'PENDING_NEW';
  }

  get leaves(): Decimal {
    return this.quantity.minus(this.executed).minus(this.prevented);
  }

  /** What it is called in the matching engine. */
  get engineId(): string {
    return `${this.symbol.name}:${this.orderId}`;
  }
}

export function isConditional(type: SpotOrderType): boolean {
  return type !== 'LIMIT' && type !== 'LIMIT_MAKER' && type !== 'MARKET';
}

/** True when the order is a limit order once it works. */
export function hasLimit(type: SpotOrderType): boolean {
  return type === 'LIMIT' || type === 'LIMIT_MAKER' || type.endsWith('_LIMIT');
}
