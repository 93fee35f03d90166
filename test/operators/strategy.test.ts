import { EMPTY, NEVER, Subject, concat, defer, filter, ignoreElements, map, of, tap, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ZERO, dec } from '../../src/model/decimal.js';
import type { IntentEvent, LogEvent } from '../../src/model/event.js';
import { makeBook, makeOrder, makeRegime } from '../../src/model/make.js';
import type { Intent } from '../../src/model/intent.js';
import type { Event } from '../../src/model/record.js';
import { fromCallbacks, type CallbackStrategy } from '../../src/operators/strategy/callbacks.js';
import type { StrategyContext } from '../../src/operators/strategy/context.js';
import { defineStrategy, isStrategy, type StrategyOutput } from '../../src/operators/strategy/definition.js';
import { strategyHandle } from '../../src/operators/strategy/handle.js';
import type { StrategyOptions } from '../../src/operators/strategy/options.js';
import { holdingsQuantity } from '../../src/operators/strategy/sizing.js';
import { strategy } from '../../src/operators/strategy/strategy.js';
import { Into } from '../../src/streams/edge.js';
import { EventScheduler } from '../../src/streams/event-scheduler.js';
import {
  barOf,
  fillOf,
  intentText,
  quoteOf,
  strategyTest,
  testContext,
  tradeOf,
  type TestContext,
} from '../../src/testing/index.js';
import type { Observable } from 'rxjs';
import { marbles } from '../support/marbles.js';

type Run = (context: StrategyContext) => Observable<StrategyOutput>;
const define = (run: Run) => defineStrategy({ name: 'probe', version: '1', params: z.object({}), run });

/** Runs a strategy on an event scheduler, turn by turn, as the engine does. */
function harness(
  definition: ReturnType<typeof define>,
  options: StrategyOptions = {},
  kinds?: ('order' | 'bar')[],
) {
  const scheduler = new EventScheduler();
  scheduler.at = 1_000_000;
  const context = testContext({ scheduler, ...(kinds === undefined ? {} : { kinds }) });
  const operator = strategy(definition, {}, options)(context);
  const source = new Subject<Event>();
  const out: Event[] = [];
  const errors: unknown[] = [];
  let completed = false;
  source.pipe(operator).subscribe(
    new Into<Event>(
      (event) => {
        out.push(event);
        context.state.apply(event);
      },
      (error) => errors.push(error),
      () => (completed = true),
    ),
  );
  return {
    context,
    handle: operator.handle,
    operator,
    out,
    errors,
    get completed() {
      return completed;
    },
    texts: () => out.map((event) => intentText((event as IntentEvent).intent)),
    logs: () => context.recorded.filter((e): e is LogEvent => e.kind === 'log').map((e) => e.code),
    send(event: Event, at = scheduler.at): void {
      for (let due = scheduler.nextDue(); due <= at; due = scheduler.nextDue()) {
        scheduler.at = due;
        scheduler.fire(due);
      }
      scheduler.at = at;
      context.turn(event);
      source.next(event);
    },
    complete: () => source.complete(),
  };
}
type Harness = ReturnType<typeof harness>;
const buyEach: Run = ({ bars$, place }) => bars$.pipe(map(() => place.market({ side: 'buy', quantity: 1 })));

