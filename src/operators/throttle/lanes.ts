import type { Micros } from '../../model/time.js';
import type { Rate } from '../../model/units.js';
import type { BucketState, NodeQueue } from '../../state/queue.js';
import { bucketRule, newBucket, readyAt, takeToken, type BucketRule } from './token-bucket.js';

/** `order`: new and replace. `exit`: new and replace that reduce a position. `cancel`: cancels. */
export type Lane = 'order' | 'exit' | 'cancel';

/** Limits; each may have several windows, all of which hold. An empty list is no limit. */
export interface LaneRates {
  readonly orders: readonly Rate[];
  readonly cancels: readonly Rate[];
  /** Everything that is sent. */
  readonly messages: readonly Rate[];
}

interface NamedRule extends BucketRule {
  readonly name: string;
}

/**
 * The rate limits of one throttle, per account. Orders take from `orders` and `messages`; cancels and exits take from
 * `cancels` and `messages`. Orders leave a quarter of `messages` alone (of one token: nothing), so they cannot use up
 * what cancels and exits need. An exit also takes from `orders`, without ever waiting for it: later orders pay.
 */
export class Lanes {
  readonly #orders: readonly NamedRule[];
  readonly #cancels: readonly NamedRule[];
  readonly #messages: readonly NamedRule[];
  readonly #node: NodeQueue;

  constructor(rates: LaneRates, node: NodeQueue) {
    this.#orders = rules('orders', rates.orders);
    this.#cancels = rules('cancels', rates.cancels);
    this.#messages = rules('messages', rates.messages);
    this.#node = node;
  }

  /** Earliest engine time at which one more may be sent. */
  readyAt(account: string, lane: Lane): Micros {
    let at = 0;
    for (const rule of lane === 'order' ? this.#orders : this.#cancels) {
      at = Math.max(at, readyAt(rule, this.#bucket(account, rule)));
    }
    for (const rule of this.#messages) {
      const reserve = lane === 'order' ? reserveOf(rule) : 0;
      at = Math.max(at, readyAt(rule, this.#bucket(account, rule), reserve));
    }
    return at;
  }

  take(account: string, lane: Lane, at: Micros): void {
    if (lane !== 'cancel') this.#take(account, this.#orders, at);
    if (lane !== 'order') this.#take(account, this.#cancels, at);
    this.#take(account, this.#messages, at);
  }

  #take(account: string, taken: readonly NamedRule[], at: Micros): void {
    for (const rule of taken) takeToken(rule, this.#bucket(account, rule), at);
  }

  #bucket(account: string, rule: NamedRule): BucketState {
    const key = `${account}|${rule.name}`;
    let bucket = this.#node.buckets.get(key);
    if (bucket === undefined) this.#node.buckets.set(key, (bucket = newBucket(rule)));
    return bucket;
  }
}

function reserveOf(rule: BucketRule): number {
  return rule.size < 2 ? 0 : Math.max(1, Math.floor(rule.size / 4));
}

function rules(name: string, rates: readonly Rate[]): readonly NamedRule[] {
  return rates.map((rate, i) => ({ ...bucketRule(rate), name: `${name}/${i}` }));
}
