import type { Engine } from '../engine.js';
import type { Link, ProviderStatus } from './callbacks.js';

/** Recorded input and simulated brokers are connected as long as the engine runs. */
export function providerStatus(engine: Engine): ProviderStatus {
  const { control } = engine.state;
  const link = (names: readonly string[]): Link => {
    if (!engine.running) return 'disconnected';
    const down = names.some((name) => {
      const broker = engine.brokers.get(name);
      if (broker === undefined || broker.simulated) return false;
      const state = control.connection(name);
      return state !== 'ready' && state !== 'up' && state !== 'degraded';
    });
    return down ? 'disconnected' : 'connected';
  };
  const feeds = engine.topology.sources.filter(({ spec }) => spec.type !== 'executions');
  const orders = engine.topology.sinks.filter(({ spec }) => spec.type === 'orders');
  return {
    marketData: link(feeds.map(({ broker }) => broker).filter((name) => name !== '')),
    trading: link(orders.map(({ broker }) => broker)),
  };
}
