import { Decimal, ZERO } from '../../model/decimal.js';
import type { Side } from '../../model/instrument.js';
import type { Intent } from '../../model/intent.js';
import { leaves, type Order } from '../../model/order.js';
import type { StateView } from '../../state/view.js';
import { finite, type CheckContext } from './check.js';

/** What an order holds in reserve: the larger of what is at the venue and what it is being replaced with. */
export function reserved(order: Order, state: StateView): Decimal {
  const told = state.orders.exposureOf?.(order.orderKey);
  if (told !== undefined) return told;
  const wished = order.inFlight?.quantity;
  const most = wished === undefined ? leaves(order) : Decimal.max(leaves(order), wished.minus(order.filled));
  return Decimal.max(ZERO, most);
}

/** Working quantity of one side beside the intent's own order. */
export function workingOthers(intent: Intent, side: Side, state: StateView): Decimal {
  const all = finite(state.orders.exposed(intent.account, intent.ix, side), 'exposed');
  const own = state.orders.get(intent.orderKey);
  if (own === undefined || own.ix !== intent.ix || own.account !== intent.account || own.side !== side)
    return all;
  if (own.closedAt !== undefined) return all;
  return Decimal.max(ZERO, all.minus(reserved(own, state)));
}

export function positionQuantity(intent: Intent, state: StateView): Decimal {
  const position = state.portfolio.position(intent.account, intent.ix);
  return position === undefined ? ZERO : finite(position.quantity, 'position');
}

/**
 * Signed position if the intent and every other working order of its side fill: the worst of its side.
 * What the other side might fill meanwhile is not counted in its favour.
 */
export function projectedPosition(intent: Intent, ctx: CheckContext): Decimal {
  const added = workingOthers(intent, intent.side, ctx.state).plus(finite(ctx.quantity, 'quantity'));
  const now = positionQuantity(intent, ctx.state);
  return intent.side === 'buy' ? now.plus(added) : now.minus(added);
}

/** Fills at once or not at all. */
function immediate(order: Pick<Intent, 'type' | 'timeInForce'>): boolean {
  return order.type === 'market' || order.timeInForce === 'ioc' || order.timeInForce === 'fok';
}

/**
 * True for a risk-reducing exit: the intent is on the side that closes the position, and together with the other
 * working orders of that side it cannot turn it around. A reduce-only order that fills at once is held against other
 * such orders only, not against resting stops and targets: closing a bracketed position must not wait for its bracket.
 */
export function isExit(intent: Intent, quantity: Decimal, state: StateView): boolean {
  const now = positionQuantity(intent, state);
  if (now.isZero() || now.gt(0) !== (intent.side === 'sell')) return false;
  if (!quantity.isFinite() || quantity.lte(0)) return false;
  const others =
    intent.reduceOnly && immediate(intent)
      ? immediateOthers(intent, state)
      : workingOthers(intent, intent.side, state);
  return quantity.plus(others).lte(now.abs());
}

function immediateOthers(intent: Intent, state: StateView): Decimal {
  let sum = ZERO;
  for (const order of state.orders.openFor(intent.ix)) {
    if (order.account !== intent.account || order.side !== intent.side || order.orderKey === intent.orderKey)
      continue;
    if (immediate(order)) sum = sum.plus(reserved(order, state));
  }
  return sum;
}
