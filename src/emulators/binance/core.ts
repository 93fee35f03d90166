import type { Account, ApiKey } from './account.js';
import { ApiError } from './api-error.js';
import { badSymbol } from './errors.js';
import type { LedgerBook } from './ledger-book.js';
import type { Limits } from './limits.js';
import type { Market, MatchingHost } from './matching-host.js';
import type { SpotOrder } from './order.js';
import type { OrderDesk } from './order-desk.js';
import type { OrderLists } from './order-lists.js';
import type { SpotSymbol } from './symbol.js';
import type { Caller, ExchangeClock } from './types.js';

/** The parts of the exchange that operations work with. */
export interface Core {
  readonly clock: ExchangeClock;
  readonly limits: Limits;
  readonly symbols: ReadonlyMap<string, SpotSymbol>;
  readonly accounts: ReadonlyMap<string, Account>;
  readonly keys: ReadonlyMap<string, ApiKey>;
  readonly host: MatchingHost;
  readonly ledger: LedgerBook;
  readonly desk: OrderDesk;
  readonly lists: OrderLists;
  readonly newId: () => string;
  /** False while a just placed order is not found by queries. */
  visible(o: SpotOrder): boolean;
}

export function symbolOf(core: Core, name: string): SpotSymbol {
  const symbol = core.symbols.get(name);
  if (symbol === undefined) throw badSymbol();
  return symbol;
}

export function marketOf(core: Core, name: string): Market {
  const m = core.host.markets.get(name);
  if (m === undefined) throw badSymbol();
  return m;
}

export function accountOf(core: Core, caller: Caller): Account {
  const account = caller.accountId === undefined ? undefined : core.accounts.get(caller.accountId);
  if (account === undefined)
    throw new ApiError(401, -2015, 'Invalid API-key, IP, or permissions for action.');
  return account;
}