describe('strategy', () => {
  it(
    'turns bars into intents, in virtual time',
    strategyTest(
      marbles,
      define(({ bars$, place, debounceTime }) =>
        bars$.pipe(
          debounceTime(3),
          map((bar) => place.limit({ side: 'buy', quantity: 2, limitPrice: bar.close })),
        ),
      ),
      {
        market: 'ab----c-|',
        values: { a: 10, b: 11, c: 12 },
        orders: '----x---(y|)',
        intents: { x: 'buy 2 TEST limit limit 11', y: 'buy 2 TEST limit limit 12' },
      },
    ),
  );

  it('mints stable keys, names itself and its cause, and skips keys of an earlier session', () => {
    const h = harness(define(buyEach));
    h.context.state.apply(makeOrder({ orderKey: 'test-2', strategy: 'test', state: 'filled' } as never));
    for (let i = 0; i < 3; i++) h.send(barOf(10));
    const intents = h.out.map((e) => (e as IntentEvent).intent);
    expect(
      intents.map((i) => [i.orderKey, i.strategy, i.account, i.instrument, i.ix, i.cause]),
    ).toStrictEqual([
      ['test-1', 'test', 'test', 'TEST', 0, 1],
      ['test-3', 'test', 'test', 'TEST', 0, 2],
      ['test-4', 'test', 'test', 'TEST', 0, 3],
    ]);
  });

  it('counts a throw, runs the strategy again, and disables it at max_errors', () => {
    let runs = 0;
    const told: string[] = [];
    const faulty: Run = ({ bars$ }) =>
      defer(() => {
        runs++;
        return bars$.pipe(
          map(() => {
            throw new Error('bad tick');
          }),
        );
      });
    const h = harness(define(faulty), {
      maxErrors: 3,
      onDisable: (name, reason) => told.push(`${name} ${reason}`),
    });
    for (let i = 0; i < 5; i++) h.send(barOf(10));
    expect(runs).toBe(3);
    expect(h.handle.stats).toMatchObject({ errors: 3, enabled: false, evaluations: 3 });
    expect(h.logs()).toStrictEqual([
      'STRATEGY_FAILED',
      'STRATEGY_FAILED',
      'STRATEGY_FAILED',
      'STRATEGY_DISABLED',
    ]);
    expect((h.context.recorded[0] as LogEvent).message).toMatch(
      /^STRATEGY_FAILED: strategy=test count=1 error="bad tick \(strategy\.test\.ts:\d+:\d+\)"$/,
    );
    expect(told).toStrictEqual(['test STRATEGY_DISABLED: strategy=test errors=3']);
    expect(h.errors).toStrictEqual([]);
  });

  it('goes on after an error, with on_error: disable it does not', () => {
    const once: Run = ({ bars$, place }) =>
      bars$.pipe(
        map((bar) => {
          if (bar.close === 13) throw new Error('unlucky');
          return place.market({ side: 'buy', quantity: 1 });
        }),
      );
    for (const onError of ['continue', 'disable'] as const) {
      const h = harness(define(once), { onError });
      for (const close of [10, 13, 11]) h.send(barOf(close));
      expect(h.out).toHaveLength(onError === 'continue' ? 2 : 1);
      expect(h.handle.stats.enabled).toBe(onError === 'continue');
    }
  });

  it('survives a throw in run itself and an error notification', () => {
    const thrown = harness(
      define(() => {
        throw new Error('no start');
      }),
      { maxErrors: 4 },
    );
    expect(thrown.handle.stats).toMatchObject({ errors: 4, enabled: false });
    const notified = harness(
      define(() => throwError(() => new Error('from above'))),
      { maxErrors: 2 },
    );
    expect(notified.handle.stats).toMatchObject({ errors: 2, enabled: false });
  });

  it('can be enabled again', () => {
    const h = harness(define(buyEach));
    h.handle.disable('by hand');
    h.send(barOf(1));
    expect(h.out).toHaveLength(0);
    h.handle.enable();
    h.send(barOf(1));
    expect(h.texts()).toStrictEqual(['buy 1 TEST market']);
    expect(strategyHandle(h.operator)).toBe(h.handle);
    expect(strategyHandle((s) => s)).toBeUndefined();
  });

  it('mutes while the control state disables it, and counts', () => {
    const h = harness(define(buyEach));
    h.context.state.setEnabled('test', false);
    h.send(barOf(1));
    expect([h.out.length, h.handle.stats.muted]).toStrictEqual([0, 1]);
    h.context.state.setEnabled('test', true);
    h.send(barOf(1));
    expect(h.out).toHaveLength(1);
  });

  it('mutes during warm-up; bid and ask bar of one interval count once', () => {
    const h = harness(define(buyEach), { warmUp: 2 });
    h.send(barOf(1, { start: 0, basis: 'bid' }));
    h.send(barOf(1, { start: 0, basis: 'ask' }));
    expect(h.handle.stats).toMatchObject({ muted: 2, intents: 0 });
    h.send(barOf(1, { start: 60_000_000 }));
    expect(h.handle.stats).toMatchObject({ muted: 2, intents: 1 });
  });

  it('refuses what is no intent, or another strategy’s', () => {
    const h = harness(define(() => of({ price: 1 } as unknown as Intent)));
    expect([h.handle.stats.errors, h.out.length]).toStrictEqual([1, 0]);
    const stolen = harness(
      define(({ place }) => of({ ...place.market({ side: 'buy', quantity: 1 }), strategy: 'other' })),
    );
    expect([stolen.handle.stats.errors, stolen.out.length]).toStrictEqual([1, 0]);
  });

  it('does not take an error of a later node for its own', () => {
    const scheduler = new EventScheduler();
    const context = testContext({ scheduler });
    const source = new Subject<Event>();
    const seen: unknown[] = [];
    const operator = strategy(define(buyEach), {})(context);
    source.pipe(operator).subscribe(
      new Into<Event>(
        () => {
          throw new Error('risk broke');
        },
        (error) => seen.push((error as Error).message),
      ),
    );
    source.next(barOf(1));
    expect(seen).toStrictEqual(['risk broke']);
    expect(operator.handle.stats.errors).toBe(0);
  });

  it('delivers only its own fills and orders', () => {
    const seen: string[] = [];
    const watch: Run = ({ bars$, fills$, orders$, place }) => {
      fills$.subscribe((fill) => seen.push(`fill ${fill.fill.quantity.toString()}`));
      orders$.subscribe((order) => seen.push(`order ${order.orderKey} ${order.state}`));
      return bars$.pipe(map(() => place.market({ side: 'buy', quantity: 2 })));
    };
    const h = harness(define(watch));
    h.send(barOf(10));
    h.send(fillOf('test-1', 'buy', 1, 10));
    h.send(fillOf('stranger-1', 'buy', 5, 10));
    expect(seen).toStrictEqual(['order test-1 partially_filled', 'fill 1']);
    const told = harness(define(watch), {}, ['order']);
    told.send(makeOrder({ orderKey: 'x', strategy: 'other', state: 'denied' } as never));
    told.send(makeOrder({ orderKey: 'test-9', strategy: 'test', state: 'denied' } as never));
    expect(seen.slice(2)).toStrictEqual(['order test-9 denied']);
  });

  it('completes its streams, and lets out what is emitted then', () => {
    const last: Run = ({ bars$, place }) =>
      concat(
        bars$.pipe(ignoreElements()),
        defer(() => of(place.market({ side: 'sell', quantity: 1 }))),
      );
    const h = harness(define(last));
    h.complete();
    expect(h.texts()).toStrictEqual(['sell 1 TEST market']);
    expect(h.completed).toBe(true);
  });

  it('keeps the engine’s time and releases timers on unsubscribe', () => {
    const scheduler = new EventScheduler();
    scheduler.at = 5_000_000;
    const context = testContext({ scheduler });
    const ticks: number[] = [];
    const subscription = NEVER.pipe(
      strategy(
        define(({ interval, at }) =>
          interval(10).pipe(
            tap(() => ticks.push(at())),
            filter(() => false),
            map(() => []),
          ),
        ),
        {},
      )(context),
    ).subscribe();
    for (let k = 0; k < 2; k++) {
      scheduler.at = scheduler.nextDue();
      scheduler.fire(scheduler.at);
    }
    subscription.unsubscribe();
    expect(ticks).toStrictEqual([5_010_000, 5_020_000]);
    expect(scheduler.nextDue()).toBe(Infinity);
  });

  it('logs, marks and explains a wrong instrument', () => {
    const h = harness(
      define((context) => {
        context.log('info', 'hello');
        context.mark('entry', { instrument: 'TEST', price: 5, note: 'n' });
        context.instrument('NOPE');
        return EMPTY;
      }),
      { maxErrors: 1 },
    );
    expect(h.context.recorded.map((e) => e.kind)).toStrictEqual(['log', 'mark', 'log', 'log']);
    expect((h.context.recorded[2] as LogEvent).message).toContain(
      'instrument \\"NOPE\\" is unknown; known are TEST',
    );
  });
});

