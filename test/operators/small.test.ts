import { Subject, from, map, take } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { RegimeEvent } from '../../src/model/event.js';
import type { Event } from '../../src/model/record.js';
import { conflate } from '../../src/operators/conflate.js';
import { delay } from '../../src/operators/delay.js';
import { regime } from '../../src/operators/regime.js';
import { timeOperators } from '../../src/operators/time.js';
import { EventScheduler } from '../../src/streams/event-scheduler.js';
import { barOf, quoteOf, tradeOf } from '../../src/testing/index.js';
import { marbles } from '../support/marbles.js';

describe('delay', () => {
  it(
    'shifts values, waits for them at completion, passes an error at once',
    marbles((m) => {
      m.expect(m.hot('a-bc---d|').pipe(delay(3, m.scheduler))).toBeObservable('---a-bc---(d|)');
      m.expect(m.hot('a-bc#').pipe(delay(3, m.scheduler))).toBeObservable('---a#');
      m.expect(m.hot('|').pipe(delay(3, m.scheduler))).toBeObservable('|');
      m.expect(m.hot('a-b-c-d').pipe(delay(2, m.scheduler), take(2))).toBeObservable('--a-(b|)');
    }),
  );

  it('keeps order over growth with one pending deadline', () => {
    const scheduler = new EventScheduler();
    const source = new Subject<number>();
    const out: number[] = [];
    source.pipe(delay(50, scheduler)).subscribe((v) => out.push(v));
    for (let i = 0; i < 1000; i++) {
      scheduler.at = i * 10;
      source.next(i);
    }
    expect(scheduler.figures.live).toBe(1);
    for (let due = scheduler.nextDue(); due < Infinity; due = scheduler.nextDue()) {
      scheduler.at = due;
      scheduler.fire(due);
    }
    expect(out).toStrictEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(scheduler.at).toBe(50_000 + 9990);
  });

  it('refuses to hold more than its capacity', () => {
    const errors: string[] = [];
    from([1, 2, 3])
      .pipe(delay(5, new EventScheduler(), { capacity: 2 }))
      .subscribe({ error: (e: Error) => errors.push(e.message) });
    expect(errors).toStrictEqual(['delay holds 2 values already']);
  });
});

describe('conflate', () => {
  it(
    'keeps the latest of each instrument',
    marbles((m) => {
      const values = { a: quoteOf(1, 2), b: quoteOf(2, 3), c: quoteOf(7, 8, { ix: 1 }), t: tradeOf(5) };
      const replaced: Event[] = [];
      const operator = conflate({
        scheduler: m.scheduler,
        every: 5,
        onReplaced: (event) => replaced.push(event),
      });
      m.expect(m.hot<Event>('actb----a|', values).pipe(operator)).toBeObservable('--t--(bc)(a|)', values);
      m.expect(m.hot<Event>('a-#', values).pipe(operator)).toBeObservable('--#', values);
      m.flush();
      expect(replaced).toStrictEqual([values.a]);
    }),
  );
});

describe('regime', () => {
  const options = { window: 4, trend: 0.02, volatility: 0.05, hysteresis: 0.5 };
  const run = (closes: number[], more = {}) => {
    const out: string[] = [];
    from(closes.map((close) => barOf(close) as Event))
      .pipe(regime({ ...options, ...more }))
      .subscribe((event) => out.push(`${(event as RegimeEvent).previous}>${(event as RegimeEvent).regime}`));
    return out;
  };

  it(
    'emits the first regime when its window is full, then changes',
    marbles((m) => {
      const values = Object.fromEntries(
        [...'abcdef'].map((letter, i) => [letter, barOf([100, 100, 100, 100, 100, 103][i] as number)]),
      );
      const out = m.hot<Event>('abcdef|', values).pipe(
        regime(options),
        map((event) => (event as RegimeEvent).regime),
      );
      m.expect(out).toBeObservable('----nu|', { n: 'neutral', u: 'bull' });
    }),
  );

  it('goes through bull, bear and crisis', () => {
    expect(run([100, 101, 102, 103, 104, 103, 101, 99, 97, 120])).toStrictEqual([
      '>bull',
      'bull>neutral',
      'neutral>bear',
      'bear>crisis',
    ]);
  });

  it('leaves a regime only below threshold less hysteresis', () => {
    expect(run([100, 100.5, 101, 101.5, 102.1, 102.2, 102.5, 102.6, 103.2])).toStrictEqual(['>bull']);
    expect(run([100, 100.5, 101, 101.5, 102.1, 102.2, 102.5, 102.6, 103.2], { hysteresis: 0 })).toContain(
      'bull>neutral',
    );
  });

  it('announces only what lasts', () => {
    expect(run([100, 100, 100, 100, 100, 100, 103, 100, 100, 100], { confirm: 2 })).toStrictEqual([
      '>neutral',
    ]);
  });

  it('skips other bases and prices that are none', () => {
    const out: Event[] = [];
    from([1, 2, 3, 4, 5, 6].map((close) => barOf(close, { basis: 'bid' }) as Event))
      .pipe(regime(options))
      .subscribe((e) => out.push(e));
    expect(out).toStrictEqual([]);
  });
});

describe('timeOperators', () => {
  it(
    'are bound to their scheduler',
    marbles((m) => {
      const time = timeOperators(m.scheduler);
      m.expect(m.hot('ab---|').pipe(time.debounceTime(2))).toBeObservable('---b-|');
      m.expect(m.hot('abcd-|').pipe(time.throttleTime(2))).toBeObservable('a--d-|');
      m.expect(m.hot('abc--|').pipe(time.auditTime(2))).toBeObservable('--c--|');
      m.expect(m.hot('ab---|').pipe(time.sampleTime(3))).toBeObservable('---b-|');
      m.expect(
        m.hot('ab--c|').pipe(
          time.bufferTime(3),
          map((list) => list.join('')),
        ),
      ).toBeObservable('---x-(y|)', { x: 'ab', y: 'c' });
      m.expect(m.hot('a|').pipe(time.delay(3))).toBeObservable('---(a|)');
      m.expect(time.timer(3)).toBeObservable('---(a|)', { a: 0 });
      m.expect(time.interval(2).pipe(take(2))).toBeObservable('--a-(b|)', { a: 0, b: 1 });
      m.expect(
        m.hot('a----').pipe(
          time.timeout(2),
          map(() => 'a'),
        ),
      ).toBeObservable('a-#', { a: 'a' }, { name: 'TimeoutError', message: 'Timeout has occurred' });
      expect(time.now()).toBe(0);
    }),
  );
});
