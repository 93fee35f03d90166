import { basename, dirname } from 'node:path';
import type { CheckedOperator, CheckedTopology } from '../../topology/checked.js';

/** How the engine is set up, in the words of a backtest report. Empty: not so in this topology. */
export interface DashboardSetup {
  readonly strategyName: string;
  readonly dataSource: string;
  readonly dataDirectory: string;
  readonly filePattern: string;
  readonly symbols: readonly string[];
  readonly startDate: string;
  readonly endDate: string;
  readonly barType: string;
  /** Broker types orders go to. */
  readonly executionModel: string;
  /** Kinds of market events the sources emit. */
  readonly tickMode: string;
  readonly syntheticTickProfile: string;
  /** When market orders fill on bars. */
  readonly barMode: string;
  readonly fillPolicy: string;
  /** What the price collar of risk does with an order off the market. */
  readonly priceDriftAction: string;
  readonly routingEnabled: boolean;
  readonly queueEnabled: boolean;
  readonly sessionEnabled: boolean;
  readonly marginEnabled: boolean;
  /** Never yet: no broker books financing, and a run optimises nothing. */
  readonly financingEnabled: false;
  readonly optimizationEnabled: false;
}

type Config = Readonly<Record<string, unknown>>;

const at = (config: Config | undefined, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((value, key) => (value as Config | undefined)?.[key], config);
const list = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
const isoDate = (value: unknown): string =>
  typeof value === 'number' && Number.isFinite(value) ? new Date(value / 1_000).toISOString() : '';

/** A length in microseconds as one writes it: `1m`, `30s`. */
export function durationText(micros: number): string {
  for (const [unit, size] of [
    ['d', 86_400e6],
    ['h', 3_600e6],
    ['m', 60e6],
    ['s', 1e6],
  ] as const)
    if (micros >= size && micros % size === 0) return `${micros / size}${unit}`;
  return `${micros / 1_000}ms`;
}

const operators = (topology: CheckedTopology, type: string): readonly CheckedOperator[] =>
  topology.operators.filter(({ spec }) => spec.type === type);

/** Lengths of the bars a topology makes or asks for. */
export function intervalsOf(topology: CheckedTopology): readonly string[] {
  const found = [...operators(topology, 'bars'), ...topology.sources].map(({ config }) => config['every']);
  return [...new Set(found.filter((every) => typeof every === 'number').map(durationText))];
}

export function setupOf(topology: CheckedTopology, symbols: readonly string[]): DashboardSetup {
  const sources = topology.sources.filter(({ spec }) => spec.type !== 'executions');
  const paths = sources.flatMap(({ config }) => list(config['path']));
  const orderBrokers = topology.brokers.filter(({ name }) => topology.sinks.some((s) => s.broker === name));
  const paper = orderBrokers.find(({ spec }) => spec.simulated)?.config;
  const kinds = [...new Set(sources.flatMap(({ emits }) => emits))];
  const margin = topology.portfolio.accounts.some(({ leverage }) => leverage.gt(1));
  return {
    strategyName: operators(topology, 'strategy')
      .map(({ config }) => String(config['use']))
      .join(', '),
    dataSource: sources.map(({ spec }) => spec.type).join(', '),
    dataDirectory: [...new Set(paths.map(dirname))].join(', '),
    filePattern: paths.map((path) => basename(path)).join(', '),
    symbols,
    startDate: sources.map(({ config }) => isoDate(config['from'])).find((date) => date !== '') ?? '',
    endDate: sources.map(({ config }) => isoDate(config['to'])).find((date) => date !== '') ?? '',
    barType: intervalsOf(topology).join(', '),
    executionModel: orderBrokers.map(({ spec }) => spec.type).join(', '),
    tickMode: kinds.join(', '),
    syntheticTickProfile: sources.some(({ spec }) => spec.type === 'synthetic') ? 'synthetic' : '',
    barMode: list(at(paper, 'bars', 'market')).join(''),
    fillPolicy: paper === undefined ? 'venue' : list(at(paper, 'fill_on')).join(', '),
    priceDriftAction: operators(topology, 'risk').some(
      ({ config }) => at(config, 'limits', 'price_collar') !== undefined,
    )
      ? 'deny'
      : 'ignore',
    routingEnabled: orderBrokers.length > 1,
    queueEnabled: operators(topology, 'throttle').length > 0,
    sessionEnabled: topology.instruments.some(({ session }) => session !== undefined),
    marginEnabled: margin || at(paper, 'account_type') === 'margin',
    financingEnabled: false,
    optimizationEnabled: false,
  };
}
