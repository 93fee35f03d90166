import type { Decimal } from '../model/decimal.js';

/** The `portfolio:` section: what money is counted in, and how. */
export interface AccountsConfig {
  readonly baseCurrency: string;
  /** Price positions are marked at. */
  readonly marks: 'last' | 'mid' | 'bid_ask' | 'close';
  /** Local time at which the trading day rolls. Minutes after midnight in an IANA zone. */
  readonly dayRoll: { readonly minutes: number; readonly zone: string };
  /** Window of the rolling loss, microseconds. */
  readonly rollingWindow: number;
  readonly leverage: Decimal;
  /** Fixed exchange rates into the base currency. */
  readonly rates: Readonly<Record<string, Decimal>>;
  /** Start cash by account and currency; brokers add theirs (a paper broker brings its `cash`). */
  readonly accounts: Readonly<Record<string, Readonly<Record<string, Decimal>>>>;
  /** `derived`: cash follows fills; `broker`: account events of the broker set it. */
  readonly balances: 'derived' | 'broker';
}
