import type { MarketEvent } from '../../model/event.js';
import { SessionClock } from '../../model/session.js';
import { Feed } from './feed.js';
import { calendarOf, type BarsOptions } from './options.js';

/** What bars of every kind keep of one instrument; made at its first event. */
export class BarSlot {
  readonly instrument: string;
  readonly ix: number;
  readonly feed: Feed;
  readonly session: SessionClock | undefined;

  constructor(first: MarketEvent, options: BarsOptions) {
    const calendar = calendarOf(options, first.ix);
    this.instrument = first.instrument;
    this.ix = first.ix;
    this.feed = new Feed(options.from ?? 'trade');
    this.session = calendar === undefined ? undefined : new SessionClock(calendar);
  }
}
