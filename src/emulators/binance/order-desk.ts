import { dec, type Decimal } from '../../model/decimal.js';
import type { Account } from './account.js';
import { ApiError } from './api-error.js';
import { seePrice, stopReached } from './conditional.js';
import { badSymbol, filterFailure, rejected, unknownOrder } from './errors.js';
import { checkFilters, checkLot } from './filters.js';
import { baseQuantity, checkFunds, walk } from './funds.js';
import type { LedgerBook } from './ledger-book.js';
import type { Market, MatchingHost } from './matching-host.js';
import { hasLimit, SpotOrder, type OrderTerms } from './order.js';
import { rebind, unbind } from './settlement.js';
import type { ExchangeClock } from './types.js';

/** What an amendment did. */
export interface Amended {
  readonly order: SpotOrder;
  readonly origClientOrderId: string;
  readonly executionId: number;
}

/** Takes, cancels and amends orders of accounts: the rules between a checked request and the matching engine. */
export class OrderDesk {
  readonly #host: MatchingHost;
  readonly #ledger: LedgerBook;
  readonly #clock: ExchangeClock;
  readonly #waiting = new Map<string, SpotOrder[]>();
  readonly #byId = new Map<string, Map<number, SpotOrder>>();
  readonly #lastId = new Map<string, number>();
  /** Called before a waiting order starts to work: the other orders of its list end. */
  onTrigger: (o: SpotOrder) => void = () => undefined;

  /** Called when an order ended outside the matching engine, not by a request. */
  onEnd: (o: SpotOrder) => void = () => undefined;

  constructor(host: MatchingHost, ledger: LedgerBook, clock: ExchangeClock) {
    this.#host = host;
    this.#ledger = ledger;
    this.#clock = clock;
  }

  byId(symbol: string, orderId: number): SpotOrder | undefined {
    return this.#byId.get(symbol)?.get(orderId);
  }

