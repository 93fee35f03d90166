import type { OrderState } from './order.js';

/**
 * What can happen to an order. The first group is done by the engine, the second reported by the venue.
 * `fill` completes the order, `partial_fill` does not. `withdraw` takes back an order that never left the queue,
 * `unsure` says that nobody knows what became of a request.
 */
export const ORDER_TRIGGERS = [
  'queue',
  'submit',
  'deny',
  'withdraw',
  'request_replace',
  'request_cancel',
  'not_sent',
  'unsure',
  'accepted',
  'rejected',
  'partial_fill',
  'fill',
  'cancelled',
  'expired',
  'replaced',
  'cancel_rejected',
  'replace_rejected',
  'triggered',
  'inactive',
] as const;
export type OrderTrigger = (typeof ORDER_TRIGGERS)[number];

/**
 * `settle`: the request this trigger answers is taken away, and the order is again what remains without it: `unknown`
 * or `pending_*` while another request is out, else the state it had before (`Order.previous`).
 */
export type OrderTarget = OrderState | 'settle';

type Row = Readonly<Partial<Record<OrderTrigger, OrderTarget>>>;

const waiting: Row = { queue: 'queued', submit: 'submitted', deny: 'denied', withdraw: 'cancelled' };

/** Reports that close an order from any state in which the venue may know it. */
const closing = { fill: 'filled', cancelled: 'cancelled', expired: 'expired', rejected: 'rejected' } as const;

const requests = { request_cancel: 'pending_cancel', request_replace: 'pending_replace' } as const;

/**
 * The only table of legal transitions. A pair that is missing changes nothing and is recorded as `ORDER_ANOMALY`.
 * The quantity of a fill reaches the position whatever this table says.
 *
 * Legal on purpose:
 * - a fill while a cancel is out (the cancel lost the race) and a rejected cancel of an order that filled meanwhile;
 * - a late fill after `cancelled` or `expired`: the order stays closed as it was, or becomes `filled` when complete;
 * - an acknowledgement, trigger or refusal that arrives after the order closed, and repeated closing reports;
 * - `unknown` is left by any later report.
 */
export const ORDER_TRANSITIONS: Readonly<Record<OrderState, Row>> = {
  initialized: waiting,
  queued: waiting,
  submitted: {
    ...closing,
    accepted: 'accepted',
    triggered: 'accepted',
    replaced: 'accepted',
    partial_fill: 'partially_filled',
    inactive: 'inactive',
    request_cancel: 'pending_cancel',
    not_sent: 'rejected',
    unsure: 'unknown',
  },
  accepted: {
    ...closing,
    ...requests,
    accepted: 'accepted',
    triggered: 'accepted',
    replaced: 'accepted',
    partial_fill: 'partially_filled',
    inactive: 'inactive',
  },
  partially_filled: {
    ...closing,
    ...requests,
    accepted: 'partially_filled',
    triggered: 'partially_filled',
    replaced: 'partially_filled',
    partial_fill: 'partially_filled',
    inactive: 'inactive',
  },
  inactive: {
    ...closing,
    ...requests,
    accepted: 'accepted',
    triggered: 'accepted',
    replaced: 'inactive',
    partial_fill: 'partially_filled',
    inactive: 'inactive',
  },
  pending_replace: {
    ...closing,
    request_cancel: 'pending_cancel',
    accepted: 'pending_replace',
    triggered: 'pending_replace',
    inactive: 'pending_replace',
    partial_fill: 'pending_replace',
    replaced: 'settle',
    replace_rejected: 'settle',
    not_sent: 'settle',
    unsure: 'unknown',
  },
  pending_cancel: {
    ...closing,
    request_cancel: 'pending_cancel',
    accepted: 'pending_cancel',
    triggered: 'pending_cancel',
    inactive: 'pending_cancel',
    partial_fill: 'pending_cancel',
    replaced: 'pending_cancel',
    replace_rejected: 'pending_cancel',
    cancel_rejected: 'settle',
    not_sent: 'settle',
    unsure: 'unknown',
  },
  unknown: {
    ...closing,
    request_cancel: 'pending_cancel',
    accepted: 'settle',
    triggered: 'settle',
    inactive: 'settle',
    partial_fill: 'settle',
    replaced: 'settle',
    replace_rejected: 'settle',
    cancel_rejected: 'settle',
    not_sent: 'settle',
    unsure: 'unknown',
  },
  filled: { accepted: 'filled', triggered: 'filled', cancel_rejected: 'filled', replace_rejected: 'filled' },
  cancelled: {
    accepted: 'cancelled',
    triggered: 'cancelled',
    inactive: 'cancelled',
    cancelled: 'cancelled',
    expired: 'cancelled',
    cancel_rejected: 'cancelled',
    replace_rejected: 'cancelled',
    partial_fill: 'cancelled',
    fill: 'filled',
  },
  expired: {
    accepted: 'expired',
    triggered: 'expired',
    inactive: 'expired',
    cancelled: 'expired',
    expired: 'expired',
    cancel_rejected: 'expired',
    replace_rejected: 'expired',
    partial_fill: 'expired',
    fill: 'filled',
  },
  rejected: { rejected: 'rejected', cancel_rejected: 'rejected', replace_rejected: 'rejected' },
  denied: {},
};

/** Where a trigger leads from a state, or undefined: an anomaly. */
export function nextOrderState(state: OrderState, trigger: OrderTrigger): OrderTarget | undefined {
  return ORDER_TRANSITIONS[state][trigger];
}

/** The settled state (what `Order.previous` holds) after a trigger: how the order stands apart from open requests. */
export function settledState(previous: OrderState, trigger: OrderTrigger): OrderState {
  switch (trigger) {
    case 'submit':
      return 'submitted';
    case 'accepted':
    case 'triggered':
      return previous === 'partially_filled' ? previous : 'accepted';
    case 'replaced':
      return previous === 'submitted' ? 'accepted' : previous;
    case 'partial_fill':
      return 'partially_filled';
    case 'inactive':
      return 'inactive';
    default:
      return previous;
  }
}
