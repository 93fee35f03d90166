import { makeBook } from '../../../model/make.js';
import type { Micros } from '../../../model/time.js';
import type { Json } from '../../../streams/binance-wire/fields.js';
import { deltaFrom, snapshotFrom } from '../../../streams/binance-wire/messages.js';
import { MarketStream } from './stream.js';

/** `@depth5`, `10` or `20`: the best levels, complete each time (also on futures, where they look like changes). */
export class LevelStream extends MarketStream {
  #last = -1;

  /** Names its fields in full, which the fast reader does not know. */
  override scan(): boolean {
    return false;
  }

  override read(data: Json, at: Micros): string {
    const { source, instrument } = this;
    const futures = data['e'] === 'depthUpdate';
    const book = (futures ? deltaFrom : snapshotFrom)(data, source, instrument, at);
    if (typeof book === 'string') return book;
    if (book.last <= this.#last) {
      this.host.counts.feed_duplicates++;
      return '';
    }
    this.#last = book.last;
    this.taken++;
    const { ts, bids, asks, last } = book;
    this.emit(makeBook(source, ts, instrument.symbol, instrument.ix, true, bids, asks, last, last, 0));
    return '';
  }

  override lost(reason: string): void {
    const last = Math.max(0, this.#last);
    this.#last = -1;
    this.host.status(this, 'down', 0, reason);
    this.gap('BOOK_GAP', last, 0, reason);
  }
}
