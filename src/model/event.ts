import type { Decimal } from './decimal.js';
import type { Head } from './head.js';
import type { InstrumentStatus, Side } from './instrument.js';
import type { IntentAction } from './intent.js';
import type { Micros } from './time.js';

import type { ReconciliationEvent } from './reconciliation.js';

export type * from './child-event.js';
export type * from './reconciliation.js';
export type { Head } from './head.js';

// ---- market -----------------------------------------------------------------------------------------------------

export interface TradeEvent extends Head<'trade'> {
  readonly instrument: string;
  readonly ix: number;
  readonly price: number;
  readonly size: number;
  /** Side of the aggressor: 1 buy, -1 sell, 0 not told. */
  readonly aggressor: number;
  readonly tradeId: string;
}

export interface QuoteEvent extends Head<'quote'> {
  readonly instrument: string;
  readonly ix: number;
  /** NaN when there is no bid; likewise `ask`. */
  readonly bid: number;
  readonly bidSize: number;
  readonly ask: number;
  readonly askSize: number;
}

export interface BookEvent extends Head<'book'> {
  readonly instrument: string;
  readonly ix: number;
  /** True: replaces the book. False: changes levels; size 0 deletes one. */
  readonly snapshot: boolean;
  /** `[price, size, price, size, ...]`; best first in a snapshot. */
  readonly bids: readonly number[];
  readonly asks: readonly number[];
  /** Venue update ids: first and last contained in this event, and last of the event before (0: not told). */
  readonly first: number;
  readonly last: number;
  readonly prev: number;
}

export type BarBasis = 'trade' | 'bid' | 'ask' | 'mid';

export interface BarEvent extends Head<'bar'> {
  readonly instrument: string;
  readonly ix: number;
  readonly basis: BarBasis;
  /** Length in microseconds; 0 for tick, volume and value bars. */
  readonly every: Micros;
  /** Event time the bar starts at; a time bar covers [start, start + every). */
  readonly start: Micros;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Trades or quotes in it; 0 when the provider does not tell. */
  readonly count: number;
}

export interface StatusEvent extends Head<'status'> {
  readonly instrument: string;
  readonly ix: number;
  readonly status: InstrumentStatus;
  readonly reason: string;
}

// ---- orders and accounts ----------------------------------------------------------------------------------------

export type ExecutionReport =
  | 'accepted'
  | 'rejected'
  | 'fill'
  | 'cancelled'
  | 'expired'
  | 'replaced'
  | 'cancel_rejected'
  | 'replace_rejected'
  | 'triggered'
  | 'inactive'
  /** The venue takes the fill `execId` back: it never happened. `fill` tells its figures where the venue does. */
  | 'bust'
  /** The fill `execId` has other figures: those in `fill`. */
  | 'correct';

export interface Fill {
  readonly quantity: Decimal;
  readonly price: Decimal;
  /** Positive: paid; negative: rebate. */
  readonly fee: Decimal;
  readonly feeCurrency: string;
  readonly liquidity: 'maker' | 'taker' | 'unknown';
}

/** What a venue says about an order: an execution report. */
export interface ExecutionEvent extends Head<'execution'> {
  readonly broker: string;
  readonly account: string;
  readonly report: ExecutionReport;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  /** Venue's id of this report; fills are de-duplicated by it. */
  readonly execId: string;
  readonly instrument: string;
  readonly ix: number;
  readonly side: Side;
  readonly fill: Fill | undefined;
  /** Total filled after this report, when the venue tells. */
  readonly cumulative: Decimal | undefined;
  /** New terms of a `replaced` order. */
  readonly quantity: Decimal | undefined;
  readonly limitPrice: Decimal | undefined;
  readonly stopPrice: Decimal | undefined;
  readonly reason: string;
}

export type CommandOutcome = 'sent' | 'not_sent' | 'unknown';
export type BrokerErrorCategory =
  'auth' | 'rate_limit' | 'timeout' | 'network' | 'rejection' | 'schema' | 'unavailable';

/** What became of one command at the edge: the bytes left, surely did not leave, or nobody knows. */
export interface OutcomeEvent extends Head<'outcome'> {
  readonly broker: string;
  readonly orderKey: string;
  readonly clientOrderId: string;
  readonly action: IntentAction;
  readonly outcome: CommandOutcome;
  readonly category: BrokerErrorCategory | '';
  readonly reason: string;
}

export interface Balance {
  readonly currency: string;
  readonly total: Decimal;
  readonly free: Decimal;
  readonly locked: Decimal;
}

/** Balances as the broker states them: they set, never add. */
export interface AccountEvent extends Head<'account'> {
  readonly broker: string;
  readonly account: string;
  readonly balances: readonly Balance[];
}

// ---- engine inputs ----------------------------------------------------------------------------------------------

/** A deadline became due. `at` is the due time, `ts` the wall time it was realised at. */
export interface ClockEvent extends Head<'clock'> {
  readonly due: Micros;
}

export type ControlAction =
  | 'start'
  | 'stop'
  | 'arm'
  | 'disarm'
  | 'pause'
  | 'resume'
  | 'reduce'
  | 'kill'
  /** Trading halts for a reason from outside the events: a full disk, a full buffer. */
  | 'halt'
  | 'flatten'
  | 'set_limit'
  | 'strategy_disable'
  | 'strategy_enable'
  | 'set_parameter'
  | 'recovering'
  | 'recovered'
  /** The kill latch `target` (scope) is released: needs a reason and a clean reconciliation. */
  | 'release'
  /** The books of broker `target` agree with the venue: its orders may go out. */
  | 'reconciled'
  /** They do not, or could not be compared: they may not. `value` says which. */
  | 'reconcile_failed'
  /** An operator takes note of what reconciliation found (`target`: broker) and lets trading go on. */
  | 'acknowledge'
  /** Raises a limit: admin only. */
  | 'loosen_limit'
  /** The graph becomes the one of the configuration in `value`. */
  | 'reload'
  /** A protection came near its limit (`target`: protection). Changes nothing. */
  | 'warn'
  /** An order, replacement or cancel asked for by a program or operator: `target` is its order key, `value` the intent. */
  | 'order';

export interface ControlEvent extends Head<'control'> {
  readonly action: ControlAction;
  readonly actor: string;
  readonly reason: string;
  /** Node, strategy, limit or account it is about; empty for the whole engine. */
  readonly target: string;
  readonly value: string;
}

export type ConnectionState = 'connecting' | 'up' | 'ready' | 'degraded' | 'down' | 'closed';

export interface ConnectionEvent extends Head<'connection'> {
  readonly name: string;
  readonly state: ConnectionState;
  readonly attempt: number;
  readonly reason: string;
}

/** Something of the outside world did not arrive, or arrived unusable. */
export interface GapEvent extends Head<'gap'> {
  readonly instrument: string;
  readonly ix: number;
  readonly code: string;
  readonly expected: number;
  readonly received: number;
  readonly reason: string;
}

// ---- unions -----------------------------------------------------------------------------------------------------

export type MarketEvent = TradeEvent | QuoteEvent | BookEvent | BarEvent | StatusEvent;

/** Enters through the sequencer. */
export type InputEvent =
  | MarketEvent
  | ExecutionEvent
  | OutcomeEvent
  | AccountEvent
  | ClockEvent
  | ControlEvent
  | ConnectionEvent
  | GapEvent
  | ReconciliationEvent;
