import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/record.js';
import { pairsSpread, twap, vwap } from '../../src/strategies/index.js';
import { barOf, fillOf, quoteOf, strategyTest } from '../../src/testing/index.js';
import { marbles } from '../support/marbles.js';
import { closes, run } from './rig.js';

const instruments = [{ symbol: 'TEST', lotSize: 1, tickSize: '0.5' }];

describe('twap', () => {
  it(
    'orders equal slices from the first price on; the last takes the rest',
    strategyTest(marbles, twap, {
      params: { side: 'buy', quantity: 10, seconds: 0.009, slices: 3 },
      instruments,
      market: 'a----------|',
      values: { a: 100 },
      orders: 'x--y--z----|',
      intents: { x: 'buy 3 TEST market', y: 'buy 3 TEST market', z: 'buy 4 TEST market' },
    }),
  );

  it(
    'replaces a limit order that still rests, with all that is due',
    strategyTest(marbles, twap, {
      params: { side: 'sell', quantity: 10, seconds: 0.006, slices: 2, offset: 1 },
      instruments,
      market: 'a-b----|',
      values: { a: { bid: 100, ask: 101 }, b: { bid: 98, ask: 99 } },
      orders: 'x--y---|',
      intents: { x: 'sell 5 TEST limit limit 99', y: 'replace test-1 sell 10 TEST limit limit 97' },
    }),
  );
});

describe('vwap', () => {
  it(
    'follows the profile and makes up for what was lost',
    strategyTest(marbles, vwap, {
      params: { side: 'buy', quantity: 100, seconds: 0.009, profile: [5, 3, 2] },
      instruments,
      market: 'a----------|',
      values: { a: 100 },
      orders: 'x--y--z----|',
      intents: { x: 'buy 50 TEST market', y: 'buy 30 TEST market', z: 'buy 20 TEST market' },
    }),
  );
});

describe('grid', () => {
  it('rests buys below the first price, and answers each fill one level further', () => {
    const s = run('grid', { instrument: 'TEST', step: 1, levels: 2, quantity: 5 });
    s.send(...closes(100));
    expect(s.out).toStrictEqual(['buy 5 TEST limit limit 99', 'buy 5 TEST limit limit 98']);
    s.send(fillOf('test-1', 'buy', 2, 99), fillOf('test-1', 'buy', 3, 99, { execId: 'b' }));
    expect(s.out.slice(2)).toStrictEqual(['sell 5 TEST limit limit 100']);
    s.send(fillOf('test-3', 'sell', 5, 100), fillOf('test-3', 'sell', 5, 100));
    expect(s.out.slice(3)).toStrictEqual(['buy 5 TEST limit limit 99']);
  });

  it('begins on both sides when asked to', () => {
    const s = run('grid', { instrument: 'TEST', step: 2, levels: 1, quantity: 1, sides: 'both', centre: 50 });
    s.send(quoteOf(99, 101));
    expect(s.out).toStrictEqual(['buy 1 TEST limit limit 48', 'sell 1 TEST limit limit 52']);
  });
});

describe('pairs-spread', () => {
  const params = { first: 'TEST', second: 'SECOND', quantity: 10, ratio: 2, window: 3, entry: 2, exit: 0.5 };
  let start = 0;
  const pair = (one: number, two: number): Event[] => {
    start += 60_000_000;
    return [barOf(one, { start }), barOf(two, { start, instrument: 'SECOND', ix: 1 })];
  };

  it('sells the dear leg and buys the cheap one, and leaves near the mean', () => {
    const s = run('pairs-spread', params);
    s.send(...pair(101, 50), ...pair(99, 50), ...pair(100, 50), ...pair(104, 50));
    expect(s.out).toStrictEqual(['sell 10 TEST market', 'buy 20 SECOND market']);
    s.send(
      fillOf('test-1', 'sell', 10, 104),
      fillOf('test-2', 'buy', 20, 50, { instrument: 'SECOND', ix: 1 }),
    );
    s.send(...pair(101, 50));
    expect(s.out.slice(2)).toStrictEqual(['buy 10 TEST market', 'sell 20 SECOND market']);
  });

  it('waits for both legs', () => {
    const s = run('pairs-spread', params);
    s.send(...pair(101, 50), ...pair(99, 50), ...pair(100, 50), barOf(150, { start: start + 60_000_000 }));
    expect(s.out).toStrictEqual([]);
  });

  it('wants its levels in order', () => {
    const given = pairsSpread.params.safeParse({ ...params, exit: 3 });
    expect(given.error?.issues[0]?.message).toBe('exit must be below entry');
  });
});

describe('market-maker', () => {
  const params = { instrument: 'TEST', quantity: 1, half_spread: 1, max_position: 2, skew: 1 };

  it('quotes both sides and leans against its position', () => {
    const s = run('market-maker', params);
    s.send(quoteOf(99, 101));
    expect(s.out).toStrictEqual(['buy 1 TEST limit limit 99', 'sell 1 TEST limit limit 101']);
    s.send(quoteOf(99, 101));
    expect(s.out.length).toBe(2);
  });

  it('takes away the side that would enlarge a full position', () => {
    const s = run('market-maker', { ...params, max_position: 1, skew: 0 });
    s.send(quoteOf(99, 101), fillOf('test-1', 'buy', 1, 99), quoteOf(99, 101));
    expect(s.out).toStrictEqual(['buy 1 TEST limit limit 99', 'sell 1 TEST limit limit 101']);
    s.send(fillOf('test-2', 'sell', 1, 101), quoteOf(100, 102));
    expect(s.out.slice(2)).toStrictEqual(['buy 1 TEST limit limit 100', 'sell 1 TEST limit limit 102']);
  });

  it('makes no quotes in a one-sided market', () => {
    const s = run('market-maker', params);
    s.send(quoteOf(NaN, 101), quoteOf(101, 101));
    expect(s.out).toStrictEqual([]);
  });
});
