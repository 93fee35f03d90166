import type { Decimal } from '../../model/decimal.js';
import type { Instrument, OrderType, TimeInForce } from '../../model/instrument.js';
import type { Intent } from '../../model/intent.js';
import {
  EMULATED,
  PARENT,
  PURPOSE,
  type ChildOrder,
  type EmulatedOrder,
  type Purpose,
} from '../../state/emulated-order.js';

/** Metadata on an entry whose exits are held here. */
export const LINKED = 'linked';

/** The next order that works for an emulated one. Its key is the emulated order's, a dot and a number that counts up. */
export function childIntent(
  held: EmulatedOrder,
  purpose: Purpose,
  terms: Pick<Intent, 'type' | 'side' | 'quantity' | 'timeInForce' | 'reduceOnly'> & Partial<Intent>,
  reason: string,
  cause: number,
): Intent {
  const { intent } = held;
  return {
    ...intent,
    limitPrice: undefined,
    stopPrice: undefined,
    trailingOffset: undefined,
    expireAt: undefined,
    postOnly: false,
    ...terms,
    action: 'new',
    orderKey: `${held.key}.${held.children.length + 1}`,
    links: undefined,
    tag: intent.tag === '' ? EMULATED : intent.tag,
    reason,
    metadata: { ...intent.metadata, [EMULATED]: held.kind, [PARENT]: held.key, [PURPOSE]: purpose },
    cause,
  };
}

/** Cancels or changes a child; `changes` are its new terms. */
export function againIntent(
  held: EmulatedOrder,
  child: ChildOrder,
  action: 'cancel' | 'replace',
  type: OrderType,
  changes: Partial<Intent>,
  reason: string,
  cause: number,
): Intent {
  const { intent } = held;
  const { quantity, limitPrice, stopPrice } = child;
  return {
    ...intent,
    ...{ type, quantity, limitPrice, stopPrice },
    ...changes,
    action,
    orderKey: child.key,
    route: child.route,
    account: child.account,
    links: undefined,
    tag: intent.tag === '' ? EMULATED : intent.tag,
    reason,
    metadata: { [EMULATED]: held.kind, [PARENT]: held.key },
    cause,
  };
}

/** The record text with which a node ends or changes an order it holds. */
export function heldIntent(held: EmulatedOrder, action: 'cancel', reason: string, cause: number): Intent {
  return { ...held.intent, action, reason, cause };
}

/** A time in force the venue takes for a market order. */
export function marketTerms(instrument: Instrument): {
  readonly type: 'market';
  readonly timeInForce: TimeInForce;
} {
  const listed = Object.keys(instrument.orderTypes).length === 0 ? undefined : instrument.orderTypes.market;
  const timeInForce = listed === undefined || listed.includes('gtc') ? 'gtc' : (listed[0] ?? 'ioc');
  return { type: 'market', timeInForce };
}

/** Whole lots of a quantity, at most one order of the venue; zero when that is less than it takes. */
export function wholeLots(quantity: Decimal, instrument: Instrument): Decimal {
  const { lotSize, minQuantity, maxQuantity } = instrument;
  const most = maxQuantity !== undefined && quantity.gt(maxQuantity) ? maxQuantity : quantity;
  const lots = most.div(lotSize).floor().times(lotSize);
  return lots.lt(minQuantity) ? lots.times(0) : lots;
}
