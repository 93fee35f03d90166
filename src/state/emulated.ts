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
  ENDED,
  PARENT,
  PURPOSE,
  childClosed,
  copyEmulated,
  emulatedOrder,
  hashEmulated,
  orderView,
  type EmulatedKind,
  type EmulatedOrder,
  type ParentOrder,
  type Purpose,
} from './emulated-order.js';
import { asked, follow, noteFailure } from './emulated-child.js';
import { EmulatedIndex } from './emulated-index.js';
import type { EmulatedView } from './emulated-view.js';
import type { Hasher } from './hash.js';
import { priceFor, seePrice, watchOf } from './trigger-watch.js';
import type { MarketView, OrdersView } from './view.js';

/** Reason of the `queued` record with which a node takes an order in, changes it or ends it. */
export const HELD: Readonly<Record<EmulatedKind, string>> = { emulated: 'emulated', routed: 'routed' };
/** A stop that State watches says so in the metadata of its `queued` record. */
export const WATCHED = 'watched';

export interface SavedEmulated {
  readonly open: readonly EmulatedOrder[];
  readonly closed: readonly EmulatedOrder[];
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
  readonly #index = new EmulatedIndex();
  version = 0;
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
    return this.#index.get(orderKey);
  }
  ownerOf(childKey: string): EmulatedOrder | undefined {
    return this.#index.owners.get(childKey);
  }
  *open(node?: string): Iterable<EmulatedOrder> {
    for (const held of this.#index.open.values()) if (node === undefined || held.node === node) yield held;
  }
  /** Stops watched now. */
  get watching(): number {
    return this.#index.watching;
  }
  openCount(): number {
    return this.#index.open.size;
  }
  groupOf(held: EmulatedOrder): readonly EmulatedOrder[] {
    return this.#index.groupOf(held);
  }
  waitingFor(orderKey: string): readonly EmulatedOrder[] {
    return this.#index.waitingFor(orderKey);
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
    if (this.#index.owners.size === 0 && this.#index.open.size === 0) return;
    const { metadata, action, orderKey } = intent;
    const owned = this.#index.owners.get(orderKey);
    const own = metadata?.[EMULATED] !== undefined;
    if (own && action === 'new') {
      const held = this.get(metadata[PARENT] ?? '');
      if (held === undefined || owned !== undefined) return;
      held.children.push(asked(intent, (metadata[PURPOSE] ?? 'work') as Purpose));
      this.#index.owners.set(orderKey, held);
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
    const held = this.#index.owners.get(intent.orderKey);
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
      noteFailure(held, child, at);
      this.#told(held, at);
    }
  }

  /** Ends what a control event ends: the orders themselves are cancelled by the engine. */
  control(event: ControlEvent, at: Micros): void {
    const { action, value, target } = event;
    const stops = action === 'stop' && value === 'cancel';
    if (action !== 'kill' && action !== 'flatten' && !stops) return;
    const scope = (stops ? undefined : parseScope(target)) ?? GLOBAL;
    const over = ({ intent }: EmulatedOrder): boolean => inScope(scope, intent.account, intent.strategy);
    for (const held of this.#index.closed.values()) if (over(held)) held.stopped = true;
    for (const held of [...this.#index.open.values()]) {
      if (!over(held)) continue;
      held.stopped = true;
      for (const child of held.children) if (!childClosed(child)) child.cancelledAt = at;
      this.#end(held, `${action}: ${event.reason}`, at);
    }
  }

  /** A market event the graph accepted. Called only while `watching` is above zero; allocates nothing. */
  market(event: MarketEvent, market: MarketView, at: Micros): void {
    const list = this.#index.watches[event.ix];
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
    return { open: all(this.#index.open), closed: all(this.#index.closed) };
  }

  load(saved: SavedEmulated | undefined): void {
    for (const held of saved?.closed ?? []) this.#index.add(copyEmulated(held), false);
    for (const held of saved?.open ?? []) this.#index.add(copyEmulated(held), true);
    this.#woken = this.#index.open.size > 0;
  }

  hash(hasher: Hasher): void {
    if (this.#index.open.size === 0) return;
    hasher.int(this.#index.open.size);
    for (const held of this.#index.open.values()) hashEmulated(hasher, held);
  }

  #take(intent: Intent, kind: EmulatedKind, node: string, at: Micros): void {
    const parent = kind === 'emulated' ? this.#parent(intent.links?.parent) : undefined;
    const watch = intent.metadata?.[WATCHED] === undefined ? undefined : watchOf(intent);
    const held = emulatedOrder(intent, kind, node, parent, watch, at);
    this.#index.add(held, true);
    this.#told(held, at);
    this.#wake();
  }

  #parent(key: string | undefined): ParentOrder | undefined {
    if (key === undefined) return undefined;
    const order = this.#orders.get(key) ?? this.get(key)?.order;
    if (order === undefined) return { key, quantity: ZERO, filled: ZERO, closed: true };
    return { key, quantity: order.quantity, filled: order.filled, closed: isClosed(order.state) };
  }

  /** An order changed: it may be a child of one of ours, or one that some of ours wait for. */
  #changed(order: Order): void {
    if (this.#index.open.size === 0 && this.#index.closed.size === 0) return;
    const at = order.updatedAt;
    const held = this.#index.owners.get(order.orderKey);
    const child = held?.children.find(({ key }) => key === order.orderKey);
    if (held !== undefined && child !== undefined) {
      const late = !order.filled.eq(child.filled) && held.kind === 'emulated';
      const less = order.filled.lt(child.filled);
      follow(held, child, order);
      if (late && !this.#index.open.has(held.key)) this.#bringBack(held);
      if (less) this.#overturn(this.#index.mates(held), at);
      this.#told(held, at);
      this.#wake();
    }
    for (const waiting of this.#index.waitingFor(order.orderKey)) {
      const { parent } = waiting;
      if (parent === undefined) continue;
      const other = !order.filled.eq(parent.filled);
      parent.filled = order.filled;
      parent.quantity = order.quantity;
      parent.closed = isClosed(order.state);
      if (other) this.#overturn([waiting], at);
      this.#told(waiting, at);
      this.#wake();
    }
  }

  /** A fill that came late or was taken away changes what there is to protect: what was done is looked at again. */
  #overturn(legs: readonly EmulatedOrder[], at: Micros): void {
    for (const leg of legs) {
      if (leg.stopped || !ENDED.has(leg.ended)) continue;
      leg.ended = '';
      if (!this.#index.open.has(leg.key)) this.#bringBack(leg);
      leg.late = false;
      this.#told(leg, at);
    }
  }

  #end(held: EmulatedOrder, reason: string, at: Micros): void {
    if (!this.#index.open.has(held.key) || (held.ended !== '' && !held.late)) return;
    held.late = false;
    if (held.ended === '') held.ended = reason;
    this.#wake();
    this.#told(held, at);
  }

  #bringBack(held: EmulatedOrder): void {
    held.late = true;
    held.order = { ...held.order, closedAt: undefined };
    this.#index.reopen(held);
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
    if (isClosed(now.state)) this.#index.close(held);
    this.#changes.order(now);
  }
}
