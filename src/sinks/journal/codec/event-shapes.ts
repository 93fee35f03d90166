import type {
  Balance,
  BarBasis,
  ConnectionState,
  ControlAction,
  DeniedEvent,
  ExecutionReport,
  LogLevel,
  SupersededEvent,
} from '../../../model/event.js';
import type { InstrumentStatus } from '../../../model/instrument.js';
import type { EventKind, EventOf } from '../../../model/record.js';
import { action, category, fill, intent, order, outcome, side } from './order-shapes.js';
import { decimal, flag, list, number, object, optional, text, words, type Fields } from './shape.js';

type HeadField = 'kind' | 'seq' | 'sub' | 'at' | 'ts' | 'source';
/** What a kind carries beside the head; methods are not data. */
export type Payload<K extends EventKind> = Omit<EventOf<K>, HeadField | 'recheck'>;

const reports = words<ExecutionReport>({
  accepted: true,
  rejected: true,
  fill: true,
  cancelled: true,
  expired: true,
  replaced: true,
  cancel_rejected: true,
  replace_rejected: true,
  triggered: true,
  inactive: true,
});
const actions = words<ControlAction>({
  start: true,
  stop: true,
  arm: true,
  disarm: true,
  pause: true,
  resume: true,
  reduce: true,
  kill: true,
  halt: true,
  flatten: true,
  set_limit: true,
  strategy_disable: true,
  strategy_enable: true,
  set_parameter: true,
  recovering: true,
  recovered: true,
});
const where = { instrument: text, ix: number };

/** The payload fields of every kind, in the order of its constructor. Complete by type. */
export const FIELDS: { readonly [K in EventKind]: Fields<Payload<K>> } = {
  trade: { ...where, price: number, size: number, aggressor: number, tradeId: text },
  quote: { ...where, bid: number, bidSize: number, ask: number, askSize: number },
  book: {
    ...where,
    snapshot: flag,
    bids: list(number),
    asks: list(number),
    first: number,
    last: number,
    prev: number,
  },
  bar: {
    ...where,
    basis: words<BarBasis>({ trade: true, bid: true, ask: true, mid: true }),
    every: number,
    start: number,
    open: number,
    high: number,
    low: number,
    close: number,
    volume: number,
    count: number,
  },
  status: {
    ...where,
    status: words<InstrumentStatus>({
      open: true,
      pre_open: true,
      auction: true,
      halted: true,
      closed: true,
      unknown: true,
    }),
    reason: text,
  },
  execution: {
    broker: text,
    account: text,
    report: reports,
    clientOrderId: text,
    venueOrderId: text,
    execId: text,
    ...where,
    side,
    fill: optional(fill),
    cumulative: optional(decimal),
    quantity: optional(decimal),
    limitPrice: optional(decimal),
    stopPrice: optional(decimal),
    reason: text,
  },
  outcome: { broker: text, orderKey: text, clientOrderId: text, action, outcome, category, reason: text },
  account: {
    broker: text,
    account: text,
    balances: list(object<Balance>({ currency: text, total: decimal, free: decimal, locked: decimal })),
  },
  clock: { due: number },
  control: { action: actions, actor: text, reason: text, target: text, value: text },
  connection: {
    name: text,
    state: words<ConnectionState>({
      connecting: true,
      up: true,
      ready: true,
      degraded: true,
      down: true,
      closed: true,
    }),
    attempt: number,
    reason: text,
  },
  gap: { ...where, code: text, expected: number, received: number, reason: text },
  regime: { ...where, regime: text, previous: text, confidence: number, detector: text },
  intent: { intent },
  approved: { intent, riskPrice: decimal },
  denied: {
    intent,
    code: text,
    text,
    stage: words<DeniedEvent['stage']>({ risk: true, queue: true, outbox: true }),
  },
  queued: { intent, reason: text },
  superseded: {
    intent,
    result: words<SupersededEvent['result']>({ updated: true, annihilated: true, discarded: true }),
    by: action,
  },
  command: { action, intent },
  dispatch: {
    action,
    orderKey: text,
    clientOrderId: text,
    targetClientOrderId: text,
    broker: text,
    account: text,
    intent,
  },
  order: { order },
  position: {
    account: text,
    ...where,
    quantity: decimal,
    averagePrice: decimal,
    realizedPnl: decimal,
    fees: decimal,
  },
  mark: { ...where, label: text, price: number, note: text },
  log: {
    level: words<LogLevel>({ debug: true, info: true, warn: true, error: true, anomaly: true }),
    code: text,
    message: text,
  },
  halt: { code: text, reason: text },
};