  /** Checks a new order against everything that can refuse it, without changing anything. Returns its base quantity. */
  check(account: Account, t: OrderTerms, funds = true): Decimal {
    const m = this.market(t.symbol.name);
    if (!account.canTrade) throw rejected('This account may not place or cancel orders.');
    if (t.symbol.status !== 'TRADING') throw rejected('Market is closed.');
    if (account.open.has(t.clientOrderId)) throw rejected('Duplicate order sent.');
    const quantity = baseQuantity(account, m.book, t);
    const average = m.tape.average(5, this.#clock.micros());
    const marketPrice = m.book.against(t.side).price(0);
    checkFilters(t, quantity, { account, average, marketPrice });
    if (t.stopPrice !== undefined && !Number.isNaN(m.tape.last) && t.trailingDelta === undefined) {
      if (stopReached(t.side, t.type, t.stopPrice, dec(m.tape.last)))
        throw rejected('Order would trigger immediately.');
    }
    if (t.type === 'LIMIT_MAKER' && t.price !== undefined && meets(t.side, t.price, marketPrice))
      throw rejected('Order would immediately match and take.');
    if (funds) checkFunds(account, m.book, t, quantity);
    return quantity;
  }

  place(account: Account, t: OrderTerms): SpotOrder {
    const quantity = this.check(account, t);
    const o = this.create(account, t, quantity);
    this.start(o);
    return o;
  }

  /** A known order that does nothing yet. */
  create(account: Account, t: OrderTerms, quantity: Decimal): SpotOrder {
    const name = t.symbol.name;
    const id = (this.#lastId.get(name) ?? 0) + 1;
    this.#lastId.set(name, id);
    const o = new SpotOrder(account, { ...t, quantity }, id, this.#clock.micros());
    let known = this.#byId.get(name);
    if (known === undefined) {
      known = new Map();
      this.#byId.set(name, known);
    }
    known.set(id, o);
    this.#ledger.register(o);
    return o;
  }

  /** Binds what the order needs and lets it wait for its stop, or work. */
  start(o: SpotOrder, bind = true): void {
    o.status = 'NEW';
    if (bind) rebind(o, o.leaves);
    if (o.waiting) {
      this.#ledger.report(o, this.#clock.micros(), { type: 'NEW' });
      this.#list(o).push(o);
      if (o.trailingDelta !== undefined) this.#follow(o);
      return;
    }
    this.#work(o);
  }

  /** Shows a last price to the orders that wait for one. */
  see(m: Market, price: Decimal): void {
    const waiting = this.#waiting.get(m.symbol.name);
    if (waiting === undefined || waiting.length === 0) return;
    const now = this.#clock.micros();
    for (const o of waiting.filter((w) => seePrice(w, price, now))) {
      if (!o.isOpen) continue;
      this.#forget(o);
      o.triggered = true;
      this.onTrigger(o);
      this.#trigger(m, o);
    }
  }

  /** Ends an open order: cancelled by the request of this id, or expired for a reason. */
  end(o: SpotOrder, requestId: string | undefined, reason?: string): void {
    if (o.onBook) {
      this.#host.cancel(o, requestId, reason);
      return;
    }
    this.#forget(o);
    const now = this.#clock.micros();
    if (requestId !== undefined) this.#ledger.end(o, 'CANCELED', now, { requestId });
    else this.#ledger.end(o, 'EXPIRED', now, reason === undefined ? {} : { reason });
  }

  /** Ends an order that its account cannot pay for when its time comes. */
  reject(o: SpotOrder): void {
    this.#ledger.end(o, 'EXPIRED', this.#clock.micros(), { reject: 'INSUFFICIENT_BALANCES' });
    this.onEnd(o);
  }

  /** The order an account means by id or client id; both must agree. Throws when there is none that is open. */
  findOpen(
    account: Account,
    symbol: string,
    orderId: number | undefined,
    clientId: string | undefined,
  ): SpotOrder {
    const byClient = clientId === undefined ? undefined : account.open.get(clientId);
    const o = orderId === undefined ? byClient : this.byId(symbol, orderId);
    if (o === undefined || o.account !== account || o.symbol.name !== symbol || !o.isOpen)
      throw unknownOrder();
    if (orderId !== undefined && clientId !== undefined && o.clientOrderId !== clientId)
      throw new ApiError(400, -2039, 'Client order ID is not correct for this order ID.');
    return o;
  }

  /** Makes an open order smaller, keeping its place in the queue. */
  amend(o: SpotOrder, quantity: Decimal, clientId: string): Amended {
    const refuse = (text: string): ApiError => new ApiError(400, -2038, text);
    if (o.symbol.status !== 'TRADING') throw rejected('Market is closed.');
    if (quantity.eq(o.quantity)) throw refuse('The requested action would change no state; rejecting.');
    if (quantity.gt(o.quantity)) throw refuse('Order amend (quantity increase) is not supported.');
    if (o.amendments.length >= o.symbol.rules.maxNumOrderAmends) throw filterFailure('MAX_NUM_ORDER_AMENDS');
    checkLot(o.symbol, quantity, 'LOT_SIZE');
    if (o.price.gt(0) && o.price.times(quantity).lt(o.symbol.rules.minNotional))
      throw filterFailure('NOTIONAL');
    if (quantity.lte(o.executed.plus(o.prevented)))
      throw refuse('The new quantity must be greater than the executed quantity.');
    const other = o.account.open.get(clientId);
    if (other !== undefined && other !== o) throw refuse('Duplicate order sent.');
    const origClientOrderId = o.clientOrderId;
    const origQty = o.quantity;
    if (o.onBook) this.#host.reduce(o, quantity);
    o.quantity = quantity;
    if (!o.locked.isZero()) rebind(o, o.leaves);
    o.account.open.delete(origClientOrderId);
    o.clientOrderId = clientId;
    o.account.remember(o);
    const now = this.#clock.micros();
    this.#ledger.report(o, now, { type: 'REPLACED', origClientOrderId });
    const executionId = this.#ledger.executionId;
    o.amendments.push({
      executionId,
      origClientOrderId,
      newClientOrderId: clientId,
      origQty,
      newQty: quantity,
      at: now,
    });
    return { order: o, origClientOrderId, executionId };
  }

  market(symbol: string): Market {
    const m = this.#host.markets.get(symbol);
    if (m === undefined) throw badSymbol();
    return m;
  }

  #trigger(m: Market, o: SpotOrder): void {
    if (hasLimit(o.type)) {
      if (o.locked.isZero()) rebind(o, o.leaves);
    } else if (o.side === 'BUY') {
      unbind(o);
      const { symbol, side, stp, leaves } = o;
      const need = walk(o.account, m.book, { symbol, side, stp, quantity: leaves, quoteOrderQty: undefined });
      if (need.quote.gt(o.account.free(o.symbol.quote))) {
        this.reject(o);
        return;
      }
    } else if (o.locked.isZero()) {
      rebind(o, o.leaves);
    }
    this.#work(o);
  }

  #work(o: SpotOrder): void {
    const m = this.market(o.symbol.name);
    const now = this.#clock.micros();
    if (!hasLimit(o.type) && m.book.against(o.side).length === 0) {
      o.workingAt = now;
      this.#ledger.report(o, now, { type: 'NEW' });
      this.#ledger.end(o, 'EXPIRED', now, { reason: 'INSUFFICIENT_LIQUIDITY' });
      this.onEnd(o);
      return;
    }
    const refused = this.#host.submit(o);
    if (refused === '') return;
    this.#ledger.end(o, 'EXPIRED', now, { reason: 'EXCHANGE_CANCELED' });
    this.onEnd(o);
  }

  /** A trailing order without an unreached stop price follows from the last price on. */
  #follow(o: SpotOrder): void {
    const { last } = this.market(o.symbol.name).tape;
    if (!Number.isNaN(last)) seePrice(o, dec(last), this.#clock.micros());
  }

  #list(o: SpotOrder): SpotOrder[] {
    let list = this.#waiting.get(o.symbol.name);
    if (list === undefined) {
      list = [];
      this.#waiting.set(o.symbol.name, list);
    }
    return list;
  }

  #forget(o: SpotOrder): void {
    const list = this.#list(o);
    const i = list.indexOf(o);
    if (i >= 0) list.splice(i, 1);
  }
}

function meets(side: 'BUY' | 'SELL', price: Decimal, offer: number): boolean {
  if (Number.isNaN(offer)) return false;
  return side === 'BUY' ? price.gte(offer) : price.lte(offer);
}
