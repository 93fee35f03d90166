import type { Micros } from '../model/time.js';
import { monotonicMs, wallMs } from './guard.js';

/** Wall time that cannot jump: the monotonic clock, anchored once to the wall. */
export function anchoredClock(): () => Micros {
  const anchor = wallMs() - monotonicMs();
  return () => Math.floor((anchor + monotonicMs()) * 1000);
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * One host timer for the earliest deadline. It only keeps the loop alive: what it starts is decided by the sequencer.
 */
export class Waker {
  readonly #wall: () => Micros;
  readonly #wake: () => void;
  #timer: NodeJS.Timeout | undefined;
  #due: Micros = Infinity;

  constructor(wall: () => Micros, wake: () => void) {
    this.#wall = wall;
    this.#wake = wake;
  }

  /** Makes sure that the host wakes up at `due`. */
  arm(due: Micros): void {
    if (due >= this.#due) return;
    this.cancel();
    if (due === Infinity) return;
    this.#due = due;
    const ms = Math.min(MAX_TIMER_MS, Math.max(0, Math.ceil((due - this.#wall()) / 1000)));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#due = Infinity;
      this.#wake();
    }, ms);
  }

  cancel(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = Infinity;
  }
}
