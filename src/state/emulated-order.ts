import { Decimal, ZERO } from '../model/decimal.js';
import type { Intent } from '../model/intent.js';
import { isClosed, type Order, type OrderState } from '../model/order.js';
import type { Micros } from '../model/time.js';
import type { Hasher } from './hash.js';
import { hashWatch, type Watch } from './trigger-watch.js';

/** `emulated`: held by a `manage` node; `routed`: split by a `route` node. */
export type EmulatedKind = 'emulated' | 'routed';

/** `work`: the order itself. `close`: closes what lost its protection. `restore`: takes back what filled twice. */
export type Purpose = 'work' | 'close' | 'restore';

/** Metadata of the intents that work for an emulated order: its key, its kind, and what they are for. */
export const PARENT = 'parent';
export const EMULATED = 'emulated';
export const PURPOSE = 'purpose';

/** One order at a venue that works for an emulated one, as its changes told. */
export interface ChildOrder {
  readonly key: string;
  readonly purpose: Purpose;
  /** Terms it has, or will have once the venue took them. */
  readonly route: string;
  readonly account: string;
  quantity: Decimal;
  limitPrice: Decimal | undefined;
  stopPrice: Decimal | undefined;
  filled: Decimal;
  averagePrice: Decimal;
  /** `asked`: its intent is on its way to risk. */
  state: OrderState | 'asked';
  reason: string;
  /** A replace: asked for, then in flight. */
  replacing: 'no' | 'asked' | 'flight';
  asked: Decimal;
  /** The newest replace was not taken. */
  refused: boolean;
  /** Engine time a cancel was asked for; 0: not. */
  cancelledAt: Micros;
}

/** How far the order it waits for is. */
export interface ParentOrder {
  readonly key: string;
  quantity: Decimal;
  filled: Decimal;
  closed: boolean;
}

/** An order that lives here and not at a venue: it works through its children. Plain data, part of State. */
export interface EmulatedOrder {
  readonly key: string;
  readonly kind: EmulatedKind;
  /** Node that acts for it. */
  readonly node: string;
  /** What is wished, replaces included. */
  intent: Intent;
  parent: ParentOrder | undefined;
  watch: Watch | undefined;
  readonly children: ChildOrder[];
  /** Why nothing more is wanted of it; empty while it works. */
  ended: string;
  /** A kill, a flatten or a cancelling stop ended it: nothing that fills later brings it back. */
  stopped: boolean;
  /** Something filled after it was closed: its node has to look at it again. */
  late: boolean;
  /** Requests of its children that failed in a row, for good and for the moment; reset by a fill. */
  failures: number;
  transient: number;
  failedAt: Micros;
  failure: string;
  /** What everybody sees of it. */
  order: Order;
}

/** Why its node ended an order by what had filled so far. */
export const END: Readonly<Record<'never' | 'other' | 'done' | 'closed' | 'dust', string>> = {
  never: 'the order it waits for closed without a fill',
  other: 'another order of the group filled',
  done: 'nothing is left to fill',
  closed: 'the position it protects is closed',
  dust: 'what is left is less than the venue takes',
};
/** Ends that a later fill may overturn; a cancel, a kill, a flatten or a refusal it may not. */
export const ENDED: ReadonlySet<string> = new Set(Object.values(END));

export function childClosed({ state }: ChildOrder): boolean {
  return state !== 'asked' && isClosed(state);
}

/** Quantity a child may still fill. */
export function childLeaves(child: ChildOrder): Decimal {
  if (childClosed(child)) return ZERO;
  const most = child.replacing === 'no' ? child.quantity : Decimal.max(child.quantity, child.asked);
  return Decimal.max(ZERO, most.minus(child.filled));
}

export function openChildren(held: EmulatedOrder, purpose?: Purpose): ChildOrder[] {
  return held.children.filter(
    (child) => !childClosed(child) && (purpose === undefined || child.purpose === purpose),
  );
}

/** What its children filled; what was taken back is not counted. */
export function filledOf(held: EmulatedOrder): Decimal {
  return held.children.reduce((sum, c) => (c.purpose === 'restore' ? sum : sum.plus(c.filled)), ZERO);
}

/** The same less what was taken back: how far the position moved. */
export function netFilled(held: EmulatedOrder): Decimal {
  return held.children.reduce(
    (sum, c) => (c.purpose === 'restore' ? sum.minus(c.filled) : sum.plus(c.filled)),
    ZERO,
  );
}

/** Number of pieces a routed order is planned to be sent in. */
export const ROUTE_CHILDREN = 'route_children';
export const AGGREGATION = 'parent_aggregation';

