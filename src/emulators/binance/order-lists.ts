import { ZERO } from '../../model/decimal.js';
import type { Account } from './account.js';
import { rejected } from './errors.js';
import { checkFunds } from './funds.js';
import type { LedgerBook } from './ledger-book.js';
import { OrderList } from './order-list.js';
import { cancelledJson, listJson } from './order-json.js';
import type { OrderTerms, SpotOrder } from './order.js';
import type { OrderDesk } from './order-desk.js';
import { bound, rebind } from './settlement.js';
import type { ExchangeClock, TimeUnit, UserEvent } from './types.js';
import { listStatusEvent } from './user-events.js';

/** Order lists: one cancels the other (OCO), one triggers the others (OTO, OTOCO). */
export class OrderLists {
  readonly #desk: OrderDesk;
  readonly #ledger: LedgerBook;
  readonly #clock: ExchangeClock;
  readonly #emit: (accountId: string, event: UserEvent) => void;
  readonly #lists: OrderList[] = [];

  constructor(
    desk: OrderDesk,
    ledger: LedgerBook,
    clock: ExchangeClock,
    emit: (accountId: string, event: UserEvent) => void,
  ) {
    this.#desk = desk;
    this.#ledger = ledger;
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Two orders of which only one trades. What they bind is bound once. */
  placeOco(account: Account, legs: readonly [OrderTerms, OrderTerms], clientId: string): OrderList {
    this.#refuseTwins(account, legs, clientId);
    const quantities = legs.map((t) => this.#desk.check(account, t, false));
    legs.forEach((t, i) => {
      const quantity = quantities[i];
      if (quantity !== undefined) checkFunds(account, this.#desk.market(t.symbol.name).book, t, quantity);
    });
    const list = this.#create(account, 'OCO', legs, clientId);
    this.#startPair(list.orders);
    return list;
  }

  /** A working order, and one or two (then rivals) that start when it is filled. */
  placeOto(
    account: Account,
    working: OrderTerms,
    pending: readonly OrderTerms[],
    clientId: string,
  ): OrderList {
    const all = [working, ...pending] as const;
    this.#refuseTwins(account, all, clientId);
    this.#desk.check(account, working);
    const list = this.#create(account, 'OTO', all, clientId);
    const [first, ...rest] = list.orders;
    for (const o of rest) {
      o.status = 'PENDING_NEW';
      this.#ledger.report(o, this.#clock.micros(), { type: 'NEW' });
    }
    if (first !== undefined) this.#desk.start(first);
    return list;
  }

  find(account: Account, id: number | undefined, clientId: string | undefined): OrderList | undefined {
    for (let i = this.#lists.length - 1; i >= 0; i--) {
      const list = this.#lists[i];
      if (list?.account === account && (id === undefined ? list.clientId === clientId : list.id === id))
        return list;
    }
    return undefined;
  }

  of(account: Account): readonly OrderList[] {
    return this.#lists.filter((l) => l.account === account);
  }

  /** Cancels what is open of a list. Returns the answer. */
  cancel(list: OrderList, requestId: string, unit: TimeUnit): Readonly<Record<string, unknown>> {
    const reports: unknown[] = [];
    list.status = 'ALL_DONE';
    for (const o of list.orders) {
      if (!o.isOpen) continue;
      this.#desk.end(o, requestId);
      reports.push(cancelledJson(o, requestId, unit));
    }
    this.#tell(list);
    return { ...listJson(list, unit), orderReports: reports };
  }

  /** Before a waiting order starts to work: its rivals end. */
  triggered(o: SpotOrder): void {
    this.#endRivals(o);
  }

  /** After an order was filled in part, or is over. */
  changed(o: SpotOrder): void {
    const { list } = o;
    if (list === undefined || list.status !== 'EXECUTING') return;
    if (list.contingency === 'OTO' && o === list.orders[0]) this.#followUp(list, o);
    else if (o.executed.gt(0) || !o.isOpen) {
      this.#endRivals(o);
      if (o.isOpen && o.locked.isZero()) rebind(o, o.leaves);
    }
    if (list.orders.some((other) => other.isOpen)) return;
    list.status = 'ALL_DONE';
    this.#tell(list);
  }

  #followUp(list: OrderList, working: SpotOrder): void {
    if (working.isOpen) return;
    const pending = list.orders.slice(1);
    if (working.status === 'FILLED') {
      this.#startPair(pending);
      return;
    }
    for (const o of pending) if (o.isOpen) this.#desk.end(o, undefined, 'OTO_PHASE_ONE_EXPIRED');
  }

  /** Starts orders of which one trades: the one that needs most binds for all. */
  #startPair(orders: readonly SpotOrder[]): void {
    const needs = orders.map((o) => bound(o, o.leaves));
    const [first] = needs;
    if (first === undefined) return;
    const most = needs.reduce((a, b) => (b.amount.gt(a.amount) ? b : a), first);
    const carrier = orders[needs.indexOf(most)];
    if (carrier !== undefined && most.amount.gt(carrier.account.free(most.asset))) {
      for (const o of orders) this.#desk.reject(o);
      return;
    }
    if (carrier !== undefined) rebind(carrier, carrier.leaves);
    for (const o of orders) if (o.isOpen) this.#desk.start(o, false);
  }

  #endRivals(o: SpotOrder): void {
    for (const rival of o.list?.rivals(o) ?? [])
      if (rival.isOpen) this.#desk.end(rival, undefined, 'OCO_TRIGGER');
  }

  #create(
    account: Account,
    contingency: 'OCO' | 'OTO',
    terms: readonly [OrderTerms, ...OrderTerms[]],
    clientId: string,
  ): OrderList {
    const orders = terms.map((t) => this.#desk.create(account, t, t.quantity ?? ZERO));
    const now = this.#clock.micros();
    const list = new OrderList(
      this.#lists.length,
      account,
      contingency,
      clientId,
      terms[0].symbol,
      orders,
      now,
    );
    for (const o of orders) o.list = list;
    this.#lists.push(list);
    this.#tell(list);
    return list;
  }

  #refuseTwins(account: Account, terms: readonly OrderTerms[], clientId: string): void {
    const twins = new Set(terms.map((t) => t.clientOrderId)).size !== terms.length;
    const open = this.#lists.some(
      (l) => l.account === account && l.status === 'EXECUTING' && l.clientId === clientId,
    );
    if (twins || open) throw rejected('Duplicate order sent.');
  }

  #tell(list: OrderList): void {
    list.updatedAt = this.#clock.micros();
    this.#emit(list.account.id, listStatusEvent(list, list.updatedAt));
  }
}
