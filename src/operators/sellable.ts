import { Decimal, ZERO } from '../model/decimal.js';
import type { Instrument } from '../model/instrument.js';
import type { StateView } from '../state/view.js';

/**
 * How much of a long position of `quantity` there is to sell. A spot venue that takes its fee in the coin bought leaves
 * less of it in the account than was filled, and refuses to sell what is not there; so it is whole lots of what is owned.
 * Everywhere else, and where as much is owned, it is `quantity`.
 */
export function sellable(
  state: StateView,
  account: string,
  instrument: Instrument,
  quantity: Decimal,
): Decimal {
  if (instrument.assetClass !== 'crypto_spot' || !state.portfolio.accounts().includes(account))
    return quantity;
  const owned = state.portfolio.owned?.(account, instrument.base);
  if (owned === undefined || owned.gte(quantity)) return quantity;
  return Decimal.max(ZERO, owned.div(instrument.lotSize).floor().times(instrument.lotSize));
}
