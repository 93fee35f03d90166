import type {
  DeniedEvent,
  DispatchEvent,
  HaltEvent,
  IntentEvent,
  LogEvent,
  LogLevel,
  MarkEvent,
  OrderEvent,
  PositionEvent,
  QueuedEvent,
  RegimeEvent,
  SupersededEvent,
} from './event.js';
import type { Intent, IntentAction } from './intent.js';
import type { Order } from './order.js';
import type { Micros } from './time.js';

/**
 * The one constructor of each kind of child. The engine stamps `seq`, `sub` and `at` when it records one, and `source`
 * with the name of the node when it is empty.
 */

export function makeRegime(
  ts: Micros,
  instrument: string,
  ix: number,
  regime: string,
  previous: string,
  confidence: number,
  detector: string,
): RegimeEvent {
  return {
    kind: 'regime',
    seq: 0,
    sub: 0,
    at: 0,
    ts,
    source: '',
    instrument,
    ix,
    regime,
    previous,
    confidence,
    detector,
  };
}

export function makeIntent(intent: Intent): IntentEvent {
  return { kind: 'intent', seq: 0, sub: 0, at: 0, ts: 0, source: '', intent };
}

export function makeDenied(
  intent: Intent,
  code: string,
  text: string,
  stage: DeniedEvent['stage'],
): DeniedEvent {
  return { kind: 'denied', seq: 0, sub: 0, at: 0, ts: 0, source: '', intent, code, text, stage };
}

export function makeQueued(intent: Intent, reason: string): QueuedEvent {
  return { kind: 'queued', seq: 0, sub: 0, at: 0, ts: 0, source: '', intent, reason };
}

export function makeSuperseded(
  intent: Intent,
  result: SupersededEvent['result'],
  by: IntentAction,
): SupersededEvent {
  return { kind: 'superseded', seq: 0, sub: 0, at: 0, ts: 0, source: '', intent, result, by };
}

export function makeDispatch(
  clientOrderId: string,
  targetClientOrderId: string,
  broker: string,
  intent: Intent,
): DispatchEvent {
  return {
    kind: 'dispatch',
    seq: 0,
    sub: 0,
    at: 0,
    ts: 0,
    source: '',
    action: intent.action,
    orderKey: intent.orderKey,
    clientOrderId,
    targetClientOrderId,
    broker,
    account: intent.account,
    intent,
  };
}

export function makeOrder(order: Order): OrderEvent {
  return { kind: 'order', seq: 0, sub: 0, at: 0, ts: 0, source: '', order };
}

export type PositionFields = Omit<PositionEvent, 'kind' | 'seq' | 'sub' | 'at' | 'ts' | 'source'>;

export function makePosition(p: PositionFields): PositionEvent {
  return {
    kind: 'position',
    seq: 0,
    sub: 0,
    at: 0,
    ts: 0,
    source: '',
    account: p.account,
    instrument: p.instrument,
    ix: p.ix,
    quantity: p.quantity,
    averagePrice: p.averagePrice,
    realizedPnl: p.realizedPnl,
    fees: p.fees,
  };
}

export function makeMark(
  instrument: string,
  ix: number,
  label: string,
  price: number,
  note: string,
): MarkEvent {
  return { kind: 'mark', seq: 0, sub: 0, at: 0, ts: 0, source: '', instrument, ix, label, price, note };
}

export function makeLog(level: LogLevel, code: string, message: string): LogEvent {
  return { kind: 'log', seq: 0, sub: 0, at: 0, ts: 0, source: '', level, code, message };
}

export function makeHalt(code: string, reason: string): HaltEvent {
  return { kind: 'halt', seq: 0, sub: 0, at: 0, ts: 0, source: '', code, reason };
}