/** The order as everybody sees it now. */
export function orderView(held: EmulatedOrder, at: Micros): Order {
  const { intent, order, children } = held;
  const filled = filledOf(held);
  const value = children.reduce(
    (sum, c) => (c.purpose === 'restore' ? sum : sum.plus(c.filled.times(c.averagePrice))),
    ZERO,
  );
  const state = stateOf(held, filled);
  const told = held.kind === 'routed' ? intent.metadata?.[AGGREGATION] : 'partial';
  const tells = told !== 'none' && (told !== 'final' || isClosed(state));
  const shown = tells ? filled : ZERO;
  return {
    ...order,
    quantity: intent.quantity,
    limitPrice: intent.limitPrice,
    stopPrice: intent.stopPrice,
    trailingOffset: intent.trailingOffset,
    state: !tells && state === 'partially_filled' ? 'accepted' : state,
    previous: order.state,
    reason: held.ended !== '' ? held.ended : held.failure,
    filled: shown,
    averagePrice: shown.isZero() ? ZERO : value.div(filled),
    closedAt:
      order.closedAt !== undefined && isClosed(state) ? order.closedAt : isClosed(state) ? at : undefined,
    updatedAt: at,
  };
}

function stateOf(held: EmulatedOrder, filled: Decimal): OrderState {
  const { intent, children, parent } = held;
  const working = held.late || children.some((child) => !childClosed(child));
  const planned = held.kind === 'routed' ? Number(intent.metadata?.[ROUTE_CHILDREN] ?? 0) : Infinity;
  if (!working && (held.ended !== '' || children.length >= planned)) {
    if (filled.gte(intent.quantity)) return 'filled';
    const rejected = children.some(({ state }) => state === 'rejected' || state === 'denied');
    return filled.isZero() && (rejected || held.failures > 0) ? 'rejected' : 'cancelled';
  }
  if (held.ended !== '') return 'pending_cancel';
  if (!filled.isZero()) return 'partially_filled';
  return parent !== undefined && parent.filled.isZero() ? 'inactive' : 'accepted';
}

/** An emulated order as it begins. */
export function emulatedOrder(
  intent: Intent,
  kind: EmulatedKind,
  node: string,
  parent: ParentOrder | undefined,
  watch: Watch | undefined,
  at: Micros,
): EmulatedOrder {
  const { orderKey, account, instrument, ix, side, type, quantity, limitPrice, stopPrice } = intent;
  const { trailingOffset, timeInForce, expireAt, postOnly, reduceOnly, strategy, tag } = intent;
  const order: Order = {
    ...{ orderKey, clientOrderId: '', venueOrderId: '', broker: intent.route, account, instrument, ix, side },
    ...{ type, quantity, limitPrice, stopPrice, trailingOffset, timeInForce, expireAt, postOnly, reduceOnly },
    ...{ strategy, tag, state: 'initialized', previous: 'initialized', reason: '', filled: ZERO },
    ...{ averagePrice: ZERO, inFlight: undefined, riskPrice: ZERO, createdAt: at, submittedAt: undefined },
    ...{ acceptedAt: at, closedAt: undefined, updatedAt: at, parent: parent?.key },
  };
  return {
    ...{
      key: orderKey,
      kind,
      node,
      intent,
      parent,
      watch,
      children: [],
      ended: '',
      stopped: false,
      late: false,
      failures: 0,
    },
    ...{ transient: 0, failedAt: 0, failure: '', order },
  };
}

export function copyEmulated(held: EmulatedOrder): EmulatedOrder {
  return {
    ...held,
    parent: held.parent === undefined ? undefined : { ...held.parent },
    watch: held.watch === undefined ? undefined : { ...held.watch },
    children: held.children.map((child) => ({ ...child })),
  };
}

export function hashEmulated(hasher: Hasher, held: EmulatedOrder): void {
  const { intent, parent, watch, order } = held;
  hasher.str(held.key).str(held.kind).str(held.node).str(held.ended).num(held.failures).num(held.transient);
  hasher
    .bool(held.late)
    .bool(held.stopped)
    .num(held.failedAt)
    .dec(intent.quantity)
    .dec(intent.limitPrice)
    .dec(intent.stopPrice);
  hasher.str(order.state).dec(order.filled).dec(order.averagePrice);
  if (parent !== undefined)
    hasher.str(parent.key).dec(parent.filled).dec(parent.quantity).bool(parent.closed);
  if (watch !== undefined) hashWatch(hasher, watch);
  for (const c of held.children) {
    hasher.str(c.key).str(c.purpose).str(c.state).dec(c.quantity).dec(c.filled).dec(c.asked);
    hasher.str(c.replacing).bool(c.refused).num(c.cancelledAt);
  }
}
