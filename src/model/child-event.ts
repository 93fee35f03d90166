import type { Decimal } from './decimal.js';
import type { Head } from './head.js';
import type { Intent, IntentAction } from './intent.js';
import type { Order } from './order.js';

/** The children of a turn: what the graph and State made of its input. */

export interface RegimeEvent extends Head<'regime'> {
  /** Empty: the whole market. */
  readonly instrument: string;
  readonly ix: number;
  readonly regime: string;
  readonly previous: string;
  readonly confidence: number;
  readonly detector: string;
}

export interface IntentEvent extends Head<'intent'> {
  readonly intent: Intent;
}

export interface DeniedEvent extends Head<'denied'> {
  readonly intent: Intent;
  readonly code: string;
  /** `CODE: key=value ...` */
  readonly text: string;
  readonly stage: 'risk' | 'queue' | 'outbox';
}

export interface QueuedEvent extends Head<'queued'> {
  readonly intent: Intent;
  /** Why it waits: `inflight`, `rate`, or empty when it only passes through. */
  readonly reason: string;
}

/** A pending intent was folded away by a later one of the same order key. */
export interface SupersededEvent extends Head<'superseded'> {
  readonly intent: Intent;
  /** `updated`: lives on in the folded intent; `annihilated`: nothing is left; `discarded`: the newcomer lost. */
  readonly result: 'updated' | 'annihilated' | 'discarded';
  readonly by: IntentAction;
}

/** Write-ahead record: written before the bytes leave. */
export interface DispatchEvent extends Head<'dispatch'> {
  readonly action: IntentAction;
  readonly orderKey: string;
  /** Deterministic id of this request, from (original session, seq, sub). */
  readonly clientOrderId: string;
  /** For cancel and replace: the leg at the venue that is meant. */
  readonly targetClientOrderId: string;
  readonly broker: string;
  readonly account: string;
  readonly intent: Intent;
}

/** An order changed; `order` is its state after the change. */
export interface OrderEvent extends Head<'order'> {
  readonly order: Order;
}

export interface PositionEvent extends Head<'position'> {
  readonly account: string;
  readonly instrument: string;
  readonly ix: number;
  readonly quantity: Decimal;
  readonly averagePrice: Decimal;
  readonly realizedPnl: Decimal;
  readonly fees: Decimal;
}

/** A point a strategy wants to see on a chart. */
export interface MarkEvent extends Head<'mark'> {
  readonly instrument: string;
  readonly ix: number;
  readonly label: string;
  readonly price: number;
  readonly note: string;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'anomaly';

export interface LogEvent extends Head<'log'> {
  readonly level: LogLevel;
  readonly code: string;
  readonly message: string;
}

export interface HaltEvent extends Head<'halt'> {
  readonly code: string;
  readonly reason: string;
}
