import type { Decimal } from './decimal.js';
import type { OrderType, Side, TimeInForce } from './instrument.js';
import type { Micros } from './time.js';

export type IntentAction = 'new' | 'replace' | 'cancel';

/** Distance of a trailing stop from the market. */
export interface TrailingOffset {
  readonly value: Decimal;
  readonly unit: 'price' | 'ticks' | 'bps';
}

/** Orders tied to this one; keys are order keys. */
export interface IntentLinks {
  /** Filling one cancels the others of the same group. */
  readonly oco?: string;
  /** This order becomes active when the parent has filled. */
  readonly parent?: string;
  /** This is an entry; so many exits follow in the same turn, and it goes out with them or not at all. */
  readonly bracket?: number;
  /** The venue links the orders itself; said by a `manage` node of routes it was told so. */
  readonly native?: boolean;
}

/**
 * What a strategy wants. Not yet an order: risk decides, the queue folds, the throttle paces, the outbox sends.
 * For a cancel only the identifying fields matter; for a replace quantity and prices are the wished new values.
 */
export interface Intent {
  readonly action: IntentAction;
  /** Minted by the strategy operator, stable through replaces. */
  readonly orderKey: string;
  readonly account: string;
  /** Name of the broker to send to; empty: the only `orders` sink. */
  readonly route: string;
  readonly instrument: string;
  readonly ix: number;
  readonly side: Side;
  readonly type: OrderType;
  /** Total order quantity in base units, always positive. */
  readonly quantity: Decimal;
  readonly limitPrice: Decimal | undefined;
  readonly stopPrice: Decimal | undefined;
  readonly trailingOffset: TrailingOffset | undefined;
  readonly timeInForce: TimeInForce;
  /** For `gtd`. */
  readonly expireAt: Micros | undefined;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly links: IntentLinks | undefined;
  readonly strategy: string;
  readonly tag: string;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  /** `seq` of the event that caused it. */
  readonly cause: number;
}
