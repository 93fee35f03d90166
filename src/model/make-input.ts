import type {
  AccountEvent,
  Balance,
  BarBasis,
  BarEvent,
  BookEvent,
  BrokerErrorCategory,
  ClockEvent,
  CommandOutcome,
  ConnectionEvent,
  ConnectionState,
  ControlAction,
  ControlEvent,
  ExecutionEvent,
  GapEvent,
  OutcomeEvent,
  QuoteEvent,
  ReconciliationEvent,
  StatusEvent,
  TradeEvent,
} from './event.js';
import type { InstrumentStatus } from './instrument.js';
import type { IntentAction } from './intent.js';
import type { Micros } from './time.js';

/**
 * The one constructor of each input kind: every event of a kind has the same hidden class, which keeps the loop fast.
 * `seq` and `at` are stamped by the sequencer; `ts` is the venue's time.
 * For a replayed input, pass the recorded receive time through the source (see streams/), not here.
 */

export function makeTrade(
  source: string,
  ts: Micros,
  instrument: string,
  ix: number,
  price: number,
  size: number,
  aggressor: number,
  tradeId: string,
): TradeEvent {
  return {
    kind: 'trade',
    seq: 0,
    sub: 0,
    at: 0,
    ts,
    source,
    instrument,
    ix,
    price,
    size,
    aggressor,
    tradeId,
  };
}

export function makeQuote(
  source: string,
  ts: Micros,
  instrument: string,
  ix: number,
  bid: number,
  bidSize: number,
  ask: number,
  askSize: number,
): QuoteEvent {
  return { kind: 'quote', seq: 0, sub: 0, at: 0, ts, source, instrument, ix, bid, bidSize, ask, askSize };
}

export function makeBook(
  source: string,
  ts: Micros,
  instrument: string,
  ix: number,
  snapshot: boolean,
  bids: readonly number[],
  asks: readonly number[],
  first: number,
  last: number,
  prev: number,
): BookEvent {
  return {
    kind: 'book',
    seq: 0,
    sub: 0,
    at: 0,
    ts,
    source,
    instrument,
    ix,
    snapshot,
    bids,
    asks,
    first,
    last,
    prev,
  };
}

export interface BarFields {
  readonly basis: BarBasis;
  readonly every: Micros;
  readonly start: Micros;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly count: number;
}

export function makeBar(source: string, ts: Micros, instrument: string, ix: number, b: BarFields): BarEvent {
  return {
    kind: 'bar',
    seq: 0,
    sub: 0,
    at: 0,
    ts,
    source,
    instrument,
    ix,
    basis: b.basis,
    every: b.every,
    start: b.start,
    open: b.open,
    high: b.high,
    low: b.low,
    close: b.close,
    volume: b.volume,
    count: b.count,
  };
}

export function makeStatus(
  source: string,
  ts: Micros,
  instrument: string,
  ix: number,
  status: InstrumentStatus,
  reason: string,
): StatusEvent {
  return { kind: 'status', seq: 0, sub: 0, at: 0, ts, source, instrument, ix, status, reason };
}

export type ExecutionFields = Omit<ExecutionEvent, 'kind' | 'seq' | 'sub' | 'at' | 'ts' | 'source'>;

export function makeExecution(source: string, ts: Micros, f: ExecutionFields): ExecutionEvent {
  return {
    kind: 'execution',
    seq: 0,
    sub: 0,
    at: 0,
    ts,
    source,
    broker: f.broker,
    account: f.account,
    report: f.report,
    clientOrderId: f.clientOrderId,
    venueOrderId: f.venueOrderId,
    execId: f.execId,
    instrument: f.instrument,
    ix: f.ix,
    side: f.side,
    fill: f.fill,
    cumulative: f.cumulative,
    quantity: f.quantity,
    limitPrice: f.limitPrice,
    stopPrice: f.stopPrice,
    reason: f.reason,
  };
}

export function makeOutcome(
  source: string,
  ts: Micros,
  broker: string,
  orderKey: string,
  clientOrderId: string,
  action: IntentAction,
  outcome: CommandOutcome,
  category: BrokerErrorCategory | '',
  reason: string,
): OutcomeEvent {
  return {
    kind: 'outcome',
    seq: 0,
    sub: 0,
    at: 0,
    ts,
    source,
    broker,
    orderKey,
    clientOrderId,
    action,
    outcome,
    category,
    reason,
  };
}

export function makeAccount(
  source: string,
  ts: Micros,
  broker: string,
  account: string,
  balances: readonly Balance[],
): AccountEvent {
  return { kind: 'account', seq: 0, sub: 0, at: 0, ts, source, broker, account, balances };
}

export function makeClock(due: Micros, wall: Micros): ClockEvent {
  return { kind: 'clock', seq: 0, sub: 0, at: 0, ts: wall, source: 'clock', due };
}

export function makeControl(
  ts: Micros,
  action: ControlAction,
  actor: string,
  reason: string,
  target = '',
  value = '',
): ControlEvent {
  return {
    kind: 'control',
    seq: 0,
    sub: 0,
    at: 0,
    ts,
    source: 'control',
    action,
    actor,
    reason,
    target,
    value,
  };
}

export function makeConnection(
  source: string,
  ts: Micros,
  name: string,
  state: ConnectionState,
  attempt: number,
  reason: string,
): ConnectionEvent {
  return { kind: 'connection', seq: 0, sub: 0, at: 0, ts, source, name, state, attempt, reason };
}

export function makeGap(
  source: string,
  ts: Micros,
  instrument: string,
  ix: number,
  code: string,
  expected: number,
  received: number,
  reason: string,
): GapEvent {
  return { kind: 'gap', seq: 0, sub: 0, at: 0, ts, source, instrument, ix, code, expected, received, reason };
}

export type ReconciliationFields = Omit<ReconciliationEvent, 'kind' | 'seq' | 'sub' | 'at' | 'ts' | 'source'>;

export function makeReconciliation(ts: Micros, f: ReconciliationFields): ReconciliationEvent {
  return {
    kind: 'reconciliation',
    seq: 0,
    sub: 0,
    at: 0,
    ts,
    source: 'reconcile',
    broker: f.broker,
    account: f.account,
    subject: f.subject,
    code: f.code,
    key: f.key,
    instrument: f.instrument,
    ix: f.ix,
    clientOrderId: f.clientOrderId,
    venueOrderId: f.venueOrderId,
    ours: f.ours,
    theirs: f.theirs,
    difference: f.difference,
    amount: f.amount,
    price: f.price,
    evidence: f.evidence,
    resolution: f.resolution,
    order: f.order,
    execIds: f.execIds,
  };
}

// ---- children: stamped (`seq`, `sub`, `at`, `source`) by the turn's `record` -------------------------------------

/** Sets the engine time a source recorded for an input (its receive time). For sources only. */
export function receivedAt<E extends { readonly at: Micros }>(event: E, at: Micros): E {
  (event as { at: Micros }).at = at;
  return event;
}
