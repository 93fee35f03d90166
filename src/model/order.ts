import type { Decimal } from './decimal.js';
import type { OrderType, Side, TimeInForce } from './instrument.js';
import type { IntentAction, TrailingOffset } from './intent.js';
import type { Micros } from './time.js';

export type OrderState =
  | 'initialized'
  | 'denied'
  | 'queued'
  | 'submitted'
  | 'accepted'
  | 'partially_filled'
  | 'filled'
  | 'pending_replace'
  | 'pending_cancel'
  | 'cancelled'
  | 'rejected'
  | 'expired'
  | 'inactive'
  | 'unknown';

/** One request that left for the broker and has no definitive answer yet. At most one per order, cancels excepted. */
export interface InFlight {
  readonly action: IntentAction;
  readonly clientOrderId: string;
  /** Engine time of dispatch. */
  readonly since: Micros;
  /** For a replace: what the order becomes when the venue confirms. */
  readonly quantity: Decimal | undefined;
  readonly limitPrice: Decimal | undefined;
  readonly stopPrice: Decimal | undefined;
}

/** An order as the events say it is. Changed only by the order reducer. */
export interface Order {
  readonly orderKey: string;
  /** Client order id of the leg that now lives at the venue; empty before the first dispatch. */
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly broker: string;
  readonly account: string;
  readonly instrument: string;
  readonly ix: number;
  readonly side: Side;
  readonly type: OrderType;
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | undefined;
  readonly stopPrice: Decimal | undefined;
  readonly trailingOffset: TrailingOffset | undefined;
  readonly timeInForce: TimeInForce;
  readonly expireAt: Micros | undefined;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly strategy: string;
  readonly tag: string;
  /** Key of the emulated or routed order it works for, or of the order it waits for. */
  readonly parent?: string | undefined;
  readonly state: OrderState;
  /** State to go back to when a pending cancel or replace is rejected. */
  readonly previous: OrderState;
  /** Why it is in this state, `CODE: key=value` or the venue's words; empty when there is nothing to say. */
  readonly reason: string;
  readonly filled: Decimal;
  /** Volume-weighted fill price; zero before the first fill. */
  readonly averagePrice: Decimal;
  readonly inFlight: InFlight | undefined;
  /** Price risk used to value it, in quote currency (0 when never approved); for exposure of open orders. */
  readonly riskPrice: Decimal;
  readonly createdAt: Micros;
  readonly submittedAt: Micros | undefined;
  /** First acknowledgement, never overwritten by a later report. */
  readonly acceptedAt: Micros | undefined;
  readonly closedAt: Micros | undefined;
  readonly updatedAt: Micros;
}

const CLOSED: ReadonlySet<OrderState> = new Set<OrderState>([
  'denied',
  'filled',
  'cancelled',
  'rejected',
  'expired',
]);

/** Nothing more is expected of it (a late fill after `cancelled` is still legal). */
export function isClosed(state: OrderState): boolean {
  return CLOSED.has(state);
}

/** Quantity that may still fill. */
export function leaves(order: Order): Decimal {
  return order.quantity.minus(order.filled);
}
