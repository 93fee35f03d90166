import type { ReportBadData } from '../streams/source.js';
import type { Log } from '../topology/spec.js';

/** Counts what sources could not use: by source and kind, logged once per kind with a sample. */
export class BadData {
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  reporter(source: string): ReportBadData {
    const counts = new Map<string, number>();
    this.#counts.set(source, counts);
    return (kind, place, sample) => {
      const n = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, n);
      if (n === 1) {
        this.#log.warn(`source ${source}: ${kind} at ${place}; further ones are only counted`, {
          code: 'BAD_INPUT',
          source,
          kind,
          sample: sample.slice(0, 200),
        });
      }
    };
  }

  of(source: string): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts.get(source) ?? []);
  }

  get total(): number {
    let sum = 0;
    for (const counts of this.#counts.values()) for (const n of counts.values()) sum += n;
    return sum;
  }
}