describe('place', () => {
  const withPlace = (fn: (context: StrategyContext, h: () => Harness) => void): void => {
    let inner: StrategyContext | undefined;
    const h: Harness = harness(
      define((context) => {
        inner = context;
        return context.bars$.pipe(
          map(() => context.place.limit({ side: 'buy', quantity: 3, limitPrice: 9, tag: 'entry' })),
        );
      }),
    );
    h.send(barOf(10));
    fn(inner as StrategyContext, () => h);
  };

  it('makes every order type', () => {
    withPlace(({ place }) => {
      const request = { side: 'sell', quantity: '1.5' } as const;
      expect(
        [
          place.market(request),
          place.limit({ ...request, limitPrice: '10.01', timeInForce: 'day' }),
          place.stop({ ...request, stopPrice: 8 }),
          place.stopLimit({ ...request, stopPrice: 8, limitPrice: 7 }),
          place.trailingStop({ ...request, offset: '0.5' }),
          place.limit({ ...request, limitPrice: 1, expireAt: 99 }),
        ].map(intentText),
      ).toStrictEqual([
        'sell 1.5 TEST market',
        'sell 1.5 TEST limit limit 10.01 day',
        'sell 1.5 TEST stop stop 8',
        'sell 1.5 TEST stop_limit stop 8 limit 7',
        'sell 1.5 TEST trailing_stop trail 0.5 price',
        'sell 1.5 TEST limit limit 1 gtd',
      ]);
    });
  });

  it('replaces and cancels by key and refuses unknown keys', () => {
    withPlace(({ place, state }) => {
      expect(state.openOrders().map((o) => o.orderKey)).toStrictEqual(['test-1']);
      const replaced = place.replace('test-1', { limitPrice: 8 });
      expect([
        replaced.action,
        replaced.orderKey,
        replaced.quantity.toString(),
        replaced.limitPrice?.toString(),
        replaced.tag,
      ]).toStrictEqual(['replace', 'test-1', '3', '8', 'entry']);
      expect(place.cancelAll().map(intentText)).toStrictEqual(['cancel test-1']);
      expect(() => place.cancel('test-7')).toThrow('there is no order test-7');
    });
  });

  it('moves to a target counting what is working, and flattens', () => {
    withPlace(({ place }, h) => {
      expect(place.target(10).map(intentText)).toStrictEqual(['buy 7 TEST market']);
      expect(place.target(3)).toStrictEqual([]);
      h().send(fillOf('test-1', 'buy', 1, 9));
      expect(place.target(-2).map(intentText)).toStrictEqual(['sell 5 TEST market']);
      const flat = place.flatten();
      expect(flat.map(intentText)).toStrictEqual(['cancel test-1', 'sell 1 TEST market']);
      expect(flat[1]?.reduceOnly).toBe(true);
    });
  });

  it('sizes holdings with buffer and fee', () => {
    const fee = { perUnit: '0.005', minimum: 1 };
    const quantity = holdingsQuantity({
      equity: dec(100_000),
      price: dec('144.763'),
      fraction: 1,
      buffer: '0.0025',
      fee,
    });
    expect(quantity.toString()).toBe('689');
    expect(
      holdingsQuantity({ equity: dec(1000), price: dec(10), fraction: -0.5, lot: dec('0.1') }).toString(),
    ).toBe('-50');
    expect(holdingsQuantity({ equity: dec(5), price: dec(10), fraction: 1 })).toStrictEqual(ZERO);
    expect(
      holdingsQuantity({
        equity: dec(102),
        price: dec(10),
        fraction: 1,
        fee: { perUnit: 0, minimum: 3 },
      }).toString(),
    ).toBe('9');
    withPlace(({ place }) => {
      expect(place.setHoldings(1, { buffer: '0.0025', fee }).map(intentText)).toStrictEqual([
        'buy 9967 TEST market',
      ]);
    });
  });
});

