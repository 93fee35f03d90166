import type { BookEvent } from '../../model/event.js';
import { BookSide } from './book-side.js';

/** Price levels of one instrument. */
export class OrderBook {
  readonly bids: BookSide = new BookSide(1);
  readonly asks: BookSide = new BookSide(-1);

  clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  /** Applies a snapshot (replaces everything) or the level changes of a delta. */
  apply(event: BookEvent): void {
    if (event.snapshot) this.clear();
    setAll(this.bids, event.bids);
    setAll(this.asks, event.asks);
  }
}

function setAll(side: BookSide, levels: readonly number[]): void {
  for (let i = 0; i + 1 < levels.length; i += 2) side.set(levels[i] as number, levels[i + 1] as number);
}
