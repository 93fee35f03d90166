import { binanceSpec } from './components/brokers/binance.js';
import { paperSpec } from './components/brokers/paper.js';
import { barsSpec } from './components/operators/bars.js';
import { bookSpec } from './components/operators/book.js';
import { conflateSpec } from './components/operators/conflate.js';
import { delaySpec } from './components/operators/delay.js';
import { manageSpec } from './components/operators/manage.js';
import { normalizeSpec } from './components/operators/normalize.js';
import { regimeSpec } from './components/operators/regime.js';
import { riskSpec } from './components/operators/risk.js';
import { routeSpec } from './components/operators/route.js';
import { strategySpec } from './components/operators/strategy.js';
import { throttleSpec } from './components/operators/throttle.js';
import { auditSpec } from './components/sinks/audit.js';
import { busSpec } from './components/sinks/bus.js';
import { journalSpec } from './components/sinks/journal.js';
import { ordersSpec } from './components/sinks/orders.js';
import { prometheusSpec } from './components/sinks/prometheus.js';
import { reconciliationSpec } from './components/sinks/reconciliation.js';
import { recordsSpec } from './components/sinks/records.js';
import { executionsSpec } from './components/sources/executions.js';
import { marketDataSpec } from './components/sources/market_data.js';
import { pollingSpec } from './components/sources/polling.js';
import { replaySpec } from './components/sources/replay.js';
import { syntheticSpec } from './components/sources/synthetic.js';
import { Registry } from './registry.js';
import type { ComponentSpec } from './spec.js';

/** Every component that comes with Millrace, by section. A new one: its file under components/, and a line here. */
const BUILTINS: readonly ComponentSpec[] = [
  binanceSpec,
  paperSpec,
  barsSpec,
  bookSpec,
  conflateSpec,
  delaySpec,
  manageSpec,
  normalizeSpec,
  regimeSpec,
  riskSpec,
  routeSpec,
  strategySpec,
  throttleSpec,
  auditSpec,
  busSpec,
  journalSpec,
  ordersSpec,
  prometheusSpec,
  reconciliationSpec,
  recordsSpec,
  executionsSpec,
  marketDataSpec,
  pollingSpec,
  replaySpec,
  syntheticSpec,
];

let registry: Registry | undefined;

/** The component words that come with Millrace. */
export function builtins(): Registry {
  registry ??= new Registry().with(BUILTINS, 'millrace');
  return registry;
}
