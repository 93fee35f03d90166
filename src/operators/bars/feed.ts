import type { BarBasis, MarketEvent, QuoteEvent } from '../../model/event.js';
import type { BarsFrom } from './options.js';
import { Candle } from './candle.js';

/** The one or two candles of a bar: two for `from: quote` (bid, then ask). */
export interface Sides {
  readonly a: Candle;
  readonly b: Candle;
}

/** Puts an event into a bar's candles; `bid` and `ask` remember the other side for mids of one-sided quotes. */
export class Feed {
  readonly from: BarsFrom;
  readonly basis: BarBasis;
  bid: number = NaN;
  ask: number = NaN;

  constructor(from: BarsFrom) {
    this.from = from;
    this.basis = from === 'quote' ? 'bid' : from;
  }

  /** True when the event has a price for this kind of bar. */
  static usable(from: BarsFrom, event: MarketEvent): boolean {
    if (event.kind === 'trade') return from === 'trade' && !Number.isNaN(event.price);
    if (event.kind !== 'quote' || from === 'trade') return false;
    if (from === 'bid') return !Number.isNaN(event.bid);
    if (from === 'ask') return !Number.isNaN(event.ask);
    return !(Number.isNaN(event.bid) && Number.isNaN(event.ask));
  }

  add(sides: Sides, event: MarketEvent): void {
    if (event.kind === 'trade') sides.a.trade(event.price, event.size);
    else if (event.kind === 'quote') this.#quote(sides, event);
  }

  #quote(sides: Sides, event: QuoteEvent): void {
    const { bid, ask } = event;
    switch (this.from) {
      case 'bid':
        sides.a.quote(bid, event.bidSize);
        break;
      case 'ask':
        sides.a.quote(ask, event.askSize);
        break;
      case 'quote':
        if (!Number.isNaN(bid)) sides.a.quote(bid, event.bidSize);
        if (!Number.isNaN(ask)) sides.b.quote(ask, event.askSize);
        break;
      default:
        if (!Number.isNaN(bid)) this.bid = bid;
        if (!Number.isNaN(ask)) this.ask = ask;
        if (!Number.isNaN(this.bid + this.ask)) sides.a.quote((this.bid + this.ask) / 2, 0);
    }
  }
}
