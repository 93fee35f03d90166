import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** A snapshot metric: what `set` was told since the last `clear` is what a scrape shows. */
export interface Shown<L extends string> {
  clear(): void;
  set(labels: Partial<Record<L, string>>, value: number | undefined): void;
}

/** Prefix of every metric; names are an interface and are fixed by a snapshot test. */
const PREFIX = 'millrace_';

/** A value that goes up and down. Values that are not known (undefined, NaN) are left out, never shown as 0. */
export function gauge<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly L[],
): Shown<L> {
  const metric = new Gauge<L>({ name: PREFIX + name, help, labelNames, registers: [registry] });
  metric.reset();
  if (labelNames.length === 0) metric.remove();
  return {
    clear: () => {
      metric.reset();
      if (labelNames.length === 0) metric.remove();
    },
    set: (labels, value) => {
      if (value !== undefined && !Number.isNaN(value)) metric.set(labels, value);
    },
  };
}

/** A total that the engine counts in a plain field; the scrape shows the field. */
export function counter<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly L[],
): Shown<L> {
  const metric = new Counter<L>({ name: PREFIX + name, help, labelNames, registers: [registry] });
  return {
    clear: () => metric.reset(),
    set: (labels, value) => {
      if (value !== undefined && value >= 0) metric.inc(labels, value);
    },
  };
}

/** Counts by powers of two of nanoseconds, as the engine keeps them. */
export interface PowerBuckets {
  readonly count: number;
  readonly seconds: number;
  /** `counts[i]` observations took less than 2^i ns (and not less than 2^(i-1)). */
  readonly counts: readonly number[];
}

type HistogramData = Awaited<ReturnType<Histogram['get']>>;

/** Shows buckets that were counted elsewhere; it never observes by itself. */
class BucketHistogram extends Histogram {
  readonly #title: string;
  readonly #help: string;
  readonly #powers: readonly number[];
  readonly #read: () => PowerBuckets;

  constructor(
    registry: Registry,
    name: string,
    help: string,
    powers: readonly number[],
    read: () => PowerBuckets,
  ) {
    super({ name, help, buckets: powers.map((p) => 2 ** p / 1e9), registers: [registry] });
    this.#title = name;
    this.#help = help;
    this.#powers = powers;
    this.#read = read;
  }

  /** What the registry prints, and what `get()` is made of. */
  getForPromString(): Promise<object> {
    const { count, seconds, counts } = this.#read();
    const row = (suffix: string, value: number, le?: number | string): HistogramData['values'][number] => ({
      metricName: `${this.#title}_${suffix}`,
      labels: le === undefined ? {} : { le },
      value,
    });
    const values: HistogramData['values'] = [];
    let at = 0;
    let sum = 0;
    for (const power of this.#powers) {
      for (; at <= power; at++) sum += counts[at] ?? 0;
      values.push(row('bucket', sum, 2 ** power / 1e9));
    }
    values.push(row('bucket', count, '+Inf'), row('sum', seconds), row('count', count));
    return Promise.resolve({
      name: this.#title,
      help: this.#help,
      type: 'histogram',
      values,
      aggregator: 'sum',
    });
  }
}

/** A histogram over every second power of two from `from` to `to` (exponents of nanoseconds). */
export function powerHistogram(
  registry: Registry,
  name: string,
  help: string,
  from: number,
  to: number,
  read: () => PowerBuckets,
): void {
  const powers = [];
  for (let power = from; power <= to; power += 2) powers.push(power);
  new BucketHistogram(registry, PREFIX + name, help, powers, read);
}
