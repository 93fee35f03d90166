import type { Instrument } from '../../../model/instrument.js';
import type { Micros } from '../../../model/time.js';
import type { Json } from '../../../streams/binance-wire/fields.js';
import { barFrom } from '../../../streams/binance-wire/messages.js';
import { MarketStream, type StreamHost } from './stream.js';

/**
 * `@kline_...`: a bar when it closes. Bars missed while the stream was lost are seen by their start, and fetched where
 * the source does that.
 */
export class BarStream extends MarketStream {
  readonly #every: Micros;
  #lastStart = -1;

  constructor(host: StreamHost, name: string, instrument: Instrument, silence: number, every: Micros) {
    super(host, name, instrument, silence);
    this.#every = every;
  }

  /** Bars are rare: they always take the full check. */
  override scan(): boolean {
    return false;
  }

  override read(data: Json, at: Micros): string {
    const bar = barFrom(data, this.source, this.instrument, at);
    if (typeof bar === 'string') return bar;
    this.taken++;
    if (bar === null) return '';
    if (bar.every !== this.#every) return 'wrong_interval';
    if (bar.start <= this.#lastStart) {
      this.host.counts.feed_duplicates++;
      return '';
    }
    this.#lastStart = bar.start;
    this.emit(bar);
    return '';
  }

  override lost(reason: string): void {
    this.host.status(this, 'down', 0, reason);
  }
}
