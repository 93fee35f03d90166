import type { VenueAccount } from '../../matching/account.js';
import type { MatchingEngine } from '../../matching/engine.js';
import type { OrderState } from '../../model/order.js';
import type { Micros } from '../../model/time.js';
import type { PaperState } from './host.js';
import { requestOfOrder } from './requests.js';

/** States in which the venue had the order. A `submitted` or `unknown` one may never have arrived: it is not ours. */
const AT_VENUE: ReadonlySet<OrderState> = new Set<OrderState>([
  'accepted',
  'partially_filled',
  'pending_replace',
  'pending_cancel',
]);

/**
 * A paper venue dies with its process, so after a restart it takes its books from recovered State. A State that has
 * seen nothing yet leaves the configured cash.
 */
export function adoptState(
  state: PaperState,
  broker: string,
  account: string,
  engine: MatchingEngine,
  ledger: VenueAccount,
  now: Micros,
): void {
  const currencies = state.seq === 0 ? [] : state.portfolio.currencies(account);
  if (currencies.length === 0) return;
  ledger.restore(
    new Map(currencies.map((currency) => [currency, state.portfolio.cash(account, currency)])),
    state.portfolio.positions(account),
  );
  for (const order of state.orders.open()) {
    if (order.broker === broker && AT_VENUE.has(order.state))
      engine.adopt(requestOfOrder(order), order.filled, now);
  }
}
