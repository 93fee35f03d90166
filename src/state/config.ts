import type { DecimalInput } from '../model/decimal.js';
import type { DailyTime } from '../model/session.js';
import type { Micros } from '../model/time.js';
import type { TradingState } from './view.js';

/**
 * Price at which positions are valued. The rule's own price is used when known, else last, mid, bar close in this
 * order. `bid_ask` values longs at the bid and shorts at the ask.
 */
export type MarkRule = 'last' | 'mid' | 'bid_ask' | 'close';

export interface AccountConfig {
  readonly name: string;
  /** Start cash by currency. Empty: the broker's first account report sets it. */
  readonly cash: Readonly<Record<string, DecimalInput>>;
  /** Divides the margin of positions; 1 when left out. */
  readonly leverage?: DecimalInput;
  /**
   * `derived` (default): fills move cash, and a broker's report is only compared with it. `broker`: each report of the
   * broker replaces the cash it names, except coins that are the base of a spot instrument: those are positions.
   */
  readonly balances?: 'derived' | 'broker';
}

/** Time of the daily roll: minutes after local midnight in an IANA zone. */
export type DayRoll = DailyTime;

/** Base currency per unit: a fixed number, or the mark of an instrument (`inverse`: one over it). */
export type RateConfig = DecimalInput | { readonly instrument: string; readonly inverse?: boolean };

export interface StateConfig {
  readonly baseCurrency: string;
  readonly accounts: readonly AccountConfig[];
  /** Default `last`. */
  readonly marks?: MarkRule;
  /** Default midnight UTC. */
  readonly dayRoll?: DayRoll;
  /** Length of the rolling-loss window; default one hour. */
  readonly rollingWindow?: Micros;
  /** Exchange rates by currency. Spot and fx instruments between a currency and the base are found by themselves. */
  readonly rates?: Readonly<Record<string, RateConfig>>;
  /** Trading state to start in; default `active`. */
  readonly trading?: TradingState;
  /** Live accounts: they start disarmed. Default: none. */
  readonly arming?: readonly string[];
  /** Brokers that are reconciled with a venue: a kill is released only after that was done. Default: none. */
  readonly reconciled?: readonly string[];
  /** Broker an order without a route goes to. */
  readonly route?: string;
  /** Configured limits, so that `set_limit` can refuse to loosen one. */
  readonly limits?: Readonly<Record<string, DecimalInput>>;
  /** Closed orders kept for late fills; default 2,000. */
  readonly closedOrders?: number;
  /** Bar returns kept per instrument; default 256. */
  readonly returnSamples?: number;
  /** How long fingerprints of approved intents are kept; default one minute. */
  readonly duplicateWindow?: Micros;
}
