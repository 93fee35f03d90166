import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketRule, newBucket, readyAt, takeToken } from '../../../src/operators/throttle/token-bucket.js';

describe('token bucket', () => {
  it('defect 28: holds at least one token, so rates below one a second work', () => {
    expect(bucketRule({ count: 0.2, per: 1_000_000 })).toEqual({ size: 1, per: 5_000_000 });
    expect(bucketRule({ count: 1, per: 10_000_000 })).toEqual({ size: 1, per: 10_000_000 });
    expect(bucketRule({ count: 2.5, per: 1_000_000 })).toEqual({ size: 2, per: 800_000 });
    expect(bucketRule({ count: 5, per: 1_000_000 })).toEqual({ size: 5, per: 1_000_000 });
  });

  it('gives a token back one whole period after it was taken', () => {
    const rule = bucketRule({ count: 2, per: 1_000_000 });
    const bucket = newBucket(rule);
    expect(readyAt(rule, bucket)).toBe(0);
    takeToken(rule, bucket, 100);
    takeToken(rule, bucket, 400_000);
    expect(readyAt(rule, bucket)).toBe(1_000_100);
    expect(readyAt(rule, bucket, 1)).toBe(1_400_000);
    takeToken(rule, bucket, 1_000_100);
    expect(readyAt(rule, bucket)).toBe(1_400_000);
  });

  it('a forced take makes the next ones wait longer', () => {
    const rule = bucketRule({ count: 1, per: 1_000 });
    const bucket = newBucket(rule);
    takeToken(rule, bucket, 0);
    takeToken(rule, bucket, 500);
    expect(readyAt(rule, bucket)).toBe(1_500);
  });

  it('never lets more than its count into any window', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 5_000 }),
        fc.array(fc.nat(2_000), { maxLength: 200 }),
        (count, per, gaps) => {
          const rule = bucketRule({ count, per });
          const bucket = newBucket(rule);
          const taken: number[] = [];
          let at = 1_000_000;
          for (const gap of gaps) {
            at += gap;
            if (readyAt(rule, bucket) > at) continue;
            takeToken(rule, bucket, at);
            taken.push(at);
          }
          for (const end of taken) {
            expect(taken.filter((t) => t > end - per && t <= end).length).toBeLessThanOrEqual(count);
          }
        },
      ),
    );
  });
});
