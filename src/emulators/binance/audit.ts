import type { Account } from './account.js';
import type { Audit, AuditBalance, AuditFill, AuditOrder } from './types.js';

/** The exchange's own books, for comparison. */
export class AccountAudit implements Audit {
  readonly #accounts: ReadonlyMap<string, Account>;

  constructor(accounts: ReadonlyMap<string, Account>) {
    this.#accounts = accounts;
  }

  orders(accountId: string): readonly AuditOrder[] {
    return this.#of(accountId).orders.map((o) => ({
      symbol: o.symbol.name,
      orderId: o.orderId,
      clientOrderId: o.clientOrderId,
      side: o.side,
      type: o.type,
      status: o.status,
      price: o.price.toFixed(),
      quantity: o.quantity.toFixed(),
      executed: o.executed.toFixed(),
      cumulativeQuote: o.cumulativeQuote.toFixed(),
    }));
  }

  fills(accountId: string): readonly AuditFill[] {
    return this.#of(accountId).fills.map((f) => ({
      symbol: f.order.symbol.name,
      tradeId: f.tradeId,
      orderId: f.order.orderId,
      clientOrderId: f.clientOrderId,
      side: f.order.side,
      price: f.price.toFixed(),
      quantity: f.quantity.toFixed(),
      quoteQuantity: f.quote.toFixed(),
      commission: f.commission.toFixed(),
      commissionAsset: f.commissionAsset,
      maker: f.maker,
      at: f.at,
    }));
  }

  balances(accountId: string): readonly AuditBalance[] {
    return [...this.#of(accountId).balances].map(([asset, b]) => ({
      asset,
      free: b.free.toFixed(),
      locked: b.locked.toFixed(),
    }));
  }

  duplicates(accountId: string): readonly { readonly clientOrderId: string; readonly count: number }[] {
    const counts = new Map<string, number>();
    for (const o of this.#of(accountId).orders) {
      const first = o.amendments[0]?.origClientOrderId ?? o.clientOrderId;
      counts.set(first, (counts.get(first) ?? 0) + 1);
    }
    return [...counts]
      .filter(([, count]) => count > 1)
      .map(([clientOrderId, count]) => ({ clientOrderId, count }));
  }

  #of(accountId: string): Account {
    const account = this.#accounts.get(accountId);
    if (account === undefined) throw new RangeError(`no account ${accountId} at this exchange`);
    return account;
  }
}
