/**
 * Decides whether a count that should move has stood still for too long. Time is that of the watcher: while the watcher
 * itself did not run (a stopped process, a sleeping machine), nothing is counted against the watched.
 */
export class Watch {
  readonly #stall: number;
  readonly #step: number;
  #beats: number | undefined;
  #still = 0;
  #last: number | undefined;

  /** `stall`: milliseconds without a beat that count as hung. `step`: how often `look` is called. */
  constructor(stall: number, step: number) {
    this.#stall = stall;
    this.#step = step;
  }

  /** True: hung. `now` in milliseconds. */
  look(now: number, beats: number): boolean {
    const passed = this.#last === undefined ? 0 : now - this.#last;
    this.#last = now;
    if (beats !== this.#beats) {
      this.#beats = beats;
      this.#still = 0;
      return false;
    }
    this.#still += Math.min(passed, 2 * this.#step);
    return this.#still >= this.#stall;
  }

  /** Starts counting anew. */
  reset(): void {
    this.#still = 0;
    this.#last = undefined;
  }
}
