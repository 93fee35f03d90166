import { lapsedApproval, type Approved } from '../model/command.js';
import type { Decimal } from '../model/decimal.js';
import type { Intent } from '../model/intent.js';
import type { Hasher } from './hash.js';

/** One approved intent that waits for its turn to be sent: at most one per order key. */
export interface Pending {
  /** The newest approval folded into it; knows how to ask risk again. */
  approved: Approved;
  /** What will be sent: the approved intent, or the fold of several. */
  intent: Intent;
  /** `seq` of the turn it was last changed in. */
  turn: number;
  /** Place in the queue, from 1. */
  readonly place: number;
  /** It is not what risk approved, but a fold of it. */
  folded: boolean;
  /** Why it waits, once that was recorded. */
  reason: '' | 'inflight' | 'rate';
}

/** Times at which the last `size` tokens of one bucket were taken; see `operators/throttle/token-bucket.ts`. */
export interface BucketState {
  readonly taken: Float64Array;
  /** Tokens taken in all. */
  count: number;
}

export interface SavedQueue {
  readonly places: number;
  readonly pending: readonly (Omit<Pending, 'approved'> & {
    readonly key: string;
    readonly approvedIntent: Intent;
    readonly riskPrice: Decimal;
  })[];
  readonly buckets: ReadonlyMap<string, BucketState>;
}

/** What one throttle remembers. */
export class NodeQueue {
  readonly pending: Map<string, Pending> = new Map();
  /** Buckets by account and lane. */
  readonly buckets: Map<string, BucketState> = new Map();
  places = 0;

  save(): SavedQueue {
    return {
      places: this.places,
      pending: [...this.pending].map(([key, { approved, ...entry }]) => {
        return { ...entry, key, approvedIntent: approved.intent, riskPrice: approved.riskPrice };
      }),
      buckets: new Map(
        [...this.buckets].map(([key, { taken, count }]) => [key, { taken: taken.slice(), count }] as const),
      ),
    };
  }

  load(saved: SavedQueue): void {
    this.places = saved.places;
    for (const { key, approvedIntent, riskPrice, ...entry } of saved.pending)
      this.pending.set(key, { ...entry, approved: lapsedApproval(approvedIntent, riskPrice) });
    for (const [key, { taken, count }] of saved.buckets)
      this.buckets.set(key, { taken: taken.slice(), count });
  }

  hash(hasher: Hasher): void {
    hasher.int(this.pending.size).num(this.places);
    for (const [key, entry] of this.pending) {
      const { intent } = entry;
      hasher.str(key).str(intent.action).dec(intent.quantity).dec(intent.limitPrice).dec(intent.stopPrice);
      hasher.num(entry.turn).num(entry.place).bool(entry.folded).str(entry.reason);
    }
    for (const [key, bucket] of this.buckets) hasher.str(key).num(bucket.count).nums(bucket.taken);
  }
}

/** Part of State that belongs to the throttles, one entry per node: changed by their step functions only. */
export class QueueState {
  readonly #nodes = new Map<string, NodeQueue>();

  node(name: string): NodeQueue {
    let node = this.#nodes.get(name);
    if (node === undefined) this.#nodes.set(name, (node = new NodeQueue()));
    return node;
  }

  /** An intent of this order waits. */
  has(orderKey: string): boolean {
    for (const node of this.#nodes.values()) if (node.pending.has(orderKey)) return true;
    return false;
  }

  /** Intents waiting in all throttles. */
  get size(): number {
    let size = 0;
    for (const node of this.#nodes.values()) size += node.pending.size;
    return size;
  }

  save(): ReadonlyMap<string, SavedQueue> {
    return new Map([...this.#nodes].map(([name, node]) => [name, node.save()] as const));
  }

  load(saved: ReadonlyMap<string, SavedQueue>): void {
    for (const [name, node] of saved) this.node(name).load(node);
  }

  hash(hasher: Hasher): void {
    for (const name of [...this.#nodes.keys()].sort()) this.#nodes.get(name)?.hash(hasher.str(name));
  }
}
