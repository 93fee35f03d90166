import { ZERO } from '../model/decimal.js';
import type { Intent } from '../model/intent.js';
import { isClosed, type Order } from '../model/order.js';
import type { Micros } from '../model/time.js';
import { childClosed, type ChildOrder, type EmulatedOrder, type Purpose } from './emulated-order.js';

/** Denials that go away by themselves. */
const TRANSIENT: ReadonlySet<string> = new Set([
  'RECOVERING',
  'BROKER_NOT_READY',
  'QUEUE_FULL',
  'RATE_LIMIT',
  'MARKET_CLOSED',
  'INSTRUMENT_NOT_TRADABLE',
  'STALE_QUOTE',
  'SELF_TRADE',
  'ORDER_RATE_SECOND',
  'ORDER_RATE_MINUTE',
]);

function isTransient(reason: string): boolean {
  return TRANSIENT.has(/^[A-Z_]+/.exec(reason)?.[0] ?? '');
}

/** A child as it begins: its intent is on its way to risk. */
export function asked(intent: Intent, purpose: Purpose): ChildOrder {
  const { orderKey, route, account, quantity, limitPrice, stopPrice } = intent;
  return {
    ...{ key: orderKey, purpose, route, account, quantity, limitPrice, stopPrice },
    ...{ filled: ZERO, averagePrice: ZERO, state: 'asked', reason: '', replacing: 'no', asked: quantity },
    ...{ refused: false, cancelledAt: 0 },
  };
}

/** A child follows its order; an order that ended without a wish of ours counts as a failure of its leg. */
export function follow(held: EmulatedOrder, child: ChildOrder, order: Order): void {
  const before = child.state;
  const open = !childClosed(child);
  const { filled, averagePrice, quantity, state, reason, inFlight } = order;
  if (filled.gt(child.filled)) held.failures = held.transient = 0;
  if (inFlight?.action === 'replace') child.replacing = 'flight';
  else if (child.replacing === 'flight') {
    child.replacing = 'no';
    child.refused = !quantity.eq(child.asked);
  }
  const refusedCancel = before === 'pending_cancel' && !isClosed(state) && state !== 'pending_cancel';
  if (refusedCancel && state !== 'unknown') child.cancelledAt = 0;
  Object.assign(child, { filled, averagePrice, quantity, state, reason });
  if (isClosed(state) && open) {
    child.replacing = 'no';
    if (state !== 'filled' && child.cancelledAt === 0) noteFailure(held, child, order.updatedAt);
  }
}

/** A request of a child failed, for good or for the moment. */
export function noteFailure(held: EmulatedOrder, child: ChildOrder, at: Micros): void {
  if (isTransient(child.reason)) held.transient++;
  else held.failures++;
  held.failedAt = at;
  held.failure = child.reason === '' ? `order ${child.key} is ${child.state}` : child.reason;
}
