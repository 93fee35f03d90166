import { performance } from 'node:perf_hooks';
import type { Micros } from '../../model/time.js';
import type { ExchangeClock } from './types.js';

/** The machine's time in integer microseconds. */
const machineMicros = (): Micros => Math.floor((performance.timeOrigin + performance.now()) * 1_000);

/** The venue's clock over any source of microseconds; never goes back, except by a smaller skew. */
export class VenueClock implements ExchangeClock {
  readonly #source: () => Micros;
  #last: Micros = 0;
  #skewMs = 0;

  constructor(source: () => Micros = machineMicros) {
    this.#source = source;
  }

  get skewMs(): number {
    return this.#skewMs;
  }

  set skewMs(value: number) {
    this.#skewMs = value;
    this.#last = 0;
  }

  micros(): Micros {
    const now = this.#source() + Math.round(this.#skewMs * 1_000);
    if (now > this.#last) this.#last = now;
    return this.#last;
  }

  millis(): number {
    return Math.floor(this.micros() / 1_000);
  }
}
