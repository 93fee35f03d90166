import { Counter, Gauge, type Registry } from 'prom-client';
import type { EngineStats } from '../sink.js';

type Figure = EngineStats['brokers'][number]['figures'][number];

/**
 * What broker sessions tell of themselves, `millrace_broker_<name>` with the broker and the labels of the figure. Metrics
 * are made as figures appear; one whose labels change is made anew.
 */
export function brokerMetrics(registry: Registry): (stats: EngineStats) => void {
  const made = new Map<string, { readonly labels: string; readonly metric: Counter | Gauge }>();

  const metricOf = (name: string, figure: Figure, labelNames: readonly string[]): Counter | Gauge => {
    const labels = labelNames.join();
    const known = made.get(name);
    if (known?.labels === labels) return known.metric;
    if (known !== undefined) registry.removeSingleMetric(name);
    const options = { name, help: figure.help, labelNames: [...labelNames], registers: [registry] };
    const metric = figure.type === 'counter' ? new Counter(options) : new Gauge(options);
    made.set(name, { labels, metric });
    return metric;
  };

  return ({ brokers }) => {
    for (const { metric } of made.values()) metric.reset();
    const all = brokers.flatMap(({ name, figures }) => figures.map((figure) => ({ broker: name, figure })));
    for (const { broker, figure } of all) {
      const same = all.filter((other) => other.figure.name === figure.name);
      const labelNames = [
        'broker',
        ...new Set(same.flatMap((other) => Object.keys(other.figure.labels)).sort()),
      ];
      const metric = metricOf(`millrace_broker_${figure.name}`, figure, labelNames);
      metric.inc({ broker, ...figure.labels }, figure.value);
    }
  };
}
