import type { InstrumentTable } from '../model/instruments.js';
import type { Crossing } from './crossing.js';
import type { Ledger } from './ledger.js';
import type { MatchingOptions } from './options.js';
import type { MatchReport } from './order.js';

export interface MatchingSetup {
  readonly instruments: InstrumentTable;
  readonly options: MatchingOptions;
  /** The ledger of an account; undefined when the venue does not know the account. */
  readonly ledger: (account: string) => Ledger | undefined;
  /** Gets every result, in order, inside the call that causes it. It must not call the engine. */
  readonly report: (report: MatchReport) => void;
  /** Venue order ids start with it. */
  readonly idPrefix: string;
  /** Given: orders trade with each other, too, and the market is its book alone. */
  readonly crossing?: Crossing;
}
