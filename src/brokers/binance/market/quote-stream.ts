import type { Micros } from '../../../model/time.js';
import { makeQuote } from '../../../model/make.js';
import type { Json } from '../../../streams/binance-wire/fields.js';
import { quoteFrom } from '../../../streams/binance-wire/messages.js';
import type { WireScanner } from '../../../streams/binance-wire/scanner.js';
import { MarketStream } from './stream.js';

/** `@bookTicker`: best bid and ask. Each one is complete, so only what an overlap brings twice is dropped. */
export class QuoteStream extends MarketStream {
  /** Update id of the last one; -1: none since the stream was lost. */
  #last = -1;

  override scan(s: WireScanner): boolean {
    if (!s.quote(this.symbolText)) return false;
    const { symbol, ix } = this.instrument;
    if (this.#isNew(s.id)) {
      const ts = s.ts < 0 ? this.host.wall() : s.ts;
      this.emit(makeQuote(this.source, ts, symbol, ix, s.bid, s.bidSize, s.ask, s.askSize));
    }
    return true;
  }

  override read(data: Json, at: Micros): string {
    const quote = quoteFrom(data, this.source, this.instrument, at);
    if (typeof quote === 'string') return quote;
    if (this.#isNew(data['u'] as number)) this.emit(quote);
    return '';
  }

  override lost(reason: string): void {
    const last = Math.max(0, this.#last);
    this.#last = -1;
    this.host.status(this, 'down', 0, reason);
    this.gap('QUOTE_GAP', last, 0, reason);
  }

  #isNew(id: number): boolean {
    if (id <= this.#last) {
      this.host.counts.feed_duplicates++;
      return false;
    }
    this.#last = id;
    this.taken++;
    return true;
  }
}
