import { ZERO } from '../model/decimal.js';
import type { ControlEvent, DeniedEvent, IntentEvent, MarketEvent, QueuedEvent } from '../model/event.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { Intent } from '../model/intent.js';
import { isClosed, type Order } from '../model/order.js';
import { GLOBAL, inScope, parseScope } from '../model/scope.js';
import type { Micros } from '../model/time.js';
import type { Changes } from './changes.js';
import {
  EMULATED,
  PARENT,
  PURPOSE,
  childClosed,
  copyEmulated,
  emulatedOrder,
  hashEmulated,
  isTransient,
  orderView,
  type ChildOrder,
  type EmulatedKind,
  type EmulatedOrder,
  type ParentOrder,
  type Purpose,
} from './emulated-order.js';
import type { Hasher } from './hash.js';
import { priceFor, seePrice, watchOf } from './trigger-watch.js';
import type { MarketView, OrdersView } from './view.js';

/** Reason of the `queued` record with which a node takes an order in, changes it or ends it. */
export const HELD: Readonly<Record<EmulatedKind, string>> = { emulated: 'emulated', routed: 'routed' };
/** Why an order ended that waited for one that never filled; a late fill brings it back. */
export const PARENT_CLOSED = 'the order it waits for closed without a fill';
/** A stop that State watches says so in the metadata of its `queued` record. */
export const WATCHED = 'watched';

/** Closed ones are kept for late fills of the orders they wait for. */
const KEEP = 1_000;

export interface SavedEmulated {
  readonly open: readonly EmulatedOrder[];
  readonly closed: readonly EmulatedOrder[];
}

/** What others may ask about orders that live here. */
export interface EmulatedView {
  get(orderKey: string): EmulatedOrder | undefined;
  /** The emulated order an order at a venue works for. */
  ownerOf(childKey: string): EmulatedOrder | undefined;
  /** Orders that are not closed, oldest first; of one node if given. */
  open(node?: string): Iterable<EmulatedOrder>;
  openCount(): number;
  /** True once after something changed that a node may have to act on. */
  takeWoken(): boolean;
  /** Grows with every change a node may have to act on. */
  readonly version: number;
  /** Orders of one group, closed ones included: those of the same `oco`, or the order alone. */
  groupOf(held: EmulatedOrder): readonly EmulatedOrder[];
}

/** Orders of one group know each other by this. */
function groupKey({ intent, node, key }: EmulatedOrder): string {
  const oco = intent.links?.oco;
  return oco === undefined ? `order|${key}` : `oco|${node}|${intent.account}|${oco}`;
}

/**
 * Orders that are emulated: legs of brackets and OCO groups, stops watched here, orders split over venues. A fold of
 * records, never told anything else: `queued` (reason `emulated` or `routed`) takes one in, changes or ends it;
 * intents, denials and changes of its children tell how far it is; market events move and set off its stops; a kill,
 * a flatten and a cancelling stop end it. While the engine recovers, no stop is set off.
 *
 * Memory: open orders, and the newest 1,000 closed ones.
 */
export class Emulated implements EmulatedView {
  readonly #open = new Map<string, EmulatedOrder>();
  readonly #closed = new Map<string, EmulatedOrder>();
  readonly #owners = new Map<string, EmulatedOrder>();
  /** By key of the order they wait for. */
  readonly #waiting = new Map<string, EmulatedOrder[]>();
  /** Stops by instrument index; `watching` is how many there are. */
  readonly #watches: EmulatedOrder[][] = [];
  watching = 0;
  version = 0;
  readonly #groups = new Map<string, EmulatedOrder[]>();
  readonly #changes: Changes;
  readonly #orders: OrdersView;
  readonly #instruments: InstrumentTable;
  #woken = false;

