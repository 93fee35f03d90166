import { executionsSpec } from './components/sources/executions.js';
import { marketDataSpec } from './components/sources/market_data.js';
import { ordersSpec } from './components/sinks/orders.js';
import { Registry } from './registry.js';
import type { ComponentSpec } from './spec.js';

const BUILTINS: readonly ComponentSpec[] = [marketDataSpec, executionsSpec, ordersSpec];

let registry: Registry | undefined;

/** The component words that come with Millrace. */
export function builtins(): Registry {
  registry ??= new Registry().with(BUILTINS, 'millrace');
  return registry;
}
