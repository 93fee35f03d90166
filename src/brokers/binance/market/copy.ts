import type { GapEvent, MarketEvent } from '../../../model/event.js';
import { makeBar, makeBook, makeGap, makeQuote, makeStatus, makeTrade } from '../../../model/make.js';

/** The same event for another source. Level arrays are shared: nobody changes them. */
export function asOf(e: MarketEvent | GapEvent, source: string): MarketEvent | GapEvent {
  switch (e.kind) {
    case 'trade':
      return makeTrade(source, e.ts, e.instrument, e.ix, e.price, e.size, e.aggressor, e.tradeId);
    case 'quote':
      return makeQuote(source, e.ts, e.instrument, e.ix, e.bid, e.bidSize, e.ask, e.askSize);
    case 'book':
      return makeBook(source, e.ts, e.instrument, e.ix, e.snapshot, e.bids, e.asks, e.first, e.last, e.prev);
    case 'bar':
      return makeBar(source, e.ts, e.instrument, e.ix, e);
    case 'status':
      return makeStatus(source, e.ts, e.instrument, e.ix, e.status, e.reason);
    case 'gap':
      return makeGap(source, e.ts, e.instrument, e.ix, e.code, e.expected, e.received, e.reason);
  }
}
