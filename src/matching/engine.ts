import type { MarketEvent } from '../model/event.js';
import { reasonText } from '../model/reason.js';
import type { Micros } from '../model/time.js';
import { Executor, touch } from './executor.js';
import type { DepthBook } from './depth.js';
import type { Ledger } from './ledger.js';
import { VenueMarket } from './market.js';
import { MarketFeed } from './feed.js';
import { VenueOrder, type CancelRequest, type OrderRequest, type ReplaceRequest } from './order.js';
import { OrderIds } from './order-ids.js';
import { placement } from './placement.js';
import { queueAhead } from './queue.js';
import type { MatchingSetup } from './setup.js';
import { hang, takeOnArrival } from './triggers.js';
import { badTerms, malformed } from './validate.js';
import { dec } from '../model/decimal.js';

/**
 * A venue's matching, without I/O and without a clock: market events and requests go in with their time, reports come
 * out. The same calls always give the same reports.
 *
 * Orders match against the market only, unless `crossing` lets them match against each other; among orders of one instrument the better price
 * goes first, then the older. A market event costs O(open orders of its instrument it may touch), nearly nothing when
 * there are none, and computes no Decimal unless it fills something. Memory: the open orders and a bounded set of used ids.
 */
export class MatchingEngine {
  readonly #setup: MatchingSetup;
  readonly #x: Executor;
  readonly #feed: MarketFeed;
  readonly #ids = new OrderIds();
  readonly #markets: (VenueMarket | undefined)[] = [];
  #count = 0;

