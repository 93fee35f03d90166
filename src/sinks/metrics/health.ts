import type { StateView } from '../../state/view.js';
import type { EngineStats } from '../sink.js';
import { feedAge } from './collect-engine.js';

export interface ComponentHealth {
  readonly ready: boolean;
  readonly status: string;
  readonly [figure: string]: string | number | boolean;
}

export interface Readiness {
  readonly ready: boolean;
  readonly mode: string;
  readonly session: string;
  readonly components: Readonly<Record<string, ComponentHealth>>;
}

const UP: ReadonlySet<string> = new Set(['up', 'ready']);

/** May this engine trade now, and if not, which component is the reason? */
export function readiness(stats: EngineStats, state: StateView): Readiness {
  const components: Record<string, ComponentHealth> = {
    engine: { ready: stats.running, status: stats.running ? 'running' : 'stopped', seq: stats.seq },
    trading: {
      ready: stats.ready,
      status: state.control.recovering ? 'recovering' : state.control.trading,
      killed: state.control.killed,
      reason: state.control.tradingReason,
    },
  };
  for (const source of stats.sources) {
    const age = feedAge(stats, source);
    components[`sources.${source.name}`] = {
      ready: UP.has(source.connection),
      status: source.connection,
      events: source.events,
      ...(age === undefined ? {} : { ageSeconds: age }),
    };
  }
  if (stats.journal !== undefined) {
    const { errors, pendingBytes, syncedSeq } = stats.journal;
    components['journal'] = {
      ready: true,
      status: errors === 0 ? 'ok' : 'had errors',
      errors,
      pendingBytes,
      syncedSeq,
    };
  }
  for (const sink of stats.sinks)
    components[`sinks.${sink.name}`] = {
      ready: sink.delivery === 'best_effort' || sink.errors === 0,
      status: sink.errors === 0 ? 'ok' : 'had errors',
      errors: sink.errors,
      dropped: sink.dropped,
    };
  const ready = Object.values(components).every((component) => component.ready);
  return { ready, mode: stats.mode, session: stats.session, components };
}
