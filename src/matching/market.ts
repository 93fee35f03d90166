import type { Instrument } from '../model/instrument.js';
import { MICROS_PER_DAY, type Micros } from '../model/time.js';
import { DepthBook } from './depth.js';
import type { VenueOrder } from './order.js';
import { sessionAt, type SessionWindow } from '../model/session.js';

const NEVER: SessionWindow = { open: -1, close: -1 };

/** What the venue knows of one instrument: its market now, its session, and its open orders in order of priority. */
export class VenueMarket {
  readonly instrument: Instrument;
  /** Its orders trade with each other, too. */
  readonly crossing: boolean;
  bid: number = NaN;
  ask: number = NaN;
  bidSize: number = NaN;
  askSize: number = NaN;
  last: number = NaN;
  /** Size still there to be taken by sells and by buys since the market last spoke; Infinity when not limited. */
  bidLeft: number = Infinity;
  askLeft: number = Infinity;
  /** The newest touch is the close of a bar. */
  fromBar: boolean = false;
  /** False while the venue says halted, closed or auction: nothing fills. */
  tradable: boolean = true;
  hasQuotes: boolean = false;
  hasTrades: boolean = false;
  hasQuoteBars: boolean = false;
  hasTradeBars: boolean = false;
  book: DepthBook | undefined;
  /** Resting limits, best price first, then oldest first. */
  readonly buys: VenueOrder[] = [];
  readonly sells: VenueOrder[] = [];
  /** Everything else that is open, oldest first. */
  readonly waiting: VenueOrder[] = [];
  count: number = 0;
  /** Earliest expiry of an open order. */
  nextExpiry: Micros = Infinity;
  #session: SessionWindow = NEVER;
  #before: SessionWindow = NEVER;

  constructor(instrument: Instrument, crossing = false) {
    this.instrument = instrument;
    this.crossing = crossing;
    this.tradable = instrument.status === 'open' || instrument.status === 'unknown';
  }

  /** The session held now, else the next. */
  session(now: Micros): SessionWindow {
    if (now >= this.#session.close) {
      this.#before = this.#session;
      this.#session = sessionAt(this.instrument.session, now);
    }
    return this.#session;
  }

  /** True when the instrument has no calendar, or `now` is inside a session. */
  isOpen(now: Micros): boolean {
    return this.instrument.session === undefined || now >= this.session(now).open;
  }

  /** The session that holds or follows `start`, also when a later one was already asked for. */
  sessionOf(start: Micros): SessionWindow {
    if (start < this.#session.close && start >= this.#before.close) return this.#session;
    return start < this.#before.close ? this.#before : this.session(start);
  }

  /** True when [start, end) and a session share time. */
  overlapsSession(start: Micros, end: Micros): boolean {
    return this.instrument.session === undefined || end > this.sessionOf(start).open;
  }

  /** First open after `now`. */
  nextOpen(now: Micros): Micros {
    const session = this.session(now);
    if (session.open > now) return session.open;
    return this.instrument.session === undefined
      ? session.open + MICROS_PER_DAY
      : sessionAt(this.instrument.session, session.close).open;
  }

  add(order: VenueOrder): void {
    this.count++;
    if (order.expireAt < this.nextExpiry) this.nextExpiry = order.expireAt;
    this.#list(order).splice(this.#place(order), 0, order);
  }

  remove(order: VenueOrder): void {
    const list = this.#list(order);
    const i = list.indexOf(order);
    if (i < 0) return;
    list.splice(i, 1);
    this.count--;
  }

  /** Moves an order that triggered or opened to the limits. */
  rest(order: VenueOrder): void {
    this.remove(order);
    order.phase = 'limit';
    this.add(order);
  }

  #list(order: VenueOrder): VenueOrder[] {
    if (order.phase !== 'limit') return this.waiting;
    return order.sign > 0 ? this.buys : this.sells;
  }

  #place(order: VenueOrder): number {
    const list = this.#list(order);
    let i = list.length;
    while (i > 0) {
      const other = list[i - 1];
      if (other === undefined || this.#precedes(other, order)) break;
      i--;
    }
    return i;
  }

  #precedes(a: VenueOrder, b: VenueOrder): boolean {
    if (b.phase === 'limit' && a.limit !== b.limit) return (a.limit - b.limit) * b.sign > 0;
    return a.rank < b.rank;
  }
}
