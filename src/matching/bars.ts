import { Decimal, dec } from '../model/decimal.js';
import type { BarEvent } from '../model/event.js';
import type { Micros } from '../model/time.js';
import type { Executor } from './executor.js';
import type { VenueMarket } from './market.js';
import type { BarRules, BarSide, MatchingOptions } from './options.js';
import type { VenueOrder } from './order.js';
import { auction, exactStop, markTriggered, ratchet, reached } from './triggers.js';

type StopPrice = BarRules['stop']['price'];

/** Fills against bars, by the rules of {@link BarRules}. */
export class BarMatcher {
  readonly #o: MatchingOptions;
  readonly #x: Executor;

  constructor(options: MatchingOptions, executor: Executor) {
    this.#o = options;
    this.#x = executor;
  }

  /** `end`: when the bar was complete. Orders that arrived at or after it are not judged on it. */
  bar(m: VenueMarket, bar: BarEvent, end: Micros, now: Micros): void {
    const quiet = this.#quiet(m, bar, end);
    for (let i = 0; i < m.waiting.length;) {
      const o = m.waiting[i];
      if (o === undefined) break;
      if (o.since < end) this.#waiting(m, o, bar, end, now, quiet);
      if (m.waiting[i] === o) i++;
    }
    if (quiet) return;
    this.#limits(m, m.buys, bar, end, now);
    this.#limits(m, m.sells, bar, end, now);
  }

  /** Nothing but auctions fills on it: outside the session, or the session's last bar when the rules skip that. */
  #quiet(m: VenueMarket, bar: BarEvent, end: Micros): boolean {
    if (!m.tradable) return true;
    if (m.instrument.session === undefined) return false;
    if (this.#o.outsideSession === 'rest' && !m.overlapsSession(bar.start, end)) return true;
    const session = m.sessionOf(bar.start);
    return this.#o.bars.atClose === 'skip' && end >= session.close && bar.start > session.open;
  }

  #waiting(m: VenueMarket, o: VenueOrder, bar: BarEvent, end: Micros, now: Micros, quiet: boolean): void {
    if (o.phase === 'open') {
      if (m.tradable && end > o.due && judges(m, o, bar, 'trade')) auction(this.#x, m, o, bar.open, now);
    } else if (o.phase === 'close') {
      if (end >= o.due && bar.start < o.due && judges(m, o, bar, 'trade'))
        auction(this.#x, m, o, bar.close, now);
    } else if (quiet) {
      return;
    } else if (o.phase === 'trigger') {
      this.#stop(m, o, bar, now);
    } else if (o.phase === 'market') {
      if (judges(m, o, bar, 'quote')) this.#x.take(m, o, now);
    } else if (
      o.phase === 'bar' &&
      bar.start >= o.since &&
      Number.isFinite(bar.open) &&
      judges(m, o, bar, 'quote')
    ) {
      this.#take(m, o, dec(bar.open), now);
      if (o.open) this.#leaveOrWait(m, o, now);
    }
  }

  #stop(m: VenueMarket, o: VenueOrder, bar: BarEvent, now: Micros): void {
    const rules = this.#o.bars;
    const rule =
      o.type === 'trailing_stop' ? rules.trailingStop : o.type === 'stop' ? rules.stop : rules.stopLimit;
    if (!judges(m, o, bar, rule.basis)) return;
    if (!reached(o, o.sign > 0 ? bar.high : bar.low)) {
      if (o.type === 'trailing_stop') ratchet(m, o, o.sign > 0 ? bar.low : bar.high);
      return;
    }
    markTriggered(this.#x, m, o, now);
    if ('price' in rule) {
      this.#take(m, o, stopPrice(o, bar, rule.price, exactStop(m, o)), now);
      if (o.open) this.#leaveOrWait(m, o, now);
      return;
    }
    m.rest(o);
    if (this.#beats(o, bar.close))
      this.#make(m, o, this.#limitPrice(o, bar, rules.limit.price === 'range' ? 'range' : 'limit'), now);
    // The rest of this bar is judged already; the next bar is the first that may fill it as a resting limit.
    o.since = now;
    if (o.open && (o.timeInForce === 'ioc' || o.timeInForce === 'fok')) this.#leaveOrWait(m, o, now);
  }

  #limits(m: VenueMarket, list: readonly VenueOrder[], bar: BarEvent, end: Micros, now: Micros): void {
    const rules = this.#o.bars;
    for (let i = 0; i < list.length;) {
      const o = list[i];
      if (o === undefined || !this.#beats(o, o.sign > 0 ? bar.low : bar.high)) break;
      const basis = o.type === 'stop_limit' ? rules.stopLimit.basis : rules.limit.basis;
      const byClose = o.type === 'stop_limit' && rules.stopLimit.after === 'close';
      if (o.since < end && judges(m, o, bar, basis) && (!byClose || this.#beats(o, bar.close))) {
        this.#make(m, o, this.#limitPrice(o, bar, rules.limit.price), now);
      }
      if (list[i] === o) i++;
    }
  }

  #beats(o: VenueOrder, price: number): boolean {
    const room = (o.limit - price) * o.sign;
    return this.#o.limit === 'touch' ? room >= 0 : room > 0;
  }

  #limitPrice(o: VenueOrder, bar: BarEvent, rule: BarRules['limit']['price']): Decimal {
    const limit = o.limitPrice ?? dec(o.limit);
    if (rule === 'limit') return limit;
    const seen = rule === 'open' ? bar.open : o.sign > 0 ? bar.high : bar.low;
    return (o.limit - seen) * o.sign > 0 ? dec(seen) : limit;
  }

  #take(m: VenueMarket, o: VenueOrder, price: Decimal, now: Micros): void {
    this.#fill(m, o, price, 'taker', now);
  }

