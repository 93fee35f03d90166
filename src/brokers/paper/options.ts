import type { Decimal } from '../../model/decimal.js';
import type { Micros } from '../../model/time.js';
import type { AccountRules } from '../../matching/account.js';
import type { MatchingOptions } from '../../matching/options.js';

export interface PaperOptions {
  /** Name of the one account. */
  readonly account: string;
  /** Nodes whose market events orders fill against. */
  readonly prices: readonly string[];
  readonly cash: Readonly<Record<string, Decimal>>;
  readonly rules: AccountRules;
  /** Margin level (equity over maintenance margin) at which everything is closed; undefined: never. */
  readonly stopOut: number | undefined;
  readonly matching: MatchingOptions;
  /** From dispatch to arrival at the venue. */
  readonly latency: Micros;
  /** Up to so much more, at random; requests still arrive in order. */
  readonly latencyJitter: Micros;
  /** From the venue's decision to the report's arrival. */
  readonly reportLatency: Micros;
  /** Part of new orders rejected at random, from the seed. */
  readonly rejectProbability: number;
  /** Fills kept for `fills(since)`. */
  readonly fillHistory: number;
}
