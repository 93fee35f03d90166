import type { Micros } from '../../model/time.js';
import type { Account } from './account.js';
import type { SpotOrder } from './order.js';
import type { SpotSymbol } from './symbol.js';

export type ListStatus = 'EXECUTING' | 'ALL_DONE' | 'REJECT';

/** Orders that belong together: one cancels the other (OCO), one triggers the others (OTO, OTOCO). */
export class OrderList {
  readonly id: number;
  readonly account: Account;
  readonly symbol: SpotSymbol;
  readonly contingency: 'OCO' | 'OTO';
  readonly clientId: string;
  readonly createdAt: Micros;
  /** OTO: the working order first, the pending ones after it. */
  readonly orders: readonly SpotOrder[];
  status: ListStatus = 'EXECUTING';
  updatedAt: Micros;

  constructor(
    id: number,
    account: Account,
    contingency: 'OCO' | 'OTO',
    clientId: string,
    symbol: SpotSymbol,
    orders: readonly SpotOrder[],
    now: Micros,
  ) {
    this.id = id;
    this.account = account;
    this.contingency = contingency;
    this.clientId = clientId;
    this.symbol = symbol;
    this.orders = orders;
    this.createdAt = now;
    this.updatedAt = now;
  }

  get statusType(): 'EXEC_STARTED' | 'ALL_DONE' | 'RESPONSE' {
    return this.status === 'EXECUTING' ? 'EXEC_STARTED' : this.status === 'REJECT' ? 'RESPONSE' : 'ALL_DONE';
  }

  /** Orders that cancel each other now: all of an OCO, the pending pair of an OTOCO. */
  rivals(order: SpotOrder): readonly SpotOrder[] {
    const pair = this.contingency === 'OCO' ? this.orders : this.orders.slice(1);
    return pair.includes(order) ? pair.filter((o) => o !== order) : [];
  }
}
