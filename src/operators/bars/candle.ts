import type { BarBasis, BarEvent } from '../../model/event.js';
import { makeBar } from '../../model/make.js';
import type { Micros } from '../../model/time.js';

/** Open, high, low, close of one bar side while it is made. */
export class Candle {
  open: number = NaN;
  high: number = NaN;
  low: number = NaN;
  close: number = NaN;
  /** Sum of sizes of trades; last size of a quote side. */
  volume = 0;
  count = 0;

  trade(price: number, size: number): void {
    this.#price(price);
    this.volume += size;
  }

  quote(price: number, size: number): void {
    this.#price(price);
    this.volume = size;
  }

  /** Repeats an earlier close; stays empty (`count` 0). */
  flat(close: number, volume: number): void {
    this.open = this.high = this.low = this.close = close;
    this.volume = volume;
  }

  clear(): void {
    this.open = this.high = this.low = this.close = NaN;
    this.volume = 0;
    this.count = 0;
  }

  bar(
    source: string,
    ts: Micros,
    instrument: string,
    ix: number,
    basis: BarBasis,
    every: Micros,
    start: Micros,
  ): BarEvent {
    const { open, high, low, close, volume, count } = this;
    return makeBar(source, ts, instrument, ix, {
      basis,
      every,
      start,
      open,
      high,
      low,
      close,
      volume,
      count,
    });
  }

  #price(price: number): void {
    if (this.count++ === 0) {
      this.open = this.high = this.low = price;
    } else if (price > this.high) this.high = price;
    else if (price < this.low) this.low = price;
    this.close = price;
  }
}
