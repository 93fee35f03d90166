import type { BookEvent } from '../../../model/event.js';
import type { GapCode } from '../../../model/gap.js';
import type { Instrument } from '../../../model/instrument.js';
import { makeBook } from '../../../model/make.js';
import type { Micros } from '../../../model/time.js';
import type { Json } from '../../../streams/binance-wire/fields.js';
import { deltaFrom } from '../../../streams/binance-wire/messages.js';
import type { WireScanner } from '../../../streams/binance-wire/scanner.js';
import { OrderBook } from '../../../streams/order-book/order-book.js';
import { fitOf, seam, tooOld } from './book-rule.js';
import { asOf } from './copy.js';
import { MarketStream, type Listener, type StreamHost } from './stream.js';

/** After so many changes in a row a book counts as whole: the next snapshot need not wait longer. */
const STABLE = 50;

export interface BookStreamOptions {
  /** Changes kept while the snapshot is on its way. */
  readonly buffer: number;
  /** How long a hole may be a matter of order while two sockets overlap, milliseconds. */
  readonly reorder: number;
  /**
   * Fetches a snapshot when there is room for it; `attempt` (from 1) counts those since the book was last whole, so that
   * the next one waits longer. A failure is the fetcher's to repeat. Calls back at most once, never after `cancel`.
   */
  readonly snapshot: (
    attempt: number,
    done: (snapshot: BookEvent) => void,
  ) => { readonly cancel: () => void };
}

/**
 * `@depth`: a whole book from a snapshot and its changes. What it emits is a chain without holes: a snapshot, then
 * changes each of which follows the one before; a broken chain is declared (`gap`) and begins anew with a snapshot.
 * The book itself is kept here too, to see when it crosses and to start those who join later.
 */
export class BookStream extends MarketStream {
  readonly #options: BookStreamOptions;
  readonly #book = new OrderBook();
  #synced = false;
  #last = 0;
  #linked = false;
  /** Changes that wait for a snapshot. */
  #kept: BookEvent[] = [];
  /** Changes behind a hole that the other socket may still fill. */
  #held: BookEvent[] = [];
  #timer: NodeJS.Timeout | undefined;
  #request: { readonly cancel: () => void } | undefined;
  #attempt = 0;
  /** Changes applied since the snapshot, as far as it matters. */
  #applied = 0;

  constructor(
    host: StreamHost,
    name: string,
    instrument: Instrument,
    silence: number,
    options: BookStreamOptions,
  ) {
    super(host, name, instrument, silence);
    this.#options = options;
  }

  override scan(s: WireScanner): boolean {
    if (!s.depth(this.symbolText)) return false;
    const { symbol, ix } = this.instrument;
    this.#take(makeBook(this.source, s.ts, symbol, ix, false, s.bids, s.asks, s.first, s.last, s.prev));
    return true;
  }

  override read(data: Json, at: Micros): string {
    const event = deltaFrom(data, this.source, this.instrument, at);
    if (typeof event === 'string') return event;
    this.#take(event);
    return '';
  }