  constructor(setup: MatchingSetup) {
    this.#setup = setup;
    this.#x = new Executor(
      setup.options,
      setup.ledger,
      setup.report,
      (order) => this.#ids.close(order),
      setup.crossing,
    );
    this.#feed = new MarketFeed(setup.options, this.#x);
  }

  onMarket(event: MarketEvent, now: Micros): void {
    const m = this.#market(event.ix);
    if (m !== undefined) this.#feed.apply(m, event, now);
  }

  /** `forced` skips the ledger: for orders of the venue itself, as a stop-out. */
  submit(request: OrderRequest, now: Micros, forced = false): void {
    const order = new VenueOrder(
      request,
      `${this.#setup.idPrefix}${(++this.#count).toString(36)}`,
      this.#count,
      now,
    );
    const m = this.#market(request.ix);
    const reason =
      m === undefined
        ? reasonText('INSTRUMENT_UNKNOWN', { ix: request.ix })
        : this.#accept(m, order, request, now, forced);
    if (m === undefined || reason !== '') {
      order.open = false;
      this.#x.say('rejected', now, request.clientOrderId, order, reason);
      return;
    }
    this.#x.say('accepted', now, order.clientOrderId, order);
    this.#setup.ledger(order.account)?.reserve(order, order.leaves);
    m.add(order);
    this.#work(m, order, now);
  }

  cancel(request: CancelRequest, now: Micros): void {
    const order = this.#ids.open(request.targetClientOrderId);
    const m = order === undefined ? undefined : this.#market(order.ix);
    if (order === undefined || m === undefined) {
      this.#x.say(
        'cancel_rejected',
        now,
        request.clientOrderId,
        undefined,
        this.#ids.missing(request.targetClientOrderId),
      );
      return;
    }
    this.#x.end(m, order, 'cancelled', '', now);
  }

  replace(request: ReplaceRequest, now: Micros): void {
    const order = this.#ids.open(request.targetClientOrderId);
    const m = order === undefined ? undefined : this.#market(order.ix);
    if (order === undefined || m === undefined) {
      this.#x.say(
        'replace_rejected',
        now,
        request.clientOrderId,
        undefined,
        this.#ids.missing(request.targetClientOrderId),
      );
      return;
    }
    const ledger = this.#setup.ledger(order.account);
    ledger?.release(order, order.leaves);
    const reason = this.#replaceable(m, order, request, ledger);
    if (reason !== '') {
      ledger?.reserve(order, order.leaves);
      this.#x.say('replace_rejected', now, request.clientOrderId, order, reason);
      return;
    }
    m.remove(order);
    this.#amend(m, order, request, now);
    ledger?.reserve(order, order.leaves);
    m.add(order);
    this.#x.say('replaced', now, order.clientOrderId, order);
    if (order.phase === 'limit') this.#work(m, order, now);
  }

  /** Ends orders whose time has passed. Market events do it by themselves; this is for times without any. */
  advance(now: Micros): void {
    for (const m of this.#markets)
      if (m !== undefined && m.nextExpiry < now) this.#feed.expire(m, now - 1, now);
  }

  /** Earliest expiry of an open order; an order is over once engine time is past it. */
  nextDeadline(): Micros | undefined {
    let next = Infinity;
    for (const m of this.#markets)
      if (m !== undefined && m.count > 0 && m.nextExpiry < next) next = m.nextExpiry;
    return next === Infinity ? undefined : next;
  }

  openOrders(): readonly VenueOrder[] {
    const orders: VenueOrder[] = [];
    for (const m of this.#markets) if (m !== undefined) orders.push(...m.buys, ...m.sells, ...m.waiting);
    return orders.sort((a, b) => a.rank - b.rank);
  }

  /** Takes over an order that was open in an earlier life of the venue: no checks, no report, no fill on arrival. */
  adopt(request: OrderRequest, filled: OrderRequest['quantity'], now: Micros): void {
    const m = this.#market(request.ix);
    if (m === undefined) return;
    const order = new VenueOrder(
      request,
      `${this.#setup.idPrefix}${(++this.#count).toString(36)}`,
      this.#count,
      now,
    );
    order.filled = filled;
    order.leaves = request.quantity.minus(filled);
    order.reservePrice = order.limitPrice ?? order.stopPrice ?? dec(0);
    placement(m, order, request, now, this.#setup.options);
    if (order.type === 'trailing_stop') this.#hang(m, order);
    if (this.#setup.options.queue && order.phase === 'limit') order.ahead = queueAhead(m, order);
    this.#ids.add(order.clientOrderId, order);
    this.#setup.ledger(order.account)?.reserve(order, order.leaves);
    m.add(order);
  }

  /** The market's own levels as they stand now; undefined before it showed any. */
  book(ix: number): DepthBook | undefined {
    return this.#markets[ix]?.book;
  }

  /** Price positions are valued at: middle of the touch, else the last trade; NaN when unknown. */
  mark(ix: number): number {
    const m = this.#markets[ix];
    if (m === undefined) return NaN;
    const mid = (m.bid + m.ask) / 2;
    return Number.isNaN(mid) ? m.last : mid;
  }

  /** What stands against an order, or empty. On success the order has its phase, stop and expiry. */
  #accept(m: VenueMarket, order: VenueOrder, request: OrderRequest, now: Micros, forced: boolean): string {
    const { options } = this.#setup;
    const ledger = this.#setup.ledger(request.account);
    if (this.#ids.used(request.clientOrderId))
      return reasonText('DUPLICATE_ORDER', { client_order_id: request.clientOrderId });
    this.#ids.note(request.clientOrderId);
    if (ledger === undefined) return reasonText('ACCOUNT_UNKNOWN', { account: request.account });
    const form = malformed(request, m.instrument, now, options.checkIncrements && !forced);
    if (form !== '') return form;
    const refused = placement(m, order, request, now, options);
    if (refused !== '') return refused;
    if (order.type === 'trailing_stop') this.#hang(m, order);
    const price =
      order.limitPrice?.toNumber() ?? (Number.isNaN(order.stop) ? touch(m, order.sign) : order.stop);
    if (Number.isNaN(price)) return 'NO_REFERENCE_PRICE';
    if (order.postOnly && this.#crosses(m, order)) return 'POST_ONLY_WOULD_TRADE';
    if (order.reduceOnly && ledger.position(order.ix).times(order.sign).gte(0)) return 'REDUCE_ONLY';
    order.reservePrice = order.limitPrice ?? this.#x.slipped(m, order, dec(price));
    const denied = forced || order.reduceOnly ? '' : ledger.admit(order, order.leaves, order.reservePrice);
    if (denied === '') this.#ids.add(request.clientOrderId, order);
    return denied;
  }

  /** First work of an order that was just placed or replaced. */
  #work(m: VenueMarket, o: VenueOrder, now: Micros): void {
    const { options } = this.#setup;
    const immediate = o.timeInForce === 'ioc' || o.timeInForce === 'fok';
    const active =
      m.tradable &&
      (m.isOpen(now) ||
        options.outsideSession === 'match' ||
        (o.type === 'market' && options.afterClose === 'immediate'));
    if (o.phase === 'limit') {
      const wait = m.fromBar && options.bars.limit.marketable === 'next_bar' && !immediate;
      if (immediate && !active)
        this.#x.end(m, o, 'cancelled', `time in force ${o.timeInForce}, market closed`, now);
      else if (immediate || (active && !wait && this.#crosses(m, o))) takeOnArrival(this.#x, m, o, now);
      if (o.open && options.queue) o.ahead = queueAhead(m, o);
    } else if (o.phase === 'market' && active) {
      takeOnArrival(this.#x, m, o, now);
    }
  }

  #replaceable(m: VenueMarket, o: VenueOrder, request: ReplaceRequest, ledger: Ledger | undefined): string {
    if (request.clientOrderId !== request.targetClientOrderId) {
      if (this.#ids.used(request.clientOrderId))
        return reasonText('DUPLICATE_ORDER', { client_order_id: request.clientOrderId });
      this.#ids.note(request.clientOrderId);
    }
    if (o.type === 'market') return reasonText('ORDER_TYPE_UNSUPPORTED', { type: o.type, action: 'replace' });
    const terms = badTerms(request, m.instrument, this.#setup.options.checkIncrements);
    if (terms !== '') return terms;
    if (request.quantity.lte(o.filled))
      return reasonText('QUANTITY_INVALID', { quantity: request.quantity, filled: o.filled });
    const limit = request.limitPrice?.toNumber() ?? o.limit;
    if (o.postOnly && crossesAt(m, o.sign, limit)) return 'POST_ONLY_WOULD_TRADE';
    if (o.reduceOnly) return '';
    const price = request.limitPrice ?? o.limitPrice ?? request.stopPrice ?? o.stopPrice ?? o.reservePrice;
    return ledger?.admit(o, request.quantity.minus(o.filled), price) ?? '';
  }

  /** Only a smaller quantity at the same prices keeps its place. */
  #amend(m: VenueMarket, o: VenueOrder, request: ReplaceRequest, now: Micros): void {
    const before = o.limit;
    const keeps =
      request.quantity.lte(o.quantity) &&
      (request.limitPrice === undefined || request.limitPrice.toNumber() === before);
    o.clientOrderId = request.clientOrderId;
    this.#ids.add(request.clientOrderId, o);
    o.quantity = request.quantity;
    o.leaves = request.quantity.minus(o.filled);
    if (request.limitPrice !== undefined && o.limitPrice !== undefined) {
      o.limitPrice = request.limitPrice;
      o.limit = request.limitPrice.toNumber();
      o.reservePrice = request.limitPrice;
    }
    if (o.phase === 'trigger') this.#amendStop(m, o, request);
    if (keeps) return;
    o.rank = ++this.#count;
    o.since = now;
    if (o.phase === 'limit' && this.#setup.options.queue) o.ahead = queueAhead(m, o);
  }

  #amendStop(m: VenueMarket, o: VenueOrder, request: ReplaceRequest): void {
    if (request.trailingOffset !== undefined && o.trailingOffset !== undefined) {
      o.trailingOffset = request.trailingOffset;
      if (!Number.isNaN(o.reference)) hang(m, o, o.reference);
    } else if (request.stopPrice !== undefined) {
      o.stopPrice = request.stopPrice;
      o.stop = request.stopPrice.toNumber();
      o.reference = NaN;
      if (o.limitPrice === undefined) o.reservePrice = request.stopPrice;
    }
  }

  #hang(m: VenueMarket, o: VenueOrder): void {
    if (!Number.isNaN(o.stop)) return;
    const quote = o.sign > 0 ? m.ask : m.bid;
    const [first, second] =
      this.#setup.options.trailingReference === 'last' ? [m.last, quote] : [quote, m.last];
    hang(m, o, Number.isNaN(first) ? second : first);
  }

  #crosses(m: VenueMarket, o: VenueOrder): boolean {
    return crossesAt(m, o.sign, o.limit);
  }

  #market(ix: number): VenueMarket | undefined {
    const found = this.#markets[ix];
    if (found !== undefined) return found;
    const instrument = this.#setup.instruments.at(ix);
    return instrument === undefined
      ? undefined
      : (this.#markets[ix] = new VenueMarket(instrument, this.#setup.crossing !== undefined));
  }
}

function crossesAt(m: VenueMarket, sign: number, limit: number): boolean {
  return (limit - touch(m, sign)) * sign >= 0;
}
