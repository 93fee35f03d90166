import { Subject, of, take, toArray, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { operate } from '../../src/streams/operate.js';

const double = () =>
  operate<number, number>((out) => ({
    next: (value) => {
      if (value === 13) throw new Error('unlucky');
      out.next(value * 2);
    },
    flush: () => out.next(-1),
  }));

const collect = <T>(source: Observable<T>): (T | string)[] => {
  const seen: (T | string)[] = [];
  source.subscribe({
    next: (v) => seen.push(v),
    error: (e: Error) => seen.push(e.message),
    complete: () => seen.push('|'),
  });
  return seen;
};

describe('operate', () => {
  it('maps, flushes and completes', () => {
    expect(collect(of(1, 2).pipe(double()))).toStrictEqual([2, 4, -1, '|']);
  });

  it('turns a throw into an error of the output and releases the source', () => {
    const source = new Subject<number>();
    const seen = collect(source.pipe(double()));
    source.next(1);
    source.next(13);
    source.next(2);
    expect(seen).toStrictEqual([2, 'unlucky']);
    expect(source.observed).toBe(false);
  });

  it('passes an error on', () => {
    const source = new Subject<number>();
    const seen = collect(source.pipe(double()));
    source.error(new Error('from above'));
    expect(seen).toStrictEqual(['from above']);
  });

  it('stops a synchronous source when downstream has enough', () => {
    let produced = 0;
    const source = of(...Array.from({ length: 100 }, (_, i) => i)).pipe(
      operate<number, number>((out) => ({
        next: (v) => {
          produced++;
          out.next(v);
        },
      })),
      take(3),
      toArray(),
    );
    expect(collect(source)).toStrictEqual([[0, 1, 2], '|']);
    expect(produced).toBe(3);
  });

  it('gives each subscription its own state and runs teardown on unsubscribe', () => {
    let torn = 0;
    const counted = operate<string, number>((out) => {
      let n = 0;
      return { next: () => out.next(++n), teardown: () => torn++ };
    });
    const source = new Subject<string>();
    const first = source.pipe(counted).subscribe();
    source.next('a');
    const seen = collect(source.pipe(counted));
    source.next('b');
    expect(seen).toStrictEqual([1]);
    first.unsubscribe();
    expect(torn).toBe(1);
  });
});
