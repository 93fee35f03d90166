import type { Event } from '../model/record.js';
import { Edge } from '../streams/edge.js';
import { monotonicMs } from './guard.js';

/** How often, and (sampled) how long, one strategy was evaluated. */
export interface Meter {
  readonly name: string;
  evaluations: number;
  seconds: number;
}

/** Input of a strategy: counts every evaluation and times one in 64, scaled. */
export class MeteredEdge extends Edge<Event> {
  readonly #meter: Meter;

  constructor(name: string, meter: Meter) {
    super(name);
    this.#meter = meter;
  }

  override next(event: Event): void {
    const meter = this.#meter;
    if ((meter.evaluations++ & 63) !== 0) {
      super.next(event);
      return;
    }
    const start = monotonicMs();
    super.next(event);
    meter.seconds += ((monotonicMs() - start) * 64) / 1000;
  }
}
