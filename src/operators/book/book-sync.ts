import type { BookEvent } from '../../model/event.js';
import { OrderBook } from '../../streams/order-book/order-book.js';

export type BookGapCode = 'BOOK_GAP' | 'BOOK_BUFFER_FULL' | 'BOOK_BAD_LEVEL';

/** Why a book was dropped. `expected` and `received` are venue update ids. */
export interface BookGap {
  readonly code: BookGapCode;
  readonly expected: number;
  readonly received: number;
}

/**
 * Keeps one book in step with its venue's update ids, by Binance's rules (spot and USD-M documentation, "How to manage
 * a local order book correctly"):
 *
 * * deltas before the snapshot are kept (bounded) and replayed after it; those the snapshot contains are skipped;
 * * spot (`prev` 0): the first delta must have `first <= id + 1 <= last`, each later one `first === previous last + 1`;
 * * futures (`prev` told): the first must have `first <= id <= last` or `prev === id`, each later one `prev === previous last`;
 * * a delta that ends at or before what the book has is old and skipped; any other mismatch is a gap: the book is
 *   dropped and waits for a snapshot. Deltas without ids (`last` 0) are applied unchecked.
 */
export class BookSync {
  readonly book: OrderBook = new OrderBook();
  /** True when the book is complete. */
  synced = false;
  /** Update id the book stands at. */
  last = 0;
  applied = 0;
  skipped = 0;
  #linked = false;
  #waiting: BookEvent[] = [];
  readonly #capacity: number;
  readonly #onGap: (gap: BookGap, event: BookEvent) => void;

  constructor(capacity: number, onGap: (gap: BookGap, event: BookEvent) => void) {
    this.#capacity = capacity;
    this.#onGap = onGap;
  }

  /** Takes an event; true when the book changed. */
  take(event: BookEvent): boolean {
    if (!usable(event.bids) || !usable(event.asks)) {
      this.#gap('BOOK_BAD_LEVEL', this.last, event.last, event);
      return false;
    }
    if (event.snapshot) return this.#snapshot(event);
    if (this.synced) return this.#delta(event);
    if (this.#waiting.length >= this.#capacity) {
      this.#waiting.shift();
      this.#onGap({ code: 'BOOK_BUFFER_FULL', expected: 0, received: event.last }, event);
    }
    this.#waiting.push(event);
    return false;
  }

  /** Forgets the book; the next snapshot starts it again. */
  drop(): void {
    this.book.clear();
    this.synced = false;
    this.#linked = false;
    this.last = 0;
    this.#waiting = [];
  }

  #snapshot(event: BookEvent): boolean {
    this.book.apply(event);
    this.last = event.last;
    this.synced = true;
    this.#linked = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const delta of waiting) {
      // A gap here means that the snapshot is older than what was kept: what follows may fit the next snapshot.
      if (this.synced) this.#delta(delta);
      else this.#waiting.push(delta);
    }
    return this.synced;
  }

  #delta(event: BookEvent): boolean {
    if (event.last !== 0 && !this.#follows(event)) return false;
    this.book.apply(event);
    this.last = event.last;
    this.#linked = true;
    this.applied++;
    return true;
  }

  #follows(event: BookEvent): boolean {
    const { first, last, prev } = event;
    const futures = prev !== 0;
    if (this.#linked) {
      if (futures ? prev === this.last : first === this.last + 1) return true;
      if (last > this.last)
        return this.#gap('BOOK_GAP', futures ? this.last : this.last + 1, futures ? prev : first, event);
    } else {
      const wanted = futures ? this.last : this.last + 1;
      if (last >= wanted && (first <= wanted || (futures && prev === wanted))) return true;
      if (last >= wanted) return this.#gap('BOOK_GAP', wanted, first, event);
    }
    this.skipped++;
    return false;
  }

  #gap(code: BookGapCode, expected: number, received: number, event: BookEvent): false {
    this.drop();
    // The event that showed the gap may be the first one after the coming snapshot.
    if (code === 'BOOK_GAP') this.#waiting.push(event);
    this.#onGap({ code, expected, received }, event);
    return false;
  }
}

function usable(levels: readonly number[]): boolean {
  if (levels.length % 2 !== 0) return false;
  for (let i = 1; i < levels.length; i += 2) {
    if (!Number.isFinite(levels[i - 1]) || !((levels[i] as number) >= 0 && (levels[i] as number) < Infinity))
      return false;
  }
  return true;
}
