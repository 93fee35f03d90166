import { BrokerError } from '../brokers/broker.js';
import { dec, ONE, ZERO, type Decimal } from '../model/decimal.js';
import { MillraceError } from '../model/reason.js';
import { isoMicros } from '../model/time.js';
import type { Position } from '../state/view.js';
import type { Engine } from './engine.js';

/** What a run leaves on the terminal, and what `run --json` prints as one object. Money as decimal text. */
export interface RunSummary {
  readonly name: string;
  readonly mode: string;
  readonly session: string;
  /** Null: the topology has none, or the session failed before its first turn. */
  readonly journal: string | null;
  readonly digest: string | null;
  /** How it ended: end, signal, duration, halted, failed. */
  readonly ended: string;
  readonly error: { readonly code: string; readonly message: string; readonly help: string } | null;
  readonly drained: boolean;
  readonly from: string | null;
  readonly to: string | null;
  readonly events: number;
  readonly children: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
  readonly orders: number;
  readonly fills: number;
  /** Intents that waited for a rate token or for a request in flight. */
  readonly queued: number;
  readonly denied: Readonly<Record<string, number>>;
  readonly bad: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly positions: readonly {
    readonly account: string;
    readonly instrument: string;
    readonly quantity: string;
    readonly averagePrice: string;
    readonly realizedPnl: string;
    /** At the last mark; null while there is none. In the currency of the instrument. */
    readonly unrealizedPnl: string | null;
    readonly fees: string;
  }[];
  readonly baseCurrency: string;
  readonly startEquity: string | null;
  readonly equity: string | null;
  readonly pnl: string | null;
  readonly fees: string;
  readonly maxDrawdown: number;
}

export interface Ending {
  readonly reason: string;
  readonly drained: boolean;
  readonly seconds: number;
  readonly failure: unknown;
}

export function summarize(engine: Engine, ending: Ending): RunSummary {
  const { portfolio } = engine.state;
  const start = portfolio.startEquity();
  const equity = portfolio.equity();
  const failure = ending.failure;
  const events = engine.driver.seq;
  // A session without a turn leaves no journal.
  const journal = events === 0 ? undefined : engine.sinks.journal;
  return {
    name: engine.topology.name,
    mode: engine.topology.mode,
    session: engine.options.session,
    journal: journal?.path ?? null,
    digest: journal?.digest ?? null,
    ended: failure !== undefined ? (failure === engine.halted ? 'halted' : 'failed') : ending.reason,
    error: failure === undefined ? null : describeFailure(failure, engine.startedAt > 0),
    drained: ending.drained,
    from: engine.startedAt === 0 ? null : isoMicros(engine.startedAt),
    to: engine.sequencer.at === 0 ? null : isoMicros(engine.sequencer.at),
    events,
    children: engine.driver.figures.children,
    seconds: ending.seconds,
    eventsPerSecond: ending.seconds > 0 ? Math.round(events / ending.seconds) : 0,
    orders: engine.counters.children['dispatch'] ?? 0,
    fills: engine.latencies.outcomes['fill'] ?? 0,
    queued: engine.counters.children['queued'] ?? 0,
    denied: { ...engine.counters.denials },
    bad: Object.fromEntries(
      [...engine.graph.roots]
        .map((root) => [root.name, engine.bad.of(root.name)] as const)
        .filter(([, bad]) => Object.keys(bad).length > 0),
    ),
    positions: portfolio.positions().map((p) => ({
      account: p.account,
      instrument: p.instrument,
      quantity: p.quantity.toString(),
      averagePrice: p.averagePrice.toString(),
      realizedPnl: p.realizedPnl.toString(),
      unrealizedPnl: unrealized(engine, p)?.toString() ?? null,
      fees: p.fees.toString(),
    })),
    baseCurrency: portfolio.baseCurrency,
    startEquity: start?.toString() ?? null,
    equity: equity?.toString() ?? null,
    pnl: start === undefined || equity === undefined ? null : equity.minus(start).toString(),
    fees: portfolio.fees().toString(),
    maxDrawdown: portfolio.maxDrawdown(),
  };
}

/** Profit of an open position at its mark. */
export function unrealized(engine: Engine, position: Position): Decimal | undefined {
  if (position.quantity.isZero()) return ZERO;
  const mark = engine.state.market.mark(position.ix);
  const multiplier = engine.instruments.at(position.ix)?.multiplier ?? ONE;
  return Number.isFinite(mark)
    ? dec(mark).minus(position.averagePrice).mul(position.quantity).mul(multiplier)
    : undefined;
}

/** `began`: what a broker failed with came from a feed; before, the broker could not be opened. */
function describeFailure(failure: unknown, began: boolean): NonNullable<RunSummary['error']> {
  if (failure instanceof MillraceError)
    return { code: failure.code, message: failure.message, help: failure.help };
  const lost = began ? 'STREAM_DISCONNECTED' : 'PROVIDER_CONNECTION_FAILED';
  return {
    code: failure instanceof BrokerError ? lost : 'INVARIANT',
    message: failure instanceof Error ? failure.message : String(failure),
    help: '',
  };
}
