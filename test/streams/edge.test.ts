import { filter, map } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { Edge, Into } from '../../src/streams/edge.js';

interface Item {
  readonly ix?: number;
  readonly v: number;
}

describe('Edge', () => {
  it('delivers in the order of linking, only the listed instruments to restricted targets', () => {
    const edge = new Edge<Item>('e');
    const seen: string[] = [];
    const target = (name: string): { next: (item: Item) => void; complete: () => void } => ({
      next: (item) => seen.push(`${name}${item.v}`),
      complete: () => seen.push(`${name}|`),
    });
    edge.link(target('a'));
    edge.link(target('b'), [1]);
    edge.link(target('c'));
    edge.next({ ix: 0, v: 1 });
    edge.next({ ix: 1, v: 2 });
    edge.next({ v: 3 });
    edge.complete();
    expect(seen).toEqual(['a1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3', 'a|', 'b|', 'c|']);
  });

  it('is an Observable: pipes, unsubscribes', () => {
    const edge = new Edge<Item>('e');
    const seen: number[] = [];
    const subscription = edge
      .pipe(
        filter((item) => item.v > 1),
        map((item) => item.v * 10),
      )
      .subscribe(
        new Into(
          (v) => seen.push(v),
          (error) => {
            throw error;
          },
        ),
      );
    edge.next({ v: 1 });
    edge.next({ v: 2 });
    subscription.unsubscribe();
    edge.next({ v: 3 });
    expect(seen).toEqual([20]);
    expect(edge.linked).toBe(0);
  });

  it('throws into the caller, not into a timer', () => {
    const edge = new Edge<Item>('e');
    edge.subscribe(
      new Into<Item>(
        () => {
          throw new Error('boom');
        },
        () => undefined,
      ),
    );
    expect(() => edge.next({ v: 1 })).toThrow('boom');
  });

  it('turns an operator error into one call of onError, and stops that branch alone', () => {
    const edge = new Edge<Item>('e');
    const errors: unknown[] = [];
    const others: number[] = [];
    edge
      .pipe(
        map(() => {
          throw new Error('op');
        }),
      )
      .subscribe(
        new Into(
          () => undefined,
          (error) => errors.push(error),
        ),
      );
    edge.subscribe(
      new Into(
        (item) => others.push(item.v),
        () => undefined,
      ),
    );
    edge.next({ v: 1 });
    edge.next({ v: 2 });
    expect(errors).toHaveLength(1);
    expect(others).toEqual([1, 2]);
  });
});
