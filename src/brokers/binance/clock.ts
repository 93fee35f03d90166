import type { VenueClock } from './wire.js';

export interface ClockDeps {
  /** The venue's time in milliseconds, by one request. */
  readonly ask: () => Promise<number>;
  /** Local wall clock, milliseconds. */
  readonly wall: () => number;
  /** Monotonic clock, milliseconds. */
  readonly monotonic: () => number;
  /** Milliseconds between measurements. */
  readonly every: number;
}

/** Requests of one measurement; the one with the shortest round trip counts. */
const SAMPLES = 3;
/** How far two quartz clocks may drift apart. */
const DRIFT = 100e-6;
/** Wait after a failed measurement, milliseconds. */
const RETRY = 30_000;

interface Sample {
  /** Venue minus monotonic clock. */
  readonly base: number;
  readonly roundTrip: number;
  readonly takenAt: number;
}

/**
 * The venue's clock, estimated as its answer plus half of the round trip, and carried on by the monotonic clock, so that
 * a step of the local wall clock does not move it. Measured again now and then, and whenever the venue says our time is
 * off. Until the first measurement it is the local wall clock.
 */
export class SyncedClock implements VenueClock {
  readonly #deps: ClockDeps;
  #sample: Sample | undefined;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #closed = false;

  constructor(deps: ClockDeps) {
    this.#deps = deps;
  }

  now(): number {
    const sample = this.#sample;
    return Math.floor(sample === undefined ? this.#deps.wall() : sample.base + this.#deps.monotonic());
  }

  get offset(): number {
    return this.#sample === undefined ? 0 : this.#sample.base + this.#deps.monotonic() - this.#deps.wall();
  }

  /** False until a measurement has succeeded. */
  get synced(): boolean {
    return this.#sample !== undefined;
  }

  /** Milliseconds of the round trip that the estimate stands on; the error is at most half of it. */
  get roundTrip(): number {
    return this.#sample?.roundTrip ?? 0;
  }

  /** Failed measurements so far. */
  get failures(): number {
    return this.#failures;
  }

  /** Measures; calls made meanwhile share the measurement. Throws what the request threw when no sample came. */
  sync(): Promise<void> {
    this.#running ??= this.#measure().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #measure(): Promise<void> {
    try {
      let best: Sample | undefined;
      for (let i = 0; i < SAMPLES; i++) {
        const sample = await this.#ask();
        if (best === undefined || sample.roundTrip < best.roundTrip) best = sample;
      }
      if (best !== undefined) this.#take(best);
      this.#arm(this.#deps.every);
    } catch (error) {
      this.#failures++;
      this.#arm(Math.min(RETRY, this.#deps.every));
      throw error;
    }
  }

  async #ask(): Promise<Sample> {
    const { ask, monotonic } = this.#deps;
    const before = monotonic();
    const server = await ask();
    const after = monotonic();
    return { base: server + (after - before) / 2 - after, roundTrip: after - before, takenAt: after };
  }

  /** A rough new sample that does not contradict a finer older one is not believed. */
  #take(sample: Sample): void {
    const old = this.#sample;
    if (old !== undefined) {
      const oldError = old.roundTrip / 2 + (sample.takenAt - old.takenAt) * DRIFT;
      const agrees = Math.abs(sample.base - old.base) <= sample.roundTrip / 2 + oldError;
      if (agrees && oldError < sample.roundTrip / 2) return;
    }
    this.#sample = sample;
  }

  #arm(wait: number): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.sync().catch(() => undefined); // counted, and tried again
    }, wait);
    this.#timer.unref();
  }
}
