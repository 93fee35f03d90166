import { performance } from 'node:perf_hooks';

/** Longest stretch that is caught up after the process was busy. */
const MOST_BEHIND_MS = 250;

/** Calls `play` with the number of events that are due, at a steady rate; late calls catch up. */
export class Pacer {
  readonly #play: (events: number) => void;
  #rate: number;
  #timer: NodeJS.Timeout | undefined;
  #last = 0;
  #due = 0;

  constructor(rate: number, play: (events: number) => void) {
    this.#rate = rate;
    this.#play = play;
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  get rate(): number {
    return this.#rate;
  }

  set rate(rate: number) {
    this.#rate = rate;
    if (!this.running) return;
    this.stop();
    this.start();
  }

  start(): void {
    if (this.running) return;
    this.#last = performance.now();
    this.#due = 0;
    this.#arm();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(): void {
    const wait = this.#rate > 0 ? ((1 - this.#due) / this.#rate) * 1_000 : 1_000;
    this.#timer = setTimeout(
      () => {
        const now = performance.now();
        this.#due += (Math.min(now - this.#last, MOST_BEHIND_MS) / 1_000) * this.#rate;
        // Waits shorter than the host's timers can keep are not lost: they stay due.
        this.#last = now;
        this.#arm();
        const events = Math.floor(this.#due);
        this.#due -= events;
        if (events > 0) this.#play(events);
      },
      Math.min(Math.max(1, wait), MOST_BEHIND_MS / 2),
    );
  }
}
