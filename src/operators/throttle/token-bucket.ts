import type { Micros } from '../../model/time.js';
import type { Rate } from '../../model/units.js';
import type { BucketState } from '../../state/queue.js';

/** A bucket of `size` tokens; each comes back `per` microseconds after it was taken. */
export interface BucketRule {
  readonly size: number;
  readonly per: Micros;
}

/**
 * The bucket of a rate. It always holds at least one token, so rates below one a second work: `0.2/s` is one token
 * that takes five seconds to come back. A fractional count is rounded down and its time shortened to keep the rate.
 */
export function bucketRule({ count, per }: Rate): BucketRule {
  const size = Math.max(1, Math.floor(count));
  return { size, per: Math.ceil((per * size) / count) };
}

export function newBucket(rule: BucketRule): BucketState {
  return { taken: new Float64Array(rule.size), count: 0 };
}

/**
 * Earliest engine time at which a token may be taken; 0 when one was never missing. `reserve` tokens are left alone.
 * Because a token comes back one whole `per` after its use, no window of that length ever sees more than `size`
 * (less `reserve`) takes: the limit holds over every window, not only on average.
 */
export function readyAt(rule: BucketRule, bucket: BucketState, reserve: number = 0): Micros {
  const usable = Math.max(1, rule.size - reserve);
  if (bucket.count < usable) return 0;
  return (bucket.taken[(bucket.count - usable) % rule.size] as number) + rule.per;
}

/** Takes a token, also when none is left: then the next ones come back later. */
export function takeToken(rule: BucketRule, bucket: BucketState, at: Micros): void {
  bucket.taken[bucket.count % rule.size] = at;
  bucket.count++;
}
