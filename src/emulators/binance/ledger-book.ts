import type { Micros } from '../../model/time.js';
import type { Decimal } from '../../model/decimal.js';
import type { Account } from './account.js';
import type { Limits } from './limits.js';
import type { SpotFill, SpotOrder, SpotStatus } from './order.js';
import type { PreventedMatch } from './self-trade.js';
import { rebind, settle, unbind } from './settlement.js';
import { amount } from './text.js';
import type { UserEvent } from './types.js';
import { accountPosition, executionReport, type ReportDetails } from './user-events.js';

/** Writes what happens to orders: their state, the money, and the events that tell of it. */
export class LedgerBook {
  readonly preventedMatches: PreventedMatch[] = [];
  readonly #limits: Limits;
  readonly #emit: (accountId: string, event: UserEvent) => void;
  readonly #touched = new Set<Account>();
  #executionId = 0;

  constructor(limits: Limits, emit: (accountId: string, event: UserEvent) => void) {
    this.#limits = limits;
    this.#emit = emit;
  }

  /** Id of the report that was made last. */
  get executionId(): number {
    return this.#executionId;
  }

  /** Makes an order known, before it works or rests. */
  register(o: SpotOrder): void {
    o.account.remember(o);
    o.account.orders.push(o);
  }

  report(o: SpotOrder, now: Micros, details: Omit<ReportDetails, 'executionId'>): void {
    o.updatedAt = now;
    this.#touch(o);
    this.#emit(o.account.id, executionReport(o, { ...details, executionId: ++this.#executionId }, now));
  }

  fill(o: SpotOrder, tradeId: number, quantity: Decimal, price: Decimal, maker: boolean, now: Micros): void {
    o.executed = o.executed.plus(quantity);
    const settled = settle(o, quantity, price, maker);
    o.cumulativeQuote = o.cumulativeQuote.plus(settled.quote);
    const fill: SpotFill = {
      order: o,
      clientOrderId: o.clientOrderId,
      tradeId,
      price,
      quantity,
      quote: settled.quote,
      commission: settled.commission,
      commissionAsset: settled.commissionAsset,
      maker,
      at: now,
    };
    o.fills.push(fill);
    o.account.fills.push(fill);
    this.#giveBack(o, maker, now);
    if (o.leaves.lte(0)) this.#close(o, o.prevented.isZero() ? 'FILLED' : 'EXPIRED_IN_MATCH');
    else o.status = 'PARTIALLY_FILLED';
    this.report(o, now, { type: 'TRADE', fill });
  }

  /** Ends an order. Reports go on with `type` EXPIRED or CANCELED as the status says. */
  end(
    o: SpotOrder,
    status: SpotStatus,
    now: Micros,
    details: { reason?: string; requestId?: string; reject?: string } = {},
  ): void {
    this.#close(o, status);
    if (details.reason !== undefined) o.expiryReason = details.reason;
    this.report(o, now, {
      type: status === 'CANCELED' ? 'CANCELED' : 'EXPIRED',
      ...(details.requestId === undefined
        ? {}
        : { requestId: details.requestId, origClientOrderId: o.clientOrderId }),
      ...(details.reject === undefined ? {} : { reject: details.reject }),
    });
  }

  prevented(taker: SpotOrder, maker: SpotOrder, takerLoses: Decimal, makerLoses: Decimal, now: Micros): void {
    const match: PreventedMatch = {
      id: this.preventedMatches.length,
      taker,
      maker,
      price: maker.price,
      takerQuantity: takerLoses,
      makerQuantity: makerLoses,
      at: now,
    };
    this.preventedMatches.push(match);
    this.#prevent(match, maker, taker, makerLoses, now);
    this.#prevent(match, taker, maker, takerLoses, now);
  }

  /** Balances of an account changed by other than its orders: the next flush tells it. */
  touched(account: Account): void {
    this.#touched.add(account);
  }

  /** Tells every account whose balances may have changed since the last call. */
  flush(now: Micros): void {
    for (const account of this.#touched) {
      const assets = account.takeTouched();
      if (assets.length === 0) continue;
      account.updatedAt = now;
      this.#emit(account.id, accountPosition(account, assets, now));
    }
    this.#touched.clear();
  }

  #prevent(match: PreventedMatch, o: SpotOrder, counter: SpotOrder, loses: Decimal, now: Micros): void {
    if (loses.isZero()) return;
    o.prevented = o.prevented.plus(loses);
    o.preventedMatchId = match.id;
    if (!o.locked.isZero()) rebind(o, o.leaves);
    if (o.leaves.gt(0))
      this.report(o, now, {
        type: 'TRADE_PREVENTION',
        prevented: {
          matchId: match.id,
          quantity: amount(loses),
          last: amount(match.price),
          counterOrderId: counter.orderId,
          counterSymbol: counter.symbol.name,
          tradeGroupId: counter.account.tradeGroupId,
        },
      });
  }

  #close(o: SpotOrder, status: SpotStatus): void {
    o.status = status;
    o.onBook = false;
    unbind(o);
    if (o.account.open.get(o.clientOrderId) === o) o.account.open.delete(o.clientOrderId);
  }

  #touch(o: SpotOrder): void {
    o.account.mention(o.symbol.base, o.symbol.quote);
    this.#touched.add(o.account);
  }

  /** Fills give order count back: the first as taker one, the first as maker five. */
  #giveBack(o: SpotOrder, maker: boolean, now: Micros): void {
    if (maker ? o.gaveBackMaker : o.gaveBackTaker) return;
    if (maker) o.gaveBackMaker = true;
    else o.gaveBackTaker = true;
    this.#limits.giveBack(o.account.id, maker ? 5 : 1, now);
  }
}
