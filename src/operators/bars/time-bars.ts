import type { SchedulerLike, Subscriber } from 'rxjs';
import type { MarketEvent } from '../../model/event.js';
import type { Event } from '../../model/record.js';
import type { Micros } from '../../model/time.js';
import { Stage } from '../../streams/operate.js';
import { Candle } from './candle.js';
import { Feed, type Sides } from './feed.js';
import type { BarsFrom, BarsOptions } from './options.js';
import { BarSlot } from './slot.js';

class OpenBar implements Sides {
  readonly start: Micros;
  readonly end: Micros;
  readonly a: Candle = new Candle();
  readonly b: Candle = new Candle();

  constructor(start: Micros, end: Micros) {
    this.start = start;
    this.end = end;
  }
}

/** One instrument: its open bars, oldest first (more than one only while late events are awaited). */
class Slot extends BarSlot {
  readonly open: OpenBar[] = [];
  /** Newest of `open`. */
  bar: OpenBar | undefined;
  closedUntil: Micros = -Infinity;
  /** Close and volume of the last bar, for sides without a quote of their own and for filled bars. */
  closeA = NaN;
  sizeA = 0;
  closeB = NaN;
  sizeB = 0;
}

/** Time bars of all instruments with one deadline: that of the earliest open bar. */
export class TimeBars extends Stage<Event, Event> {
  readonly #options: BarsOptions;
  readonly #every: Micros;
  readonly #from: BarsFrom;
  readonly #lateness: Micros;
  readonly #fill: boolean;
  readonly #name: string;
  readonly #scheduler: SchedulerLike;
  readonly #slots: (Slot | undefined)[] = [];
  #armed: Micros = Infinity;
  #cancel: (() => void) | undefined;

  constructor(out: Subscriber<Event>, options: BarsOptions, every: Micros, scheduler: SchedulerLike) {
    super(out);
    this.#options = options;
    this.#every = every;
    this.#from = options.from ?? 'trade';
    this.#lateness = options.lateness ?? 0;
    this.#fill = options.fill === 'previous';
    this.#name = options.name ?? 'bars';
    this.#scheduler = scheduler;
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
    this.#cancel?.();
    if (this.#options.partial !== true) return;
    for (const slot of this.#slots) {
      while (slot !== undefined && slot.open.length > 0) this.#close(slot, false);
    }
  }

  #take(event: MarketEvent): void {
    const slot = this.#slots[event.ix] ?? this.#slot(event);
    const ts = event.ts;
    let bar = slot.bar;
    if (bar === undefined || ts >= bar.end || ts < bar.start) {
      bar = this.#barFor(slot, event);
      if (bar === undefined) return;
    }
    slot.feed.add(bar, event);
  }

  #slot(event: MarketEvent): Slot {
    const slot = new Slot(event, this.#options);
    this.#slots[event.ix] = slot;
    return slot;
  }

  /** The bar an event belongs to; undefined when it is outside the session or too late. */
  #barFor(slot: Slot, event: MarketEvent): OpenBar | undefined {
    const ts = event.ts;
    const session = slot.session;
    if (session !== undefined && !session.contains(ts)) return undefined;
    // Bars are closed by the instrument's own venue time as well, which may run ahead of engine time.
    while (slot.open.length > 0 && (slot.open[0] as OpenBar).end + this.#lateness <= ts)
      this.#close(slot, this.#fill);
    const known = slot.open.find((bar) => ts >= bar.start && ts < bar.end);
    if (known !== undefined) return known;
    const origin = session?.open ?? 0;
    const start = origin + Math.floor((ts - origin) / this.#every) * this.#every;
    const end = Math.min(start + this.#every, session?.close ?? Infinity);
    if (start < slot.closedUntil || end + this.#lateness <= this.#now()) {
      this.#options.onLate?.(event);
      return undefined;
    }
    return this.#openBar(slot, start, end);
  }

  #openBar(slot: Slot, start: Micros, end: Micros): OpenBar {
    const bar = new OpenBar(start, end);
    const after = slot.open.findIndex((other) => other.start > start);
    if (after < 0) slot.open.push(bar);
    else slot.open.splice(after, 0, bar);
    slot.bar = slot.open[slot.open.length - 1];
    this.#arm(end + this.#lateness);
    return bar;
  }

  /** Emits the oldest open bar of a slot; with `follow`, opens the next one at once, to be filled if nothing comes. */
  #close(slot: Slot, follow: boolean): void {
    const bar = slot.open.shift();
    if (bar === undefined) return;
    slot.bar = slot.open[slot.open.length - 1];
    slot.closedUntil = bar.end;
    const { a, b } = bar;
    const two = this.#from === 'quote';
    if (a.count === 0) a.flat(slot.closeA, two ? slot.sizeA : 0);
    if (two && b.count === 0) b.flat(slot.closeB, slot.sizeB);
    slot.closeA = a.close;
    slot.sizeA = a.volume;
    slot.closeB = b.close;
    slot.sizeB = b.volume;
    if (follow && slot.open[0]?.start !== bar.end) {
      const close = slot.session?.contains(bar.end) === false ? -Infinity : (slot.session?.close ?? Infinity);
      if (bar.end < close) this.#openBar(slot, bar.end, Math.min(bar.end + this.#every, close));
    }
    const { instrument, ix, feed } = slot;
    if (!Number.isNaN(a.close))
      this.out.next(a.bar(this.#name, bar.end, instrument, ix, feed.basis, this.#every, bar.start));
    if (two && !Number.isNaN(b.close))
      this.out.next(b.bar(this.#name, bar.end, instrument, ix, 'ask', this.#every, bar.start));
  }

  #now(): Micros {
    return Math.round(this.#scheduler.now() * 1000);
  }

  #arm(due: Micros): void {
    if (due >= this.#armed) return;
    this.#cancel?.();
    this.#armed = due;
    const timer = this.#scheduler.schedule(() => this.#fire(), Math.max(0, (due - this.#now()) / 1000));
    this.out.add(timer);
    this.#cancel = () => {
      this.out.remove(timer);
      timer.unsubscribe();
      this.#cancel = undefined;
      this.#armed = Infinity;
    };
  }

  #fire(): void {
    this.#cancel?.();
    const now = this.#now();
    let next = Infinity;
    for (let ix = 0; ix < this.#slots.length; ix++) {
      const slot = this.#slots[ix];
      if (slot === undefined) continue;
      while (slot.open.length > 0 && (slot.open[0] as OpenBar).end + this.#lateness <= now)
        this.#close(slot, this.#fill);
      const first = slot.open[0];
      if (first !== undefined && first.end + this.#lateness < next) next = first.end + this.#lateness;
    }
    if (next < Infinity) this.#arm(next);
  }
}