  constructor(changes: Changes, orders: OrdersView, instruments: InstrumentTable) {
    this.#changes = changes;
    this.#orders = orders;
    this.#instruments = instruments;
    changes.watch((order) => this.#changed(order));
  }

  get(orderKey: string): EmulatedOrder | undefined {
    return this.#open.get(orderKey) ?? this.#closed.get(orderKey);
  }
  ownerOf(childKey: string): EmulatedOrder | undefined {
    return this.#owners.get(childKey);
  }
  *open(node?: string): Iterable<EmulatedOrder> {
    for (const held of this.#open.values()) if (node === undefined || held.node === node) yield held;
  }
  openCount(): number {
    return this.#open.size;
  }
  groupOf(held: EmulatedOrder): readonly EmulatedOrder[] {
    return this.#groups.get(groupKey(held)) ?? [];
  }
  takeWoken(): boolean {
    const woken = this.#woken;
    this.#woken = false;
    return woken;
  }

  /** A node takes an order in (`new`), changes its terms (`replace`), or wants nothing more of it (`cancel`). */
  queued({ intent, reason, source }: QueuedEvent, at: Micros): void {
    const kind = reason === HELD.emulated ? 'emulated' : reason === HELD.routed ? 'routed' : undefined;
    if (kind === undefined) return;
    const held = this.get(intent.orderKey);
    if (intent.action === 'new') {
      if (held === undefined || isClosed(held.order.state)) this.#take(intent, kind, source, at);
      return;
    }
    if (held === undefined) return;
    if (intent.action === 'cancel') this.#end(held, intent.reason === '' ? 'cancelled' : intent.reason, at);
    else {
      const { quantity, limitPrice, stopPrice, trailingOffset } = intent;
      held.intent = { ...held.intent, quantity, limitPrice, stopPrice, trailingOffset };
      if (held.watch !== undefined && !held.watch.triggered && stopPrice !== undefined)
        held.watch.stop = stopPrice.toNumber();
      this.#told(held, at);
    }
    this.#wake();
  }

  /** An intent on its way to risk: a child is asked for, changed or cancelled; or somebody else cancels a child. */
  intent({ intent }: IntentEvent, at: Micros): void {
    if (this.#owners.size === 0 && this.#open.size === 0) return;
    const { metadata, action, orderKey } = intent;
    const owned = this.#owners.get(orderKey);
    const own = metadata?.[EMULATED] !== undefined;
    if (own && action === 'new') {
      const held = this.get(metadata[PARENT] ?? '');
      if (held === undefined || owned !== undefined) return;
      held.children.push(asked(intent, (metadata[PURPOSE] ?? 'work') as Purpose));
      this.#owners.set(orderKey, held);
      this.#told(held, at);
      return;
    }
    const child = owned?.children.find(({ key }) => key === orderKey);
    if (owned === undefined || child === undefined) return;
    if (action === 'cancel') {
      child.cancelledAt = at;
      if (!own && owned.kind === 'emulated') this.#end(owned, intent.reason || 'its order was cancelled', at);
    } else if (action === 'replace') {
      child.replacing = 'asked';
      child.asked = intent.quantity;
      child.limitPrice = intent.limitPrice;
      child.stopPrice = intent.stopPrice;
    }
  }

  /** Risk or the queue refused something of a child. */
  denied({ intent, text, stage }: DeniedEvent, at: Micros): void {
    const held = this.#owners.get(intent.orderKey);
    const child = held?.children.find(({ key }) => key === intent.orderKey);
    if (held === undefined || child === undefined) return;
    this.#wake();
    if (intent.action === 'cancel') child.cancelledAt = 0;
    else if (intent.action === 'replace') {
      child.replacing = 'no';
      child.refused = true;
    } else if (stage === 'risk' && child.state === 'asked') {
      child.state = 'denied';
      child.reason = text;
      this.#failed(held, child, at);
      this.#told(held, at);
    }
  }

  /** Ends what a control event ends: the orders themselves are cancelled by the engine. */
  control(event: ControlEvent, at: Micros): void {
    const { action, value, target } = event;
    const stops = action === 'stop' && value === 'cancel';
    if (action !== 'kill' && action !== 'flatten' && !stops) return;
    const scope = (stops ? undefined : parseScope(target)) ?? GLOBAL;
    for (const held of [...this.#open.values()]) {
      const { account, strategy } = held.intent;
      if (!inScope(scope, account, strategy)) continue;
      for (const child of held.children) if (!childClosed(child)) child.cancelledAt = at;
      this.#end(held, `${action}: ${event.reason}`, at);
    }
  }

  /** A market event the graph accepted. Called only while `watching` is above zero; allocates nothing. */
  market(event: MarketEvent, market: MarketView, at: Micros): void {
    const list = this.#watches[event.ix];
    if (list === undefined) return;
    const instrument = this.#instruments.at(event.ix);
    if (instrument === undefined) return;
    for (let i = 0; i < list.length; i++) {
      const held = list[i] as EmulatedOrder;
      const { watch, parent } = held;
      if (watch === undefined || watch.triggered || held.ended !== '') continue;
      if (parent !== undefined && parent.filled.isZero()) continue;
      if (seePrice(watch, priceFor(watch, event, market), instrument, at)) this.#wake();
    }
  }

  save(): SavedEmulated {
    const all = (map: ReadonlyMap<string, EmulatedOrder>): EmulatedOrder[] =>
      [...map.values()].map(copyEmulated);
    return { open: all(this.#open), closed: all(this.#closed) };
  }

  load(saved: SavedEmulated | undefined): void {
    for (const held of saved?.closed ?? []) this.#index(copyEmulated(held), this.#closed);
    for (const held of saved?.open ?? []) this.#index(copyEmulated(held), this.#open);
    this.#woken = this.#open.size > 0;
  }

  hash(hasher: Hasher): void {
    if (this.#open.size === 0) return;
    hasher.int(this.#open.size);
    for (const held of this.#open.values()) hashEmulated(hasher, held);
  }

  #take(intent: Intent, kind: EmulatedKind, node: string, at: Micros): void {
    const parent = kind === 'emulated' ? this.#parent(intent.links?.parent) : undefined;
    const watch = intent.metadata?.[WATCHED] === undefined ? undefined : watchOf(intent);
    const held = emulatedOrder(intent, kind, node, parent, watch, at);
    this.#closed.delete(held.key);
    this.#index(held, this.#open);
    this.#told(held, at);
    this.#wake();
  }

  #parent(key: string | undefined): ParentOrder | undefined {
    if (key === undefined) return undefined;
    const order = this.#orders.get(key) ?? this.get(key)?.order;
    if (order === undefined) return { key, quantity: ZERO, filled: ZERO, closed: true };
    return { key, quantity: order.quantity, filled: order.filled, closed: isClosed(order.state) };
  }

  #index(held: EmulatedOrder, into: Map<string, EmulatedOrder>): void {
    into.set(held.key, held);
    for (const { key } of held.children) this.#owners.set(key, held);
    const group = groupKey(held);
    this.#groups.set(group, [...(this.#groups.get(group) ?? []).filter(({ key }) => key !== held.key), held]);
    const { parent, watch } = held;
    if (parent !== undefined) this.#waiting.set(parent.key, [...(this.#waiting.get(parent.key) ?? []), held]);
    if (watch !== undefined && into === this.#open) this.#watch(held);
  }

  #watch(held: EmulatedOrder): void {
    const list = (this.#watches[held.intent.ix] ??= []);
    if (list.includes(held)) return;
    list.push(held);
    this.watching++;
  }

  #unwatch(held: EmulatedOrder): void {
    const list = this.#watches[held.intent.ix];
    const place = list?.indexOf(held) ?? -1;
    if (place < 0) return;
    list?.splice(place, 1);
    this.watching--;
  }

  /** An order changed: it may be a child of one of ours, or one that some of ours wait for. */
  #changed(order: Order): void {
    if (this.#open.size === 0 && this.#waiting.size === 0) return;
    const at = order.updatedAt;
    const held = this.#owners.get(order.orderKey);
    const child = held?.children.find(({ key }) => key === order.orderKey);
    if (held !== undefined && child !== undefined) {
      this.#childChanged(held, child, order);
      this.#told(held, at);
      this.#wake();
    }
    for (const waiting of this.#waiting.get(order.orderKey) ?? []) {
      const { parent } = waiting;
      if (parent === undefined) continue;
      parent.filled = order.filled;
      parent.quantity = order.quantity;
      parent.closed = isClosed(order.state);
      if (waiting.ended === PARENT_CLOSED && !parent.filled.isZero()) this.#reopen(waiting);
      this.#told(waiting, at);
      this.#wake();
    }
  }

  #childChanged(held: EmulatedOrder, child: ChildOrder, order: Order): void {
    const before = child.state;
    const open = !childClosed(child);
    const { filled, averagePrice, quantity, state, reason, inFlight } = order;
    if (filled.gt(child.filled)) held.failures = held.transient = 0;
    if (!filled.eq(child.filled) && held.kind === 'emulated' && !this.#open.has(held.key))
      this.#bringBack(held);
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
      if (state !== 'filled' && child.cancelledAt === 0) this.#failed(held, child, order.updatedAt);
    }
  }

  #failed(held: EmulatedOrder, child: ChildOrder, at: Micros): void {
    if (isTransient(child.reason)) held.transient++;
    else held.failures++;
    held.failedAt = at;
    held.failure = child.reason === '' ? `order ${child.key} is ${child.state}` : child.reason;
  }

  #end(held: EmulatedOrder, reason: string, at: Micros): void {
    if (!this.#open.has(held.key) || (held.ended !== '' && !held.late)) return;
    held.late = false;
    if (held.ended === '') held.ended = reason;
    this.#wake();
    this.#told(held, at);
  }

  #reopen(held: EmulatedOrder): void {
    held.ended = '';
    if (!this.#open.has(held.key)) this.#bringBack(held);
    held.late = false;
  }

  #bringBack(held: EmulatedOrder): void {
    held.late = true;
    held.order = { ...held.order, closedAt: undefined };
    this.#closed.delete(held.key);
    this.#open.set(held.key, held);
    if (held.watch !== undefined) this.#watch(held);
  }

  #wake(): void {
    this.#woken = true;
    this.version++;
  }

  /** Records how the order stands now, and puts it away when it is closed. */
  #told(held: EmulatedOrder, at: Micros): void {
    const before = held.order;
    const now = orderView(held, at);
    const same =
      before.state === now.state &&
      before.filled.eq(now.filled) &&
      before.quantity.eq(now.quantity) &&
      before.limitPrice === now.limitPrice &&
      before.stopPrice === now.stopPrice;
    if (same) return;
    held.order = now;
    if (isClosed(now.state) && this.#open.delete(held.key)) {
      this.#unwatch(held);
      this.#closed.set(held.key, held);
      this.#forget();
    }
    this.#changes.order(now);
  }

  #forget(): void {
    if (this.#closed.size <= KEEP) return;
    for (const oldest of this.#closed.values()) {
      this.#closed.delete(oldest.key);
      for (const { key } of oldest.children) this.#owners.delete(key);
      const mates = this.groupOf(oldest).filter((held) => held !== oldest);
      if (mates.length > 0) this.#groups.set(groupKey(oldest), mates);
      else this.#groups.delete(groupKey(oldest));
      const { parent } = oldest;
      const others = this.#waiting.get(parent?.key ?? '')?.filter((held) => held !== oldest) ?? [];
      if (parent !== undefined && others.length > 0) this.#waiting.set(parent.key, others);
      else if (parent !== undefined) this.#waiting.delete(parent.key);
      return;
    }
  }
}

function asked(intent: Intent, purpose: Purpose): ChildOrder {
  const { orderKey, route, account, quantity, limitPrice, stopPrice } = intent;
  return {
    ...{
      key: orderKey,
      purpose,
      route,
      account,
      quantity,
      limitPrice,
      stopPrice,
      filled: ZERO,
      averagePrice: ZERO,
    },
    ...{ state: 'asked', reason: '', replacing: 'no', asked: quantity, refused: false, cancelledAt: 0 },
  };
}