  #make(m: VenueMarket, o: VenueOrder, price: Decimal, now: Micros): void {
    this.#fill(m, o, price, 'maker', now);
  }

  #fill(m: VenueMarket, o: VenueOrder, price: Decimal, liquidity: 'maker' | 'taker', now: Micros): void {
    const left = o.sign > 0 ? m.askLeft : m.bidLeft;
    if (o.timeInForce === 'fok' && !this.#x.fillsWhole(o, left)) return;
    const quantity = this.#x.fillable(m, o, left, now);
    if (!o.open || quantity.isZero()) return;
    this.#x.use(m, o.sign, quantity);
    this.#x.fill(
      m,
      o,
      quantity,
      liquidity === 'taker' ? this.#x.slipped(m, o, price) : price,
      liquidity,
      now,
    );
  }

  /** What the bar's volume did not fill waits for the next, unless its time in force forbids. */
  #leaveOrWait(m: VenueMarket, o: VenueOrder, now: Micros): void {
    if (o.timeInForce === 'ioc' || o.timeInForce === 'fok')
      this.#x.end(m, o, 'cancelled', `time in force ${o.timeInForce}`, now);
    else o.phase = 'market';
  }
}

/** Whether an order of this side is judged on the bar when it wants that series; the other one stands in when absent. */
function judges(m: VenueMarket, o: VenueOrder, bar: BarEvent, wanted: BarSide): boolean {
  if (bar.basis === 'trade') return wanted === 'trade' || !m.hasQuoteBars;
  if (wanted === 'trade' && m.hasTradeBars) return false;
  return bar.basis === 'mid' || (bar.basis === 'ask') === o.sign > 0;
}

function stopPrice(o: VenueOrder, bar: BarEvent, rule: StopPrice, stop: Decimal): Decimal {
  if (rule === 'stop') return stop;
  const seen = rule === 'open' ? bar.open : bar.close;
  return (seen - o.stop) * o.sign > 0 ? dec(seen) : stop;
}
