import { dec } from '../model/decimal.js';
import type { Micros } from '../model/time.js';
import { touch, type Executor } from './executor.js';
import type { VenueMarket } from './market.js';
import type { MatchingOptions } from './options.js';
import type { VenueOrder } from './order.js';
import { shrinkQueues } from './queue.js';
import { auction, ratchet, reached, trigger } from './triggers.js';

/** Fills against quotes, books and trades. Loops by index: filling an order takes it out of its list. */
export class TickMatcher {
  readonly #o: MatchingOptions;
  readonly #x: Executor;

  constructor(options: MatchingOptions, executor: Executor) {
    this.#o = options;
    this.#x = executor;
  }

  /** The touch or the book changed. */
  touched(m: VenueMarket, now: Micros): void {
    for (let i = 0; i < m.waiting.length;) {
      const o = m.waiting[i];
      if (o === undefined) break;
      this.#waitingTouched(m, o, now);
      if (m.waiting[i] === o) i++;
    }
    if (this.#o.queue) {
      shrinkQueues(m, m.buys);
      shrinkQueues(m, m.sells);
    }
    this.#crossed(m, m.buys, m.ask, now);
    this.#crossed(m, m.sells, m.bid, now);
  }

  traded(m: VenueMarket, price: number, size: number, aggressor: number, now: Micros): void {
    for (let i = 0; i < m.waiting.length;) {
      const o = m.waiting[i];
      if (o === undefined) break;
      this.#waitingTraded(m, o, price, now);
      if (m.waiting[i] === o) i++;
    }
    const left = this.#through(m, m.buys, price, size, size, aggressor, now);
    this.#through(m, m.sells, price, size, left, aggressor, now);
  }

  /** Fills market-on-close orders whose close is at or before `until`, at the last price before this event. */
  closings(m: VenueMarket, until: Micros, now: Micros): void {
    for (let i = 0; i < m.waiting.length;) {
      const o = m.waiting[i];
      if (o === undefined) break;
      if (o.phase === 'close' && until >= o.due) {
        const price = Number.isNaN(m.last) ? touch(m, o.sign) : m.last;
        if (Number.isNaN(price)) this.#x.end(m, o, 'expired', 'no price at the close', now);
        else auction(this.#x, m, o, price, now);
      }
      if (m.waiting[i] === o) i++;
    }
  }

  #waitingTouched(m: VenueMarket, o: VenueOrder, now: Micros): void {
    if (o.phase === 'trigger') {
      if (this.#o.trigger !== 'trade' || !(m.hasTrades || m.hasTradeBars))
        this.#testStop(m, o, o.sign > 0 ? m.ask : m.bid, now);
    } else if (o.phase === 'market') {
      this.#x.take(m, o, now);
    } else if (o.phase === 'open' && now >= o.due && !m.hasTrades && !m.hasTradeBars) {
      const price = touch(m, o.sign);
      if (!Number.isNaN(price)) auction(this.#x, m, o, price, now);
    } else if (o.phase === 'bar' && !m.hasTradeBars && !m.hasQuoteBars) {
      this.#x.take(m, o, now);
    }
  }

  #waitingTraded(m: VenueMarket, o: VenueOrder, price: number, now: Micros): void {
    if (o.phase === 'trigger') {
      if (this.#o.trigger !== 'quote' || !(m.hasQuotes || m.hasQuoteBars)) this.#testStop(m, o, price, now);
    } else if (o.phase === 'open') {
      if (now >= o.due) auction(this.#x, m, o, price, now);
    } else if (o.phase === 'market' && !m.hasQuotes) {
      this.#x.take(m, o, now);
    }
  }

  /** The test comes before the ratchet: a stop cannot be moved by the price that reaches it. */
  #testStop(m: VenueMarket, o: VenueOrder, price: number, now: Micros): void {
    if (Number.isNaN(price)) return;
    if (reached(o, price)) trigger(this.#x, m, o, now, this.#o.queue);
    else if (o.type === 'trailing_stop') ratchet(m, o, price);
  }

  /** Resting limits that the other side's best price touches or crosses: filled at their limit, as makers. */
  #crossed(m: VenueMarket, list: readonly VenueOrder[], other: number, now: Micros): void {
    for (let i = 0; i < list.length;) {
      const o = list[i];
      if (o === undefined || !this.#meets(o, other)) break;
      const quantity = this.#x.fillable(m, o, this.#x.available(m, o), now);
      if (o.open && !quantity.isZero()) {
        this.#consume(m, o, quantity.toNumber());
        this.#x.fill(m, o, quantity, o.limitPrice ?? dec(o.limit), 'maker', now);
      }
      if (list[i] === o) i++;
    }
  }

  #consume(m: VenueMarket, o: VenueOrder, quantity: number): void {
    const levels = m.book?.against(o.sign);
    if (levels === undefined || levels.length === 0) {
      if (o.sign > 0) m.askLeft -= quantity;
      else m.bidLeft -= quantity;
      return;
    }
    for (let left = quantity; left > 0 && levels.length > 0;) {
      const size = levels.size(0);
      levels.take(0, Math.min(size, left));
      left -= size;
    }
  }

  /** Resting limits a trade reaches. Returns what is left of the trade. */
  #through(
    m: VenueMarket,
    list: readonly VenueOrder[],
    price: number,
    size: number,
    budget: number,
    aggressor: number,
    now: Micros,
  ): number {
    let left = budget;
    for (let i = 0; i < list.length;) {
      const o = list[i];
      if (o === undefined || !((o.limit - price) * o.sign >= 0)) break;
      const reach = o.limit === price ? this.#atPrice(o, size, aggressor) : Infinity;
      const most = this.#o.liquidity === 'displayed' ? Math.min(reach, left) : reach > 0 ? Infinity : 0;
      const quantity = this.#x.fillable(m, o, most, now);
      if (o.open && !quantity.isZero()) {
        left -= quantity.toNumber();
        this.#x.fill(m, o, quantity, o.limitPrice ?? dec(o.limit), 'maker', now);
      }
      if (list[i] === o) i++;
    }
    return left;
  }

  /** How much of a trade at exactly the order's price reaches it. */
  #atPrice(o: VenueOrder, size: number, aggressor: number): number {
    if (!this.#o.queue) return this.#o.limit === 'touch' ? Infinity : 0;
    if (aggressor === o.sign || Number.isNaN(o.ahead)) return 0;
    const reach = size - o.ahead;
    o.ahead = Math.max(0, -reach);
    return Math.max(0, reach);
  }

  #meets(o: VenueOrder, other: number): boolean {
    const room = (o.limit - other) * o.sign;
    return this.#o.limit === 'touch' ? room >= 0 : room > 0;
  }
}
