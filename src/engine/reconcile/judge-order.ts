import type { Decimal } from '../../model/decimal.js';
import type { ExecutionEvent, ExecutionReport } from '../../model/event.js';
import type { InFlight, Order } from '../../model/order.js';
import type { BreakCode, BreakResolution } from '../../model/reconciliation.js';
import type { Micros } from '../../model/time.js';

/** One report that makes our order agree with the venue's. */
export interface Correction {
  readonly report: Exclude<ExecutionReport, 'fill' | 'bust' | 'correct'>;
  readonly clientOrderId: string;
  readonly quantity?: Decimal | undefined;
  readonly limitPrice?: Decimal | undefined;
  readonly stopPrice?: Decimal | undefined;
  readonly reason: string;
}

/** What an order of ours and the venue's word on it differ in, and the correction. */
export interface Finding {
  readonly code: BreakCode;
  readonly resolution: BreakResolution;
  readonly ours: string;
  readonly theirs: string;
  readonly evidence: string;
  readonly correction?: Correction;
}

/**
 * Compares an order with the venue's word that it is working. Pure. A request the venue does not show is only judged
 * when it is older than `grace`; filled quantities are compared elsewhere, before this.
 */
export function judgeWorking(
  order: Order,
  told: ExecutionEvent,
  requests: readonly InFlight[],
  now: Micros,
  grace: Micros,
): readonly Finding[] {
  const found: Finding[] = [];
  let replacing = false;
  for (const request of requests) {
    const old = now - request.since >= grace;
    if (request.action === 'new') found.push(working(order, told));
    else if (request.action === 'cancel') {
      if (old) found.push(lost(order, told, request, 'cancel_rejected'));
    } else if (sameTerms(request, told)) {
      found.push(confirmed(order, told, request));
      replacing = true;
    } else if (old) found.push(lost(order, told, request, 'replace_rejected'));
    else replacing = true;
  }
  if (requests.length === 0 && (order.state === 'submitted' || order.state === 'unknown'))
    found.push(working(order, told));
  if (!replacing && !sameTerms(order, told)) found.push(restated(order, told));
  return found;
}

/** The verdict on an order the venue says it does not know. */
export function judgeUnknown(order: Order, evidence: string): Finding {
  const never = order.acceptedAt === undefined && order.filled.isZero();
  const reason = `the venue does not know it: ${evidence}`;
  return {
    code: 'ORDER_NOT_AT_VENUE',
    resolution: 'closed',
    ours: orderText(order),
    theirs: 'not known',
    evidence,
    correction: {
      report: never ? 'rejected' : 'cancelled',
      clientOrderId: order.clientOrderId,
      reason,
    },
  };
}

/** The venue says how the order ended. */
export function judgeEnded(order: Order, told: ExecutionEvent, evidence: string): Finding | undefined {
  const { report } = told;
  if (report !== 'cancelled' && report !== 'expired' && report !== 'rejected') return undefined;
  return {
    code: 'UNRECORDED_STATE',
    resolution: 'applied',
    ours: orderText(order),
    theirs: report,
    evidence,
    correction: { report, clientOrderId: order.clientOrderId, reason: told.reason },
  };
}

/** The venue says it is filled: what was still asked of it can no longer happen. */
export function judgeFilled(
  order: Order,
  told: ExecutionEvent,
  requests: readonly InFlight[],
): readonly Finding[] {
  const found: Finding[] = [];
  let replaced = false;
  for (const request of requests) {
    if (request.action === 'cancel') found.push(lost(order, told, request, 'cancel_rejected'));
    if (request.action !== 'replace') continue;
    replaced = sameTerms(request, told);
    found.push(replaced ? confirmed(order, told, request) : lost(order, told, request, 'replace_rejected'));
  }
  if (!replaced && !sameTerms(order, told)) found.push(restated(order, told));
  return found;
}

export function orderText(order: Order): string {
  const price = order.limitPrice ?? order.stopPrice;
  const at = price === undefined ? '' : ` at ${price.toString()}`;
  return `${order.state}: ${order.side} ${order.quantity.toString()}${at}, filled ${order.filled.toString()}`;
}

export function toldText(told: ExecutionEvent): string {
  const price = told.limitPrice ?? told.stopPrice;
  const at = price === undefined ? '' : ` at ${price.toString()}`;
  const quantity = told.quantity === undefined ? '' : ` ${told.quantity.toString()}`;
  const filled = told.cumulative === undefined ? '' : `, filled ${told.cumulative.toString()}`;
  return `${told.report}: ${told.side}${quantity}${at}${filled}`;
}

function working(order: Order, told: ExecutionEvent): Finding {
  return {
    code: 'UNRECORDED_STATE',
    resolution: 'applied',
    ours: orderText(order),
    theirs: toldText(told),
    evidence: 'the venue shows it working',
    correction: { report: 'accepted', clientOrderId: told.clientOrderId || order.clientOrderId, reason: '' },
  };
}

function confirmed(order: Order, told: ExecutionEvent, request: InFlight): Finding {
  const { quantity, limitPrice, stopPrice } = told;
  return {
    code: 'UNRECORDED_STATE',
    resolution: 'applied',
    ours: orderText(order),
    theirs: toldText(told),
    evidence: `the venue shows the terms of replace ${request.clientOrderId}`,
    correction: {
      report: 'replaced',
      clientOrderId: told.clientOrderId || request.clientOrderId,
      quantity,
      limitPrice,
      stopPrice,
      reason: '',
    },
  };
}

function lost(
  order: Order,
  told: ExecutionEvent,
  request: InFlight,
  report: 'cancel_rejected' | 'replace_rejected',
): Finding {
  const evidence = `${request.action} ${request.clientOrderId} was never answered, and the venue shows the order without it`;
  return {
    code: 'REQUEST_LOST',
    resolution: 'corrected',
    ours: orderText(order),
    theirs: toldText(told),
    evidence,
    correction: { report, clientOrderId: request.clientOrderId, reason: evidence },
  };
}

function restated(order: Order, told: ExecutionEvent): Finding {
  const { quantity, limitPrice, stopPrice } = told;
  return {
    code: 'ORDER_TERMS',
    resolution: 'corrected',
    ours: orderText(order),
    theirs: toldText(told),
    evidence: 'the venue shows other terms, and no replace is under way',
    correction: {
      report: 'replaced',
      clientOrderId: told.clientOrderId || order.clientOrderId,
      quantity,
      limitPrice,
      stopPrice,
      reason: 'terms as the venue shows them',
    },
  };
}

/** What the venue tells agrees; what it leaves out is no difference. */
function sameTerms(
  ours: {
    readonly quantity: Decimal | undefined;
    readonly limitPrice: Decimal | undefined;
    readonly stopPrice: Decimal | undefined;
  },
  told: ExecutionEvent,
): boolean {
  return (
    same(ours.quantity, told.quantity) &&
    same(ours.limitPrice, told.limitPrice) &&
    same(ours.stopPrice, told.stopPrice)
  );
}

function same(ours: Decimal | undefined, theirs: Decimal | undefined): boolean {
  return theirs === undefined || ours === undefined || ours.eq(theirs);
}
