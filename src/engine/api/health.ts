import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { isoMicros } from '../../model/time.js';
import { monotonicMs, wallMs } from '../guard.js';
import type { Tally } from './tally.js';

/** How the process is. Times are ISO 8601; null: never yet. */
export interface SystemHealth {
  /** Of one core, since the sample before. */
  readonly cpuUsagePct: number;
  /** Resident memory. */
  readonly memoryMb: number;
  /** Mean delay of the event loop since the sample before. */
  readonly eventLoopLatencyMs: number;
  readonly lastSample: string;
  readonly lastMarketData: string | null;
  readonly lastReconnectAttempt: string | null;
  readonly lastReconnectSuccess: string | null;
}

const SAMPLE_MS = 1_000;
const RESOLUTION_MS = 10;

/** Samples the process when it is asked, at most once a second. */
export class HealthProbe {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #cpu = process.cpuUsage();
  #at = monotonicMs();
  #sample = { cpuUsagePct: 0, memoryMb: 0, eventLoopLatencyMs: 0, lastSample: '' };

  start(): void {
    this.#delay.enable();
    this.#take(monotonicMs());
  }

  stop(): void {
    this.#delay.disable();
  }

  read({ lastMarketAt, lastReconnectAttempt, lastReconnectSuccess }: Tally): SystemHealth {
    const now = monotonicMs();
    if (now - this.#at >= SAMPLE_MS || this.#sample.lastSample === '') this.#take(now);
    const time = (at: number): string | null => (at === 0 ? null : isoMicros(at));
    return {
      ...this.#sample,
      lastMarketData: time(lastMarketAt),
      lastReconnectAttempt: time(lastReconnectAttempt),
      lastReconnectSuccess: time(lastReconnectSuccess),
    };
  }

  #take(now: number): void {
    const used = process.cpuUsage(this.#cpu);
    const passed = Math.max(1, now - this.#at) * 1_000;
    const mean = this.#delay.mean / 1e6 - RESOLUTION_MS;
    this.#sample = {
      cpuUsagePct: ((used.user + used.system) / passed) * 100,
      memoryMb: process.memoryUsage.rss() / 1024 / 1024,
      eventLoopLatencyMs: Number.isFinite(mean) ? Math.max(0, mean) : 0,
      lastSample: new Date(wallMs()).toISOString(),
    };
    this.#delay.reset();
    this.#cpu = process.cpuUsage();
    this.#at = now;
  }
}
