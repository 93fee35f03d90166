import { map } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineStrategy } from '../../src/operators/strategy/definition.js';
import { makeMark } from '../../src/model/make.js';
import {
  barOf,
  fillOf,
  makeMarbles,
  quoteOf,
  strategyTest,
  testContext,
  tradeOf,
} from '../../src/testing/index.js';
import { marbles } from '../support/marbles.js';

const echo = defineStrategy({
  name: 'echo',
  version: '1',
  params: z.object({ quantity: z.number().default(1) }),
  run: ({ trades$, place }, { quantity }) =>
    trades$.pipe(map((t) => place.limit({ side: 'buy', quantity, limitPrice: t.price }))),
});

describe('testing kit', () => {
  it(
    'tests a strategy in one diagram, with trades, quotes and bars by short values',
    strategyTest(marbles, echo, {
      params: { quantity: 2 },
      market: 'aqbt|',
      values: { a: 10, q: { bid: 1, ask: 2 }, b: { price: 5 }, t: { price: 6, size: 3 } },
      orders: '--xy|',
      intents: { x: 'buy 2 TEST limit limit 5', y: 'buy 2 TEST limit limit 6' },
    }),
  );

  it('hands actual and expected to the given assertion, so that a wrong diagram fails', () => {
    const own = makeMarbles((actual, expected) => expect(actual).toStrictEqual(expected));
    const wrong = strategyTest(own, echo, {
      market: 'a|',
      values: { a: { price: 5 } },
      orders: 'x|',
      intents: { x: 'buy 9 TEST market' },
    });
    expect(wrong).toThrow('strictly equal');
  });

  it('keeps what an operator recorded, emitted and halted, and runs flushes at the end of a turn', () => {
    const context = testContext({ scheduler: new TestScheduler(() => undefined) });
    const flushed: number[] = [];
    const hook = context.endOfTurn(() => flushed.push(context.state.seq));
    hook.touch();
    hook.touch();
    context.turn(quoteOf(9, 11));
    context.record(makeMark('TEST', 0, 'x', 1, ''));
    context.emit('late', tradeOf(1));
    context.halt('INVARIANT', 'why');
    expect(flushed).toStrictEqual([1]);
    expect([context.recorded.length, context.emitted[0]?.port, context.halts]).toStrictEqual([
      1,
      'late',
      [{ code: 'INVARIANT', reason: 'why' }],
    ]);
    expect(context.random()).not.toBe(context.random());
  });

  it('keeps positions, cash and equity by the fills', () => {
    const { state } = testContext({ scheduler: new TestScheduler(() => undefined), cash: 1000 });
    state.apply(barOf(12));
    state.apply(fillOf('o', 'buy', 10, 11, { fee: 1 }));
    expect([
      state.portfolio.cash('test', 'USD').toString(),
      state.portfolio.equity()?.toString(),
      state.portfolio.position('test', 0)?.quantity.toString(),
    ]).toStrictEqual(['889', '1009', '10']);
    state.apply(fillOf('o2', 'sell', 10, 12));
    expect(state.portfolio.equity()?.toString()).toBe('1009');
  });
});
