import type { Decimal } from '../../../model/decimal.js';
import type { Order } from '../../../model/order.js';
import type { DispatchEvent } from '../../../model/event.js';
import type { TrailingOffset } from '../../../model/intent.js';
import { orderParams, type StopFamily } from './place.js';
import { refuse, type Mapped } from './request.js';
import type { SymbolRules } from './symbol-rules.js';
import { badClientOrderId, plainText } from './text.js';

/** A cancel that is one half of a replace carries the replace's id with this end, so every report tells why it came. */
const CANCEL_HALF = '-c';

/** Id of the cancel inside a cancel-replace. */
export function cancelHalfId(clientOrderId: string): string {
  return `${clientOrderId}${CANCEL_HALF}`;
}

/** The replace a cancel is half of, by the cancel's id; undefined: a cancel of its own. */
export function replaceOfCancel(cancelId: string): string | undefined {
  return cancelId.endsWith(CANCEL_HALF) ? cancelId.slice(0, -CANCEL_HALF.length) : undefined;
}

/** Cancel by client order id; `newClientOrderId` names the cancel itself. */
export function cancelRequest(dispatch: DispatchEvent, symbol: string): Mapped {
  const { clientOrderId, targetClientOrderId } = dispatch;
  const bad = badClientOrderId(clientOrderId) || badClientOrderId(targetClientOrderId);
  if (bad !== '') return refuse(bad);
  const params = { symbol, origClientOrderId: targetClientOrderId, newClientOrderId: clientOrderId };
  return { ok: true, request: { method: 'order.cancel', params } };
}

/**
 * A replace as the venue takes it:
 * - only the quantity shrinks and the symbol allows it: `order.amend.keepPriority`, which keeps the place in the queue;
 * - else `order.cancelReplace` with STOP_ON_FAILURE, so nothing new is placed when the old order is gone, and
 *   ONLY_NEW, so nothing new is placed when it filled in part on the way: the total could be overshot otherwise.
 *
 * So an order that has filled in part can only shrink. `family` is the direction of the stop order that is replaced;
 * undefined when it is not known any more.
 */
export function replaceRequest(
  dispatch: DispatchEvent,
  order: Order,
  rules: SymbolRules,
  family: StopFamily | undefined,
): Mapped {
  const { intent, clientOrderId, targetClientOrderId } = dispatch;
  const bad = badClientOrderId(cancelHalfId(clientOrderId)) || badClientOrderId(targetClientOrderId);
  if (bad !== '') return refuse(bad);
  const samePrices =
    same(intent.limitPrice, order.limitPrice) &&
    same(intent.stopPrice, order.stopPrice) &&
    sameOffset(intent.trailingOffset, order.trailingOffset);
  if (samePrices && intent.quantity.eq(order.quantity)) return refuse('the replace changes nothing');
  if (intent.quantity.lte(order.filled))
    return refuse(
      `${order.filled.toString()} is filled already: a replace needs a larger total quantity, or cancel`,
    );
  if (samePrices && intent.quantity.lt(order.quantity) && rules.amend) {
    const newQty = plainText(intent.quantity);
    if (newQty === undefined)
      return refuse(`quantity ${intent.quantity.toString()} cannot be written as Binance asks`);
    const params = {
      symbol: rules.symbol,
      origClientOrderId: targetClientOrderId,
      newClientOrderId: clientOrderId,
      newQty,
    };
    return { ok: true, request: { method: 'order.amend.keepPriority', params } };
  }
  if (!rules.cancelReplace)
    return refuse(`${rules.symbol} takes no cancel-replace at Binance: cancel and send a new order`);
  if (order.filled.gt(0))
    return refuse(
      'the order has filled in part, and replacing the rest could fill more than wished: cancel it and send a new order for what is left',
    );
  const stops = intent.type === 'stop' || intent.type === 'stop_limit';
  if (stops && family === undefined)
    return refuse('the direction of this stop order is not known any more: cancel it and send a new one');
  const terms = orderParams(intent, clientOrderId, rules, family ?? 'STOP_LOSS');
  if (!terms.ok) return refuse(terms.reason);
  const params = {
    ...terms.params,
    cancelReplaceMode: 'STOP_ON_FAILURE',
    cancelRestrictions: 'ONLY_NEW',
    cancelOrigClientOrderId: targetClientOrderId,
    cancelNewClientOrderId: cancelHalfId(clientOrderId),
  };
  return { ok: true, request: { method: 'order.cancelReplace', params } };
}

function same(a: Decimal | undefined, b: Decimal | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.eq(b);
}

function sameOffset(a: TrailingOffset | undefined, b: TrailingOffset | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.unit === b.unit && a.value.eq(b.value);
}
