import type { MarketEvent } from '../../model/event.js';
import type { InstrumentTable } from '../../model/instruments.js';
import { makeBar, makeBook, makeQuote, makeStatus, makeTrade } from '../../model/make.js';
import { MillraceError } from '../../model/reason.js';
import { stampLike } from '../stamp.js';

interface Target {
  readonly symbol: string;
  readonly ix: number;
}

/** Venue symbols -> instruments: by dense index where the venue's own name is in the table, else by name. */
export class Symbols {
  readonly #byIx: (Target | undefined)[] = [];
  readonly #byName: Map<string, Target> = new Map<string, Target>();

  constructor(map: Readonly<Record<string, string>>, table: InstrumentTable | undefined) {
    for (const [venueSymbol, symbol] of Object.entries(map)) {
      const instrument = table?.get(symbol);
      if (instrument === undefined) {
        throw new MillraceError(
          'INVALID_CONFIGURATION',
          `normalize maps "${venueSymbol}" to "${symbol}", which is not an instrument`,
          `add ${symbol} to the instruments`,
        );
      }
      const target = { symbol: instrument.symbol, ix: instrument.ix };
      this.#byName.set(venueSymbol, target);
      const own = table?.get(venueSymbol);
      if (own !== undefined && own.ix !== target.ix) this.#byIx[own.ix] = target;
    }
  }

  /** The event under its instrument (a copy with the same stamp when it changes); undefined when it has none. */
  apply(event: MarketEvent): MarketEvent | undefined {
    const target = event.ix >= 0 ? this.#byIx[event.ix] : this.#byName.get(event.instrument);
    if (target !== undefined) return renamed(event, target);
    return event.ix >= 0 ? event : undefined;
  }
}

function renamed(event: MarketEvent, { symbol, ix }: Target): MarketEvent {
  return stampLike(copy(event, symbol, ix), event);
}

function copy(e: MarketEvent, symbol: string, ix: number): MarketEvent {
  switch (e.kind) {
    case 'trade':
      return makeTrade(e.source, e.ts, symbol, ix, e.price, e.size, e.aggressor, e.tradeId);
    case 'quote':
      return makeQuote(e.source, e.ts, symbol, ix, e.bid, e.bidSize, e.ask, e.askSize);
    case 'book':
      return makeBook(e.source, e.ts, symbol, ix, e.snapshot, e.bids, e.asks, e.first, e.last, e.prev);
    case 'bar':
      return makeBar(e.source, e.ts, symbol, ix, e);
    default:
      return makeStatus(e.source, e.ts, symbol, ix, e.status, e.reason);
  }
}