  override subscribed(): void {
    this.host.status(this, 'up', this.#attempt, 'waiting for a snapshot');
    this.#resync();
  }

  override lost(reason: string): void {
    this.host.status(this, 'down', 0, reason);
    this.#break('BOOK_GAP', this.#last, 0, reason);
    this.#kept = [];
    this.#request?.cancel();
    this.#request = undefined;
  }

  override close(): void {
    clearTimeout(this.#timer);
    this.#request?.cancel();
    this.#request = undefined;
    this.#kept = [];
    this.#held = [];
  }

  /** One who joins while others listen starts with the book as it stands. */
  override add(listener: Listener): void {
    super.add(listener);
    if (!this.#synced) return;
    const { symbol, ix } = this.instrument;
    const { bids, asks } = this.#book;
    const at = this.host.wall();
    const last = this.#last;
    listener.out.next(
      makeBook(listener.source, at, symbol, ix, true, bids.levels(), asks.levels(), last, last, 0),
    );
  }

  #take(event: BookEvent): void {
    if (!this.#synced) {
      this.taken++;
      this.#keep(event);
      return;
    }
    const fit = fitOf(event, this.#last, this.#linked);
    if (fit === 'old') {
      this.host.counts.feed_duplicates++;
      return;
    }
    this.taken++;
    if (fit === 'gap') this.#hole(event);
    else if (this.#apply(event, fit === 'overlaps') && this.#held.length > 0) this.#applyHeld();
  }

  #keep(event: BookEvent): void {
    this.#kept.push(event);
    // The snapshot must then be newer than what is left: its age is checked against the oldest one kept.
    if (this.#kept.length > this.#options.buffer) this.#kept.shift();
  }

  /** Applies and emits; false when the book crossed, and so is broken. */
  #apply(event: BookEvent, overlaps: boolean): boolean {
    this.#book.apply(event);
    if (this.#book.bids.price >= this.#book.asks.price) {
      this.host.counts.book_crossed++;
      const { price } = this.#book.bids;
      this.#break(
        'BOOK_CROSSED',
        this.#last,
        event.last,
        `bid ${price} is not below ask ${this.#book.asks.price}`,
      );
      this.#resync();
      return false;
    }
    const before = this.#last;
    this.#last = event.last;
    this.#linked = true;
    if (this.#attempt > 0 && ++this.#applied >= STABLE) this.#attempt = 0;
    this.emit(overlaps ? trimmed(event, before) : event);
    return true;
  }

  #hole(event: BookEvent): void {
    if (this.host.overlapping(this) || this.#held.length > 0) {
      this.#held.push(event);
      this.#held.sort((a, b) => a.last - b.last);
      this.#timer ??= setTimeout(() => this.#expire(), this.#options.reorder);
      if (this.#held.length <= this.#options.buffer) return;
      this.#expire();
      return;
    }
    this.#broken([event]);
  }

  #applyHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const [i, event] of held.entries()) {
      const fit = fitOf(event, this.#last, this.#linked);
      if (fit === 'old') continue;
      if (fit === 'gap') {
        this.#held = held.slice(i);
        return;
      }
      if (!this.#apply(event, fit === 'overlaps')) return;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #expire(): void {
    this.#timer = undefined;
    const held = this.#held;
    if (held.length > 0) this.#broken(held);
  }

  /** Changes are missing before `events`, which may follow the coming snapshot. */
  #broken(events: readonly BookEvent[]): void {
    const [first] = events;
    const [expected, received] = first === undefined ? [0, 0] : seam(first, this.#last);
    this.#break('BOOK_GAP', expected, received, 'changes of the book are missing');
    this.#kept = [...events];
    this.#resync();
  }

  /** The chain ends here: says so, unless nobody was told of a book. */
  #break(code: GapCode, expected: number, received: number, reason: string): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = [];
    this.#kept = [];
    const told = this.#synced;
    this.#synced = false;
    this.#linked = false;
    this.#book.clear();
    if (!told) return;
    this.host.counts.book_resyncs++;
    this.gap(code, expected, received, reason);
  }

  #resync(): void {
    this.#request?.cancel();
    this.#attempt++;
    if (this.#attempt > 1)
      this.host.status(this, 'degraded', this.#attempt - 1, 'the book is built anew from a snapshot');
    this.#request = this.#options.snapshot(this.#attempt, (snapshot) => this.#start(snapshot));
  }

  #start(snapshot: BookEvent): void {
    this.#request = undefined;
    this.host.counts.book_snapshots++;
    if (tooOld(snapshot, this.#kept) || crossed(snapshot)) {
      this.#resync();
      return;
    }
    const kept = this.#kept;
    this.#kept = [];
    this.#book.apply(snapshot);
    this.#last = snapshot.last;
    this.#linked = false;
    this.#synced = true;
    this.emit(asOf(snapshot, this.source));
    for (const [i, event] of kept.entries()) {
      const fit = fitOf(event, this.#last, this.#linked);
      if (fit === 'old') continue;
      if (fit === 'gap') {
        this.#broken(kept.slice(i));
        return;
      }
      if (!this.#apply(asOf(event, this.source) as BookEvent, fit === 'overlaps')) return;
    }
    this.#applied = 0;
    this.host.status(this, 'ready', 0, '');
  }
}

function crossed({ bids, asks }: BookEvent): boolean {
  const [bid = NaN] = bids;
  const [ask = NaN] = asks;
  return bid >= ask;
}

/** The same change as if it began right behind `last`: sizes are absolute, so what it repeats does no harm. */
function trimmed(e: BookEvent, last: number): BookEvent {
  const futures = e.prev !== 0;
  return makeBook(
    e.source,
    e.ts,
    e.instrument,
    e.ix,
    false,
    e.bids,
    e.asks,
    futures ? e.first : last + 1,
    e.last,
    futures ? last : 0,
  );
}
