import type { OperatorFunction, Subscriber } from 'rxjs';
import type { MarketEvent } from '../../model/event.js';
import type { Event } from '../../model/record.js';
import { MICROS_PER_SECOND } from '../../model/time.js';
import { Stage, stage } from '../../streams/operate.js';
import { Arbiter } from './arbiter.js';
import { Filters } from './filters.js';
import type { DropReason, NormalizeOptions } from './options.js';
import { Symbols } from './symbols.js';

export type { DropReason, NormalizeFilters, NormalizeOptions } from './options.js';

class NormalizeStage extends Stage<Event, Event> {
  readonly #symbols: Symbols;
  readonly #arbiter: Arbiter | undefined;
  readonly #filters: Filters | undefined;
  readonly #options: NormalizeOptions;

  constructor(out: Subscriber<Event>, options: NormalizeOptions, symbols: Symbols) {
    super(out);
    this.#options = options;
    this.#symbols = symbols;
    const prefer = options.prefer ?? [];
    this.#arbiter =
      prefer.length > 1 ? new Arbiter(prefer, options.staleAfter ?? 5 * MICROS_PER_SECOND) : undefined;
    const table = options.instruments;
    const filters = new Filters(options.filters ?? {}, (ix) => table?.at(ix)?.allowsNegativePrice === true);
    this.#filters = filters.active ? filters : undefined;
  }

  protected override push(event: Event): void {
    switch (event.kind) {
      case 'trade':
      case 'quote':
      case 'book':
      case 'bar':
      case 'status':
        this.#market(event);
        break;
      default:
        this.out.next(event);
    }
  }

  #market(raw: MarketEvent): void {
    const event = this.#symbols.apply(raw);
    if (event === undefined) {
      this.#drop(raw, 'unknown_instrument');
      return;
    }
    // A source that sends rubbish is a silent one; a backup that is not heard leaves no trace in the filters.
    let reason = this.#filters?.checkAlone(event);
    if (reason === undefined && this.#arbiter?.hears(event.source, event.ix, event.at) === false)
      reason = 'backup';
    if (reason === undefined) reason = this.#filters?.checkOrder(event);
    if (reason === undefined) this.out.next(event);
    else this.#drop(event, reason);
  }

  #drop(event: MarketEvent, reason: DropReason): void {
    const { counts, onDropped } = this.#options;
    if (counts !== undefined) counts[reason] = (counts[reason] ?? 0) + 1;
    onDropped?.(event, reason);
  }
}

/**
 * Venue events -> clean events of instruments: maps symbols, chooses between primary and backup feed, drops what the
 * filters refuse. A good event passes unchanged, as the same object, unless its symbol is mapped.
 *
 * ```
 * a (preferred):  a1-a2-----------a3--|
 * b (backup):     --b1-b2--b3--b4--b5-|
 * out:            a1-a2----b3--b4-a3--|     b3: a has been silent for stale_after
 * ```
 *
 * Errors and completion pass through; nothing is held back. Drops are counted by reason. Memory: a few numbers an
 * instrument and source; with `duplicates`, 256 trade ids an instrument.
 *
 * @throws MillraceError INVALID_CONFIGURATION when `map` names an unknown instrument.
 */
export function normalize(options: NormalizeOptions = {}): OperatorFunction<Event, Event> {
  const symbols = new Symbols(options.map ?? {}, options.instruments);
  return stage<Event, Event>((out) => new NormalizeStage(out, options, symbols));
}
