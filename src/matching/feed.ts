import type {
  BarEvent,
  BookEvent,
  MarketEvent,
  QuoteEvent,
  StatusEvent,
  TradeEvent,
} from '../model/event.js';
import type { Micros } from '../model/time.js';
import { BarMatcher } from './bars.js';
import { DepthBook } from './depth.js';
import type { Executor } from './executor.js';
import type { VenueMarket } from './market.js';
import type { MatchingOptions } from './options.js';
import { TickMatcher } from './ticks.js';

/** Brings market events to a market: what is known changes first, then orders are matched against it. */
export class MarketFeed {
  readonly #o: MatchingOptions;
  readonly #x: Executor;
  readonly #ticks: TickMatcher;
  readonly #bars: BarMatcher;
  readonly #displayed: boolean;

  constructor(options: MatchingOptions, executor: Executor) {
    this.#o = options;
    this.#x = executor;
    this.#ticks = new TickMatcher(options, executor);
    this.#bars = new BarMatcher(options, executor);
    this.#displayed = options.liquidity === 'displayed';
  }

  apply(m: VenueMarket, event: MarketEvent, now: Micros): void {
    switch (event.kind) {
      case 'quote':
        if (this.#o.use.quote) this.#quote(m, event, now);
        return;
      case 'trade':
        if (this.#o.use.trade) this.#trade(m, event, now);
        return;
      case 'book':
        if (this.#o.use.book) this.#book(m, event, now);
        return;
      case 'bar':
        if (this.#o.use.bar) this.#bar(m, event, now);
        return;
      case 'status':
        this.#status(m, event);
    }
  }

  /** Ends the orders of a market whose expiry is at or before `until`. */
  expire(m: VenueMarket, until: Micros, now: Micros): void {
    const over = [...m.buys, ...m.sells, ...m.waiting]
      .filter((o) => o.expireAt <= until)
      .sort((a, b) => a.rank - b.rank);
    for (const o of over) this.#x.end(m, o, 'expired', `time in force ${o.timeInForce}`, now);
    m.nextExpiry = Infinity;
    for (const list of [m.buys, m.sells, m.waiting])
      for (const o of list) if (o.expireAt < m.nextExpiry) m.nextExpiry = o.expireAt;
  }

  #quote(m: VenueMarket, e: QuoteEvent, now: Micros): void {
    if (m.count > 0) this.#before(m, now);
    if (this.#displayed) {
      // What our fills took stays taken until the venue shows another price or size.
      if (e.bid !== m.bid || e.bidSize !== m.bidSize || m.fromBar)
        m.bidLeft = Number.isNaN(e.bidSize) ? Infinity : e.bidSize;
      if (e.ask !== m.ask || e.askSize !== m.askSize || m.fromBar)
        m.askLeft = Number.isNaN(e.askSize) ? Infinity : e.askSize;
    } else if (m.fromBar) {
      m.bidLeft = m.askLeft = Infinity;
    }
    m.bid = e.bid;
    m.bidSize = e.bidSize;
    m.ask = e.ask;
    m.askSize = e.askSize;
    m.fromBar = false;
    m.hasQuotes = true;
    if (m.count > 0 && this.#active(m, now)) this.#ticks.touched(m, now);
  }

  #book(m: VenueMarket, e: BookEvent, now: Micros): void {
    if (m.count > 0) this.#before(m, now);
    m.book ??= new DepthBook();
    m.book.apply(e);
    const bids = m.book.against(-1);
    const asks = m.book.against(1);
    m.bid = bids.price(0);
    m.bidSize = bids.size(0);
    m.ask = asks.price(0);
    m.askSize = asks.size(0);
    m.fromBar = false;
    m.hasQuotes = true;
    if (m.count > 0 && this.#active(m, now)) this.#ticks.touched(m, now);
  }

  #trade(m: VenueMarket, e: TradeEvent, now: Micros): void {
    if (!Number.isFinite(e.price)) return;
    if (m.count > 0) this.#before(m, now);
    m.last = e.price;
    m.hasTrades = true;
    if (!m.hasQuotes) {
      m.bidLeft = m.askLeft = this.#displayed ? e.size : Infinity;
      m.fromBar = false;
    }
    if (m.count > 0 && this.#active(m, now)) this.#ticks.traded(m, e.price, e.size, e.aggressor, now);
  }

  #bar(m: VenueMarket, e: BarEvent, now: Micros): void {
    const end = e.every > 0 ? Math.min(e.start + e.every, now) : now;
    if (m.count > 0 && m.nextExpiry <= e.start) this.expire(m, e.start, now);
    if (m.count > 0 && m.waiting.length > 0) this.#ticks.closings(m, e.start, now);
    this.#close(m, e);
    if (m.count === 0) return;
    this.#bars.bar(m, e, end, now);
    if (m.nextExpiry < end) this.expire(m, end - 1, now);
  }

  /** The close of a bar is the newest price, unless ticks tell a fresher touch. */
  #close(m: VenueMarket, e: BarEvent): void {
    if (e.basis === 'trade') {
      m.last = e.close;
      m.hasTradeBars = true;
      if (m.hasQuotes) return;
    } else {
      if (e.basis !== 'ask') m.bid = e.close;
      if (e.basis !== 'bid') m.ask = e.close;
      m.hasQuoteBars = true;
    }
    m.fromBar = true;
    if (e.basis !== 'trade' && m.hasTradeBars) return;
    const part = this.#o.bars.participation;
    m.bidLeft = m.askLeft = part === undefined ? Infinity : part * e.volume;
  }

  #status(m: VenueMarket, e: StatusEvent): void {
    m.tradable = e.status === 'open' || e.status === 'unknown';
  }

  /** What must happen before a tick is known: orders that are over end, the close of a session past is struck. */
  #before(m: VenueMarket, now: Micros): void {
    if (m.nextExpiry <= now) this.expire(m, now, now);
    if (m.waiting.length > 0) this.#ticks.closings(m, now, now);
  }

  #active(m: VenueMarket, now: Micros): boolean {
    return m.tradable && (this.#o.outsideSession === 'match' || m.isOpen(now));
  }
}
