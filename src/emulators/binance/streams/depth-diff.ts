import type { PublicDepth } from '../types.js';

/**
 * The changes of one book since the last message of a diff stream. `U` of a message is `u` of the one before plus 1.
 * Memory: the prices that changed in one interval.
 */
export class DepthDiff {
  first: number = 0;
  last: number = 0;
  readonly bids: Map<string, string> = new Map<string, string>();
  readonly asks: Map<string, string> = new Map<string, string>();

  get empty(): boolean {
    return this.first === 0;
  }

  add(change: PublicDepth): void {
    if (this.first === 0) this.first = change.first;
    this.last = change.last;
    for (const [price, quantity] of change.bids) this.bids.set(price, quantity);
    for (const [price, quantity] of change.asks) this.asks.set(price, quantity);
  }

  clear(): void {
    this.first = 0;
    this.bids.clear();
    this.asks.clear();
  }
}
