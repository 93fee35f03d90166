import type { ExecutionEvent } from '../../model/event.js';
import type { Micros } from '../../model/time.js';
import { BrokerError } from '../broker.js';

/** The newest fills, oldest first. Asking for more than is kept is an error, not a shorter answer. */
export class FillHistory {
  readonly #max: number;
  #fills: ExecutionEvent[] = [];
  #lost: Micros | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  add(fill: ExecutionEvent): void {
    this.#fills.push(fill);
    // Dropped in halves, so that a full history costs O(1) a fill.
    if (this.#fills.length < 2 * this.#max) return;
    this.#lost = this.#fills[this.#max - 1]?.ts;
    this.#fills = this.#fills.slice(this.#max);
  }

  since(from: Micros): readonly ExecutionEvent[] {
    if (this.#lost !== undefined && from <= this.#lost) {
      throw new BrokerError(
        'unavailable',
        `fills before ${this.#lost} are no longer kept; raise fill_history (now ${this.#max})`,
        false,
      );
    }
    return this.#fills.filter((fill) => fill.ts >= from);
  }
}
