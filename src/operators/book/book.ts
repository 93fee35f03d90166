import type { OperatorFunction, Subscriber } from 'rxjs';
import type { BookEvent } from '../../model/event.js';
import { breaksBook } from '../../model/gap.js';
import { makeBook, makeQuote } from '../../model/make.js';
import type { Event } from '../../model/record.js';
import { Stage, stage } from '../../streams/operate.js';
import { stampLike } from '../stamp.js';
import { BookSync, type BookGap } from './book-sync.js';
import type { OrderBook } from '../../streams/order-book/order-book.js';

export interface BookOptions {
  /** `source` of what it emits. Default `book`. */
  readonly name?: string;
  /** Emit a quote when the top of the book changes. Default true. */
  readonly quotes?: boolean;
  /** Emit the best n levels of each side as a snapshot after every change; 0 (default): do not. */
  readonly depth?: number;
  /** Deltas kept for one instrument while its snapshot is awaited. Default 1000. */
  readonly buffer?: number;
  /** A book was dropped: events of the instrument wait for a snapshot. */
  readonly onGap?: (gap: BookGap, event: BookEvent) => void;
  /** The book after each event that changed it; read it at once, it is live. */
  readonly onBook?: (book: OrderBook, event: BookEvent) => void;
}

class BookStage extends Stage<Event, Event> {
  readonly #name: string;
  readonly #quotes: boolean;
  readonly #depth: number;
  readonly #buffer: number;
  readonly #onGap: (gap: BookGap, event: BookEvent) => void;
  readonly #onBook: ((book: OrderBook, event: BookEvent) => void) | undefined;
  readonly #books: (BookSync | undefined)[] = [];
  /** Last emitted top by instrument: bid, bid size, ask, ask size. */
  readonly #tops: (Float64Array | undefined)[] = [];

  constructor(out: Subscriber<Event>, options: BookOptions) {
    super(out);
    this.#name = options.name ?? 'book';
    this.#quotes = options.quotes ?? true;
    this.#depth = options.depth ?? 0;
    this.#buffer = options.buffer ?? 1000;
    this.#onGap = options.onGap ?? (() => undefined);
    this.#onBook = options.onBook;
  }

  protected override push(event: Event): void {
    if (event.kind === 'book') this.#book(event);
    else if (event.kind === 'gap' && event.ix >= 0 && breaksBook(event.code)) this.#drop(event.ix, event);
  }

  #book(event: BookEvent): void {
    const ix = event.ix;
    const sync = (this.#books[ix] ??= new BookSync(this.#buffer, (gap, cause) => {
      if (gap.code !== 'BOOK_BUFFER_FULL') this.#noTop(ix, cause.instrument, cause);
      this.#onGap(gap, cause);
    }));
    if (!sync.take(event)) return;
    this.#onBook?.(sync.book, event);
    if (this.#quotes) this.#top(sync.book, event);
    if (this.#depth > 0) this.#levels(sync.book, event, sync.last);
  }

  #top(book: OrderBook, event: BookEvent): void {
    const { bids, asks } = book;
    const top = (this.#tops[event.ix] ??= new Float64Array([NaN, 0, NaN, 0]));
    const bid = bids.price;
    const ask = asks.price;
    if (Object.is(top[0], bid) && top[1] === bids.size && Object.is(top[2], ask) && top[3] === asks.size)
      return;
    top[0] = bid;
    top[1] = bids.size;
    top[2] = ask;
    top[3] = asks.size;
    this.out.next(
      stampLike(
        makeQuote(this.#name, event.ts, event.instrument, event.ix, bid, bids.size, ask, asks.size),
        event,
      ),
    );
  }

  /** `last`: the update id the book stands at; after a snapshot it is that of the newest change kept for it. */
  #levels(book: OrderBook, event: BookEvent, last: number): void {
    const bids = book.bids.levels(this.#depth);
    const asks = book.asks.levels(this.#depth);
    this.out.next(
      stampLike(
        makeBook(
          this.#name,
          event.ts,
          event.instrument,
          event.ix,
          true,
          bids,
          asks,
          event.first,
          last,
          event.prev,
        ),
        event,
      ),
    );
  }

  #drop(ix: number, event: Event & { readonly instrument: string }): void {
    const sync = this.#books[ix];
    if (sync === undefined) return;
    sync.drop();
    this.#noTop(ix, event.instrument, event);
  }

  /** Says that the top is no longer known, so that nobody prices on a dropped book. */
  #noTop(ix: number, instrument: string, cause: Event): void {
    const top = this.#tops[ix];
    if (top === undefined || !this.#quotes || (Number.isNaN(top[0]) && Number.isNaN(top[2]))) return;
    top.set([NaN, 0, NaN, 0]);
    this.out.next(stampLike(makeQuote(this.#name, cause.ts, instrument, ix, NaN, 0, NaN, 0), cause));
  }
}

/**
 * Snapshots and deltas of any number of instruments -> top of book (and depth) of each.
 *
 * ```
 * in:   d1--S--d2--d3--x------S--|     d delta, S snapshot, x delta with a gap
 * out:  ----q------q---n------q--|     q quote (only when the top changed), n quote without prices
 * gaps: ---------------g---------
 * ```
 *
 * A derived quote carries the stamp of the event that caused it. After a gap (update ids, an unusable level, or a `gap`
 * event of the instrument that concerns books) the book is dropped, a quote without prices says so, and deltas wait for a snapshot.
 * Errors and completion pass through; nothing is held back at completion. Memory: 16 bytes a level and side, at most
 * `buffer` waiting deltas an instrument.
 */
export function book(options: BookOptions = {}): OperatorFunction<Event, Event> {
  return stage<Event, Event>((out) => new BookStage(out, options));
}
