import type { EngineStats } from '../topology/spec.js';
import type { Engine } from './engine.js';
import { wallMs } from './guard.js';

/** Reads the engine's plain counters; called on scrape and for progress, never in a turn. */
export function collectStats(engine: Engine): EngineStats {
  const queue = engine.sequencer.figures;
  const control = engine.state.control;
  return {
    mode: engine.topology.mode,
    name: engine.topology.name,
    session: engine.options.session,
    startedAt: engine.startedAt,
    wall: wallMs() * 1000,
    at: engine.sequencer.at,
    seq: engine.driver.seq,
    children: engine.driver.figures.children,
    running: engine.running,
    ready:
      engine.running &&
      engine.outbox.gate === undefined &&
      control.trading === 'active' &&
      !control.recovering,
    queueDepth: queue.depth,
    queueCapacity: queue.capacity,
    queueDrops: queue.refused,
    clockTurns: engine.driver.figures.clockTurns,
    kinds: engine.counters.kinds,
    denials: { ...engine.counters.denials },
    sources: [...engine.graph.roots].map((root) => ({
      name: root.name,
      events: root.events,
      bad: engine.bad.of(root.name),
      lastAt: root.lastAt,
      lastWall: engine.options.wall === undefined ? 0 : root.lastAt,
      connection: control.connection(root.name) ?? 'up',
    })),
    strategies: engine.graph.meters.map((meter) => ({
      name: meter.name,
      evaluations: meter.evaluations,
      seconds: meter.seconds,
      errors: engine.graph.strategies.get(meter.name)?.stats.errors ?? 0,
      enabled:
        control.strategyEnabled(meter.name) &&
        engine.graph.strategies.get(meter.name)?.stats.enabled !== false,
      intents: engine.graph.strategies.get(meter.name)?.stats.intents ?? 0,
    })),
    sinks: engine.sinks.stats(),
    turn: { count: engine.times.count, seconds: engine.times.seconds, counts: [...engine.times.counts] },
    protections: engine.guardian?.protections() ?? [],
    armed: Object.fromEntries(control.accountsToArm().map((account) => [account, control.armed(account)])),
    latched: control.latches().map(({ scope }) => scope),
    brokers: [...engine.brokers.values()].map((broker) => ({
      name: broker.name,
      figures: broker.figures?.() ?? [],
    })),
    outcomes: { ...engine.latencies.outcomes },
    ack: {
      count: engine.latencies.ack.count,
      seconds: engine.latencies.ack.seconds,
      counts: [...engine.latencies.ack.counts],
    },
    fillLatency: {
      count: engine.latencies.fill.count,
      seconds: engine.latencies.fill.seconds,
      counts: [...engine.latencies.fill.counts],
    },
    journal: engine.sinks.journal?.figures,
  };
}
