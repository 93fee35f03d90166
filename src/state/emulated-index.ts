import type { EmulatedOrder } from './emulated-order.js';

/** Closed ones are kept for late fills of the orders they wait for. */
const KEEP = 1_000;

/** Orders of one group know each other by this. */
function groupKey({ intent, node, key }: EmulatedOrder): string {
  const oco = intent.links?.oco;
  return oco === undefined ? `order|${key}` : `oco|${node}|${intent.account}|${oco}`;
}

/** Where emulated orders are found: by key, child, group, the order they wait for, and instrument of their stop. */
export class EmulatedIndex {
  readonly open: Map<string, EmulatedOrder> = new Map();
  readonly closed: Map<string, EmulatedOrder> = new Map();
  /** By the key of a child. */
  readonly owners: Map<string, EmulatedOrder> = new Map();
  /** Stops by instrument index; `watching` is how many there are. */
  readonly watches: EmulatedOrder[][] = [];
  watching = 0;
  readonly #waiting = new Map<string, EmulatedOrder[]>();
  readonly #groups = new Map<string, EmulatedOrder[]>();

  get(key: string): EmulatedOrder | undefined {
    return this.open.get(key) ?? this.closed.get(key);
  }
  groupOf(held: EmulatedOrder): readonly EmulatedOrder[] {
    return this.#groups.get(groupKey(held)) ?? [];
  }
  waitingFor(key: string): readonly EmulatedOrder[] {
    return this.#waiting.get(key) ?? [];
  }

  /** Orders that share what they may fill: all that wait for the same order, or those of its group. */
  mates(held: EmulatedOrder): readonly EmulatedOrder[] {
    return held.parent === undefined ? this.groupOf(held) : this.waitingFor(held.parent.key);
  }

  add(held: EmulatedOrder, isOpen: boolean): void {
    this.closed.delete(held.key);
    (isOpen ? this.open : this.closed).set(held.key, held);
    for (const { key } of held.children) this.owners.set(key, held);
    const mates = this.groupOf(held).filter(({ key }) => key !== held.key);
    this.#groups.set(groupKey(held), [...mates, held]);
    const { parent } = held;
    if (parent !== undefined) this.#waiting.set(parent.key, [...this.waitingFor(parent.key), held]);
    if (isOpen) this.#watch(held);
  }

  /** False: it was closed before. */
  close(held: EmulatedOrder): boolean {
    if (!this.open.delete(held.key)) return false;
    this.#unwatch(held);
    this.closed.set(held.key, held);
    if (this.closed.size > KEEP) {
      for (const oldest of this.closed.values()) {
        this.#forget(oldest);
        break;
      }
    }
    return true;
  }

  reopen(held: EmulatedOrder): void {
    this.closed.delete(held.key);
    this.open.set(held.key, held);
    this.#watch(held);
  }

  #watch(held: EmulatedOrder): void {
    if (held.watch === undefined) return;
    const list = (this.watches[held.intent.ix] ??= []);
    if (list.includes(held)) return;
    list.push(held);
    this.watching++;
  }

  #unwatch(held: EmulatedOrder): void {
    const list = this.watches[held.intent.ix];
    const place = list?.indexOf(held) ?? -1;
    if (place < 0) return;
    list?.splice(place, 1);
    this.watching--;
  }

  #forget(oldest: EmulatedOrder): void {
    this.closed.delete(oldest.key);
    for (const { key } of oldest.children) this.owners.delete(key);
    const mates = this.groupOf(oldest).filter((held) => held !== oldest);
    if (mates.length > 0) this.#groups.set(groupKey(oldest), mates);
    else this.#groups.delete(groupKey(oldest));
    const { parent } = oldest;
    if (parent === undefined) return;
    const others = this.waitingFor(parent.key).filter((held) => held !== oldest);
    if (others.length > 0) this.#waiting.set(parent.key, others);
    else this.#waiting.delete(parent.key);
  }
}
