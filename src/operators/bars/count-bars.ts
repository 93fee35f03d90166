import type { Subscriber } from 'rxjs';
import type { MarketEvent } from '../../model/event.js';
import type { Event } from '../../model/record.js';
import type { Micros } from '../../model/time.js';
import { Stage } from '../../streams/operate.js';
import { Candle } from './candle.js';
import { Feed, type Sides } from './feed.js';
import type { BarsFrom, BarsOptions } from './options.js';
import { BarSlot } from './slot.js';

class CountSlot extends BarSlot implements Sides {
  readonly a: Candle = new Candle();
  readonly b: Candle = new Candle();
  start: Micros = 0;
  last: Micros = 0;
  /** Events, units or value so far. */
  sum = 0;
}

/** Bars closed by a count of events, by volume or by value. */
export class CountBars extends Stage<Event, Event> {
  readonly #options: BarsOptions;
  readonly #from: BarsFrom;
  readonly #limit: number;
  readonly #measure: 'ticks' | 'volume' | 'value';
  readonly #name: string;
  readonly #slots: (CountSlot | undefined)[] = [];

  constructor(out: Subscriber<Event>, options: BarsOptions) {
    super(out);
    this.#options = options;
    this.#from = options.from ?? 'trade';
    this.#measure = options.ticks !== undefined ? 'ticks' : options.volume !== undefined ? 'volume' : 'value';
    this.#limit = options.ticks ?? options.volume ?? options.value ?? 1;
    this.#name = options.name ?? 'bars';
  }

  protected override push(event: Event): void {
    if (event.kind === 'bar') this.out.next(event);
    else if (
      (event.kind === 'trade' || event.kind === 'quote') &&
      event.ix >= 0 &&
      Feed.usable(this.#from, event)
    )
      this.#take(event);
  }

  protected override flush(): void {
    if (this.#options.partial !== true) return;
    for (const slot of this.#slots) if (slot !== undefined && slot.sum > 0) this.#close(slot);
  }

  #take(event: MarketEvent): void {
    let slot = this.#slots[event.ix];
    if (slot === undefined) {
      slot = new CountSlot(event, this.#options);
      this.#slots[event.ix] = slot;
    }
    if (slot.session !== undefined && !slot.session.contains(event.ts)) return;
    if (slot.sum === 0) slot.start = event.ts;
    slot.last = event.ts;
    slot.feed.add(slot, event);
    if (this.#measure === 'ticks' || event.kind !== 'trade') slot.sum++;
    else slot.sum += this.#measure === 'volume' ? event.size : event.price * event.size;
    if (slot.sum >= this.#limit) this.#close(slot);
  }

  #close(slot: CountSlot): void {
    const { a, b, feed, instrument, ix, start, last } = slot;
    slot.sum = 0;
    if (a.count > 0) this.out.next(a.bar(this.#name, last, instrument, ix, feed.basis, 0, start));
    if (b.count > 0) this.out.next(b.bar(this.#name, last, instrument, ix, 'ask', 0, start));
    a.clear();
    b.clear();
  }
}
