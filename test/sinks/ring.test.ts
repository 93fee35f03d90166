import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BestEffortRing, type RingPolicy } from '../../src/sinks/ring.js';

describe('BestEffortRing', () => {
  it('keeps the newest with drop_oldest and the oldest with drop_newest', () => {
    for (const [policy, kept] of [
      ['drop_oldest', [3, 4, 5]],
      ['drop_newest', [1, 2, 3]],
    ] as const) {
      const ring = new BestEffortRing<number>(3, policy);
      expect([1, 2, 3, 4, 5].map((n) => ring.push(n))).toEqual([true, true, true, false, false]);
      const out: number[] = [];
      expect(ring.drain(10, (n) => out.push(n))).toBe(3);
      expect(out).toEqual(kept);
      expect([ring.pushed, ring.dropped, ring.size]).toEqual([5, 2, 0]);
    }
  });

  it('behaves like a bounded list for any mix of pushes and drains', () => {
    const step = fc.oneof(
      fc.record({ push: fc.integer() }),
      fc.record({ drain: fc.integer({ min: 0, max: 8 }) }),
    );
    const policies = fc.constantFrom<RingPolicy>('drop_oldest', 'drop_newest');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), policies, fc.array(step), (capacity, policy, steps) => {
        const ring = new BestEffortRing<number>(capacity, policy);
        let model: number[] = [];
        let pushed = 0;
        let out = 0;
        for (const s of steps) {
          if ('push' in s) {
            pushed++;
            ring.push(s.push);
            if (model.length < capacity) model.push(s.push);
            else if (policy === 'drop_oldest') model = [...model.slice(1), s.push];
          } else {
            const got: number[] = [];
            ring.drain(s.drain, (n) => got.push(n));
            expect(got).toEqual(model.splice(0, s.drain));
            out += got.length;
          }
          expect(ring.size).toBe(model.length);
        }
        expect(ring.pushed).toBe(pushed);
        expect(ring.dropped + out + ring.size).toBe(pushed);
      }),
    );
  });

  it('goes on after a reader that throws, and refuses a capacity of nothing', () => {
    const ring = new BestEffortRing<number>(2);
    ring.push(1);
    ring.push(2);
    expect(() =>
      ring.drain(2, () => {
        throw new Error('reader');
      }),
    ).toThrow('reader');
    const out: number[] = [];
    ring.drain(2, (n) => out.push(n));
    expect(out).toEqual([2]);
    expect(() => new BestEffortRing(0)).toThrow(RangeError);
  });
});
