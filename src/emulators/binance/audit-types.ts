import type { Micros } from '../../model/time.js';

export type Transport = 'rest' | 'ws';

export interface JournalEntry {
  readonly index: number;
  readonly at: Micros;
  readonly transport: Transport;
  readonly ip: string;
  readonly accountId: string | undefined;
  /** `POST /api/v3/order` or `ws order.place`. */
  readonly call: string;
  readonly operation: string;
  readonly symbol: string | undefined;
  /** The order it names (`origClientOrderId`), else the id it gives to a new one. */
  readonly clientOrderId: string | undefined;
  /** True when the operation ran to its end without an error. */
  readonly executed: boolean;
  /** Status of the answer the operation gave (before faults), and its error code. */
  readonly status: number;
  readonly code: number | undefined;
  /** What a fault did to it; empty: nothing. */
  readonly fault: string;
}

export interface AuditBalance {
  readonly asset: string;
  readonly free: string;
  readonly locked: string;
}

export interface AuditOrder {
  readonly symbol: string;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly side: 'BUY' | 'SELL';
  readonly type: string;
  readonly status: string;
  readonly price: string;
  readonly quantity: string;
  readonly executed: string;
  readonly cumulativeQuote: string;
}

export interface AuditFill {
  readonly symbol: string;
  readonly tradeId: number;
  readonly orderId: number;
  readonly clientOrderId: string;
  readonly side: 'BUY' | 'SELL';
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly maker: boolean;
  readonly at: Micros;
}

/** Everything the exchange knows of an account, in exact decimal text without trailing zeros. */
export interface Audit {
  orders(accountId: string): readonly AuditOrder[];
  fills(accountId: string): readonly AuditFill[];
  balances(accountId: string): readonly AuditBalance[];
  /** Client order ids that were accepted more than once, with the number of times. */
  duplicates(accountId: string): readonly { readonly clientOrderId: string; readonly count: number }[];
}
