import type { Mode } from '../../model/component.js';
import { isoMicros } from '../../model/time.js';
import type { Engine } from '../engine.js';

export interface EngineStatus {
  readonly mode: Mode;
  readonly running: boolean;
  /** Every broker session is up. */
  readonly connected: boolean;
  /** Trading is active and nothing holds orders back. */
  readonly tradingEnabled: boolean;
  /** Why not; empty when it is enabled. */
  readonly tradingReason: string;
  readonly currentRegime: string;
  readonly openOrders: number;
  /** In base currency; null: a price is missing. */
  readonly equity: string | null;
  readonly dailyPnl: string | null;
  readonly lastUpdate: string;
}

export function statusOf(engine: Engine, regime: string): EngineStatus {
  const { control, portfolio, orders } = engine.state;
  const { ready } = engine.stats();
  const equity = portfolio.equity();
  const day = portfolio.dayStartEquity();
  const up = [...engine.brokers.values()].every(({ name, simulated }) => {
    const state = control.connection(name);
    return simulated || state === 'up' || state === 'ready';
  });
  return {
    mode: engine.topology.mode,
    running: engine.running,
    connected: engine.running && up,
    tradingEnabled: ready,
    tradingReason: ready ? '' : whyNot(engine),
    currentRegime: regime,
    openOrders: orders.openCount(),
    equity: equity?.toString() ?? null,
    dailyPnl: equity === undefined || day === undefined ? null : equity.minus(day).toString(),
    lastUpdate: isoMicros(engine.sequencer.at),
  };
}

function whyNot(engine: Engine): string {
  const { gate } = engine.outbox;
  const { control } = engine.state;
  if (gate !== undefined) return `${gate.code}: ${gate.reason}`;
  if (control.tradingReason !== '') return control.tradingReason;
  return control.recovering ? 'RECOVERING' : 'NOT_RUNNING';
}
