import type { Intent } from '../model/intent.js';
import type { StateView } from '../state/view.js';

/** True if filling the whole intent can only bring the position closer to flat. Working exits on that side count too. */
export function reducesPosition(intent: Intent, state: StateView): boolean {
  const position = state.portfolio.position(intent.account, intent.ix);
  if (position === undefined || position.quantity.isZero()) return false;
  const long = position.quantity.gt(0);
  if ((intent.side === 'sell') !== long) return false;
  const own = state.orders.get(intent.orderKey);
  let working = state.orders.exposed(intent.account, intent.ix, intent.side);
  if (own !== undefined) working = working.minus(own.quantity.minus(own.filled));
  return intent.quantity
    .minus(own?.filled ?? 0)
    .plus(working.lt(0) ? 0 : working)
    .lte(position.quantity.abs());
}
