import type { FilterOverrides, SymbolStatusName } from './symbol.js';
import type { Micros } from '../../model/time.js';

/** A pair to trade. Amounts are decimal text. */
export interface SymbolConfig {
  readonly symbol: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly status?: SymbolStatusName;
  readonly filters?: FilterOverrides;
  /** Precision of both assets; 8. */
  readonly precision?: number;
  readonly defaultSelfTradePreventionMode?: string;
}

export interface KeyConfig {
  readonly apiKey: string;
  /** HMAC secret. Exactly one of `secret` and `publicKey`. */
  readonly secret?: string;
  /** PEM of an Ed25519 or RSA public key. */
  readonly publicKey?: string;
  /** May place and cancel orders; default true. */
  readonly trade?: boolean;
  /** Addresses it may come from; empty: any. */
  readonly ips?: readonly string[];
}

export interface AccountConfig {
  readonly id: string;
  readonly keys: readonly KeyConfig[];
  /** Free balances by asset, decimal text. */
  readonly balances: Readonly<Record<string, string>>;
  /** Commission as a fraction, decimal text; default `0.001`. */
  readonly makerCommission?: string;
  readonly takerCommission?: string;
  readonly canTrade?: boolean;
  readonly canWithdraw?: boolean;
  /** Accounts of one group prevent trades with each other; default: the account alone. */
  readonly tradeGroupId?: number;
}

export interface LimitConfig {
  /** Request weight of one address in a minute; 6000. */
  readonly weightPerMinute?: number;
  /** Requests of one address in five minutes; 300000. */
  readonly rawPer5Minutes?: number;
  /** Unfilled orders of one account in 10 seconds; 100. */
  readonly ordersPer10Seconds?: number;
  /** Unfilled orders of one account in a day; 200000. */
  readonly ordersPerDay?: number;
  /** Requests after the first 429 until the address is banned; 10. */
  readonly banAfter?: number;
  /** Length of a ban in milliseconds; 120000. */
  readonly banMs?: number;
}

export interface ExchangeConfig {
  readonly symbols: readonly SymbolConfig[];
  readonly accounts: readonly AccountConfig[];
  readonly limits?: LimitConfig;
  /** Source of machine time in microseconds. */
  readonly now?: () => Micros;
  /** For generated client order ids; the same seed gives the same ids. */
  readonly seed?: number;
  /** Requests kept in the journal; 100000, the oldest go first. */
  readonly journalSize?: number;
  /** Public trades kept per symbol; 20000. */
  readonly tapeSize?: number;
  readonly orderVisibilityMs?: number;
}
