import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import type { Registry } from 'prom-client';
import { counter, gauge } from './instruments.js';

const QUANTILES = [0.5, 0.9, 0.99, 1] as const;
/** How often the event loop is asked, in milliseconds; the timer's own period is no delay and is subtracted. */
const RESOLUTION_MS = 10;

/** Metrics of the process and its event loop. `close` ends the measuring. */
export class ProcessMetrics {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #update: () => void;

  constructor(registry: Registry) {
    const delay = gauge(
      registry,
      'event_loop_delay_seconds',
      'Delay of the event loop since the scrape before; quantile 1 is the longest.',
      ['quantile'],
    );
    const cpu = counter(registry, 'process_cpu_seconds_total', 'Processor time.', ['mode']);
    const resident = gauge(registry, 'process_resident_memory_bytes', 'Memory the process holds.', []);
    const heap = gauge(registry, 'process_heap_used_bytes', 'JavaScript heap in use.', []);
    const uptime = gauge(registry, 'process_uptime_seconds', 'Since the process started.', []);
    this.#update = () => {
      for (const metric of [delay, cpu, resident, heap, uptime]) metric.clear();
      for (const q of QUANTILES) {
        const ns = this.#delay.count === 0 ? 0 : q === 1 ? this.#delay.max : this.#delay.percentile(q * 100);
        delay.set({ quantile: String(q) }, Math.max(0, ns - RESOLUTION_MS * 1e6) / 1e9);
      }
      this.#delay.reset();
      const { user, system } = process.cpuUsage();
      cpu.set({ mode: 'user' }, user / 1e6);
      cpu.set({ mode: 'system' }, system / 1e6);
      const memory = process.memoryUsage();
      resident.set({}, memory.rss);
      heap.set({}, memory.heapUsed);
      uptime.set({}, process.uptime());
    };
  }

  start(): void {
    this.#delay.enable();
  }
  update(): void {
    this.#update();
  }
  close(): void {
    this.#delay.disable();
  }
}