describe('fromCallbacks', () => {
  const params = z.object({});
  const base = { name: 'cb', version: '1', params } as const;
  const make = (callbacks: Partial<CallbackStrategy<typeof params>>) =>
    fromCallbacks({ ...base, ...callbacks });

  it('fires every callback, with engine time', () => {
    const seen: string[] = [];
    const note =
      (name: string) =>
      (...args: unknown[]) => {
        const context = args[args.length - 1] as StrategyContext;
        seen.push(`${name}@${(context.at() - 1_000_000) / 1000}`);
      };
    const definition = make({
      timer: { every: '40ms' },
      endOfDay: { time: '19:00', zone: 'America/New_York' },
      onStart: (context) => {
        note('start')(context);
        return context.place.market({ side: 'buy', quantity: 1, instrument: 'TEST' });
      },
      onBar: note('bar'),
      onTick: note('tick'),
      onQuote: note('quote'),
      onBook: note('book'),
      onOrderUpdate: note('order'),
      onFill: note('fill'),
      onRegimeChange: note('regime'),
      onTimer: note('timer'),
      onEndOfDay: note('eod'),
      onStop: note('stop'),
    });
    const h: Harness = harness(definition);
    const at = (ms: number): number => 1_000_000 + ms * 1000;
    h.send(barOf(10), at(10));
    h.send(tradeOf(10), at(20));
    h.send(quoteOf(9, 11), at(30));
    h.send(makeBook('t', 0, 'TEST', 0, true, [], [], 1, 1, 0), at(50));
    h.send(fillOf('test-1', 'buy', 1, 10), at(60));
    h.send(makeRegime(0, 'TEST', 0, 'bull', '', 1, 'd'), at(70));
    expect(seen).toStrictEqual([
      'start@0',
      'bar@10',
      'tick@20',
      'quote@30',
      'timer@40',
      'book@50',
      'order@60',
      'fill@60',
      'regime@70',
    ]);
    expect(h.texts()).toStrictEqual(['buy 1 TEST market']);
    h.complete();
    expect(seen.at(-1)).toBe('stop@70');
  });

  it('fires onEndOfDay each day at local time', () => {
    const days: string[] = [];
    const scheduler = new EventScheduler();
    scheduler.at = Date.parse('2024-03-08T12:00:00Z') * 1000;
    const context: TestContext = testContext({ scheduler });
    const definition = make({
      endOfDay: { time: '16:00', zone: 'America/New_York' },
      onEndOfDay: (c) => void days.push(new Date(c.at() / 1000).toISOString()),
    });
    NEVER.pipe(strategy(definition, {})(context)).subscribe();
    for (let k = 0; k < 3; k++) {
      scheduler.at = scheduler.nextDue();
      scheduler.fire(scheduler.at);
    }
    expect(days).toStrictEqual([
      '2024-03-08T21:00:00.000Z',
      '2024-03-09T21:00:00.000Z',
      '2024-03-10T20:00:00.000Z',
    ]);
  });

  it('isolates a throw: state is kept, the next callback comes', () => {
    let bars = 0;
    const h: Harness = harness(
      make({
        onBar: (_bar, context) => {
          if (++bars === 2) throw new Error('second');
          context.submit(context.place.market({ side: 'buy', quantity: bars }));
        },
      }),
    );
    for (let i = 0; i < 3; i++) h.send(barOf(10));
    expect(h.texts()).toStrictEqual(['buy 1 TEST market', 'buy 3 TEST market']);
    expect(h.handle.stats.errors).toBe(1);
  });

  it('stops calling a disabled strategy', () => {
    let calls = 0;
    const h: Harness = harness(
      make({
        onBar: () => {
          calls++;
          throw new Error('always');
        },
      }),
      { maxErrors: 2 },
    );
    for (let i = 0; i < 5; i++) h.send(barOf(10));
    expect(calls).toBe(2);
    expect(h.handle.stats.enabled).toBe(false);
  });

  it('makes callbacks with state per run and says what a timer lacks', () => {
    const h: Harness = harness(
      make({
        create: () => {
          let n = 0;
          return { onBar: (_b, c) => c.place.market({ side: 'buy', quantity: ++n }) };
        },
      }),
    );
    h.send(barOf(1));
    h.send(barOf(1));
    expect(h.texts()).toStrictEqual(['buy 1 TEST market', 'buy 2 TEST market']);
    const bad: Harness = harness(make({ onTimer: () => undefined }), { maxErrors: 1 });
    expect((bad.context.recorded[0] as LogEvent).message).toContain('onTimer needs timer');
  });
});

describe('defineStrategy', () => {
  it('marks strategies and refuses what is none', () => {
    expect(isStrategy(define(() => EMPTY))).toBe(true);
    expect(isStrategy({ name: 'x', run: () => EMPTY })).toBe(false);
    expect(() => defineStrategy({ name: '', version: '1', params: z.object({}), run: () => EMPTY })).toThrow(
      'name must be a non-empty text',
    );
    expect(() =>
      defineStrategy({ name: 'a', version: '1', params: undefined as never, run: () => EMPTY }),
    ).toThrow('params must be a zod object');
  });
});
