import { Worker } from 'node:worker_threads';
import type { Log } from '../../model/component.js';
import type { Micros } from '../../model/time.js';
import { monotonicMs } from '../guard.js';
import { Heartbeat } from './heartbeat.js';
import type { PanicOutcome } from './panic.js';
import type { WatchdogData } from './worker.js';

export interface WatchdogOptions {
  readonly settings: { readonly stall: Micros; readonly warn: Micros };
  readonly latch: string | undefined;
  readonly report: string | undefined;
  readonly tasks: WatchdogData['tasks'];
  readonly log: Log;
  /** The main thread is back, and this is what was done meanwhile. Once for each attempt. */
  readonly acted: (outcome: PanicOutcome) => void;
  /** The watchdog itself is gone. */
  readonly lost: (reason: string) => void;
}

/**
 * The main thread's side of the watchdog: beats at every turn and every few milliseconds of the event loop, measures
 * stalls that are too short to act on, and hears what the watchdog did while nothing here moved.
 */
export class Watchdog {
  readonly heartbeat: Heartbeat = new Heartbeat();
  readonly #o: WatchdogOptions;
  #worker: Worker | undefined;
  #timer: NodeJS.Timeout | undefined;
  #expected = 0;
  #worst: Micros = 0;
  #worstAt = 0;

  constructor(options: WatchdogOptions) {
    this.#o = options;
  }

  /** Resolves when it watches. */
  async start(): Promise<void> {
    const { settings, latch, report, tasks } = this.#o;
    const stallMs = settings.stall / 1_000;
    const stepMs = Math.max(10, Math.min(250, stallMs / 20));
    const data: WatchdogData = { shared: this.heartbeat.shared, stallMs, stepMs, latch, report, tasks };
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: data });
    this.#worker = worker;
    this.#expected = monotonicMs() + stepMs;
    this.#timer = setInterval(() => this.#tick(stepMs), stepMs);
    this.#timer.unref();
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', reject);
    });
    worker.on('message', (outcome: PanicOutcome) => this.#o.acted(outcome));
    worker.on('error', (error) => this.#lost(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => this.#lost(`it ended with ${code}`));
    worker.unref();
  }

  /** Why nothing may leave: it acted, and that was not released yet. */
  tripped(): string | undefined {
    return this.heartbeat.tripped ? 'the watchdog acted while the main thread hung' : undefined;
  }

  /** The kill was released: it watches again. */
  reset(): void {
    this.heartbeat.beat();
    this.heartbeat.tripped = false;
  }

  /** Longest stall of the last minute, in microseconds. */
  worstStall(): Micros {
    if (monotonicMs() - this.#worstAt > 60_000) this.#worst = 0;
    return this.#worst;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  #tick(stepMs: number): void {
    this.heartbeat.beat();
    const now = monotonicMs();
    const late = (now - this.#expected) * 1_000;
    this.#expected = now + stepMs;
    if (late < this.#o.settings.warn) return;
    if (late >= this.#worst || now - this.#worstAt > 60_000) {
      this.#worst = late;
      this.#worstAt = now;
    }
    this.#o.log.warn(`the event loop stood still for ${Math.round(late / 1_000)} ms`);
  }

  #lost(reason: string): void {
    if (this.#worker === undefined) return;
    this.#worker = undefined;
    this.#o.lost(reason);
  }
}
