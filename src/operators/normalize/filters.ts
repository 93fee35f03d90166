import type { MarketEvent, QuoteEvent } from '../../model/event.js';
import type { DropReason, NormalizeFilters } from './options.js';

const IDS = 256;

/** What is remembered of one instrument, only by the filters that are on. */
class Memory {
  /** Last venue time by kind: trade, quote, book, bar, status. */
  readonly times: Float64Array = new Float64Array(5).fill(-Infinity);
  readonly ids: Set<string> = new Set<string>();
  readonly ring: string[] = [];
  next = 0;
  last: MarketEvent | undefined;
  /** Last accepted price by kind: trade and bar together, quote. */
  readonly price: Float64Array = new Float64Array(2).fill(NaN);
  strange = 0;
}

const KINDS = { trade: 0, quote: 1, book: 2, bar: 3, status: 4 } as const;

const bad = (price: number, negativeAllowed: boolean): boolean =>
  !(price > 0) && !(negativeAllowed && Number.isFinite(price));

/** Decides about one event; remembers it only when it is good. */
export class Filters {
  readonly #on: NormalizeFilters;
  readonly #negativeAllowed: (ix: number) => boolean;
  readonly #memory: (Memory | undefined)[] = [];
  readonly #remembers: boolean;

  constructor(on: NormalizeFilters, negativeAllowed: (ix: number) => boolean) {
    this.#on = on;
    this.#negativeAllowed = negativeAllowed;
    this.#remembers = on.duplicates === true || on.outOfOrder === true || on.outlier !== undefined;
  }

  get active(): boolean {
    const { nonPositive, crossed, stale } = this.#on;
    return this.#remembers || nonPositive === true || crossed === true || stale !== undefined;
  }

  /** Why the event is bad in itself, or undefined. */
  checkAlone(event: MarketEvent): DropReason | undefined {
    const on = this.#on;
    if (on.nonPositive === true && this.#nonPositive(event)) return 'non_positive';
    if (on.crossed === true && event.kind === 'quote' && event.bid > event.ask) return 'crossed';
    if (on.stale !== undefined && event.at - event.ts > on.stale) return 'stale';
    return undefined;
  }

  /** Why the event does not fit what came before, or undefined; then it is remembered. */
  checkOrder(event: MarketEvent): DropReason | undefined {
    if (!this.#remembers) return undefined;
    const on = this.#on;
    const memory = (this.#memory[event.ix] ??= new Memory());
    const kind = KINDS[event.kind];
    if (on.outOfOrder === true && event.ts < (memory.times[kind] as number)) return 'out_of_order';
    if (on.duplicates === true && this.#duplicate(memory, event)) return 'duplicate';
    if (
      on.outlier !== undefined &&
      this.#outlier(memory, event, on.outlier.fraction, on.outlier.confirm ?? 3)
    )
      return 'outlier';
    memory.times[kind] = event.ts;
    return undefined;
  }

  #nonPositive(event: MarketEvent): boolean {
    const negative = this.#negativeAllowed(event.ix);
    switch (event.kind) {
      case 'trade':
        return bad(event.price, negative) || !(event.size >= 0);
      case 'quote': {
        const noBid = Number.isNaN(event.bid);
        const noAsk = Number.isNaN(event.ask);
        if (!noBid && (bad(event.bid, negative) || !(event.bidSize >= 0))) return true;
        return !noAsk && (bad(event.ask, negative) || !(event.askSize >= 0));
      }
      case 'bar':
        return (
          bad(event.open, negative) ||
          bad(event.high, negative) ||
          bad(event.low, negative) ||
          bad(event.close, negative) ||
          !(event.volume >= 0)
        );
      case 'book':
        return badLevels(event.bids, negative) || badLevels(event.asks, negative);
      default:
        return false;
    }
  }

  #duplicate(memory: Memory, event: MarketEvent): boolean {
    if (event.kind === 'trade') {
      if (event.tradeId === '') return false;
      if (memory.ids.has(event.tradeId)) return true;
      const old = memory.ring[memory.next];
      if (old !== undefined) memory.ids.delete(old);
      memory.ring[memory.next] = event.tradeId;
      memory.next = (memory.next + 1) % IDS;
      memory.ids.add(event.tradeId);
      return false;
    }
    if (event.kind !== 'quote' && event.kind !== 'bar') return false;
    const last = memory.last;
    if (event.kind === 'quote' && last?.kind === 'quote' && sameQuote(event, last)) return true;
    if (
      event.kind === 'bar' &&
      last?.kind === 'bar' &&
      event.start === last.start &&
      event.basis === last.basis &&
      event.every === last.every &&
      event.close === last.close &&
      event.volume === last.volume
    ) {
      return true;
    }
    memory.last = event;
    return false;
  }

  #outlier(memory: Memory, event: MarketEvent, fraction: number, confirm: number): boolean {
    let price: number;
    if (event.kind === 'trade') price = event.price;
    else if (event.kind === 'bar') price = event.close;
    else if (event.kind === 'quote') price = (event.bid + event.ask) / 2;
    else return false;
    if (Number.isNaN(price)) return false;
    const which = event.kind === 'quote' ? 1 : 0;
    const last = memory.price[which] as number;
    if (Math.abs(price - last) > fraction * Math.abs(last) && ++memory.strange < confirm) return true;
    memory.strange = 0;
    memory.price[which] = price;
    return false;
  }
}

function sameQuote(a: QuoteEvent, b: QuoteEvent): boolean {
  return (
    a.ts === b.ts &&
    Object.is(a.bid, b.bid) &&
    Object.is(a.ask, b.ask) &&
    a.bidSize === b.bidSize &&
    a.askSize === b.askSize
  );
}

function badLevels(levels: readonly number[], negative: boolean): boolean {
  for (let i = 0; i + 1 < levels.length; i += 2) {
    if (bad(levels[i] as number, negative) || !((levels[i + 1] as number) >= 0)) return true;
  }
  return false;
}
