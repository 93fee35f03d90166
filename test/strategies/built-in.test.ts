import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/model/record.js';
import { emaCross } from '../../src/strategies/index.js';
import { barOf, fillOf, quoteOf, strategyTest } from '../../src/testing/index.js';
import { marbles } from '../support/marbles.js';
import { closes, run } from './rig.js';

describe('ema-cross', () => {
  it(
    'buys when the fast average crosses above',
    strategyTest(marbles, emaCross, {
      params: { fast: 1, slow: 3, quantity: '0.5' },
      market: 'abcde-|',
      values: { a: 10, b: 9, c: 8, d: 12, e: 13 },
      orders: '---x--|',
      intents: { x: 'buy 0.5 TEST market' },
    }),
  );

  it('goes flat below, or short', () => {
    for (const [mode, text] of [
      ['long_flat', 'sell 2 TEST market'],
      ['long_short', 'sell 4 TEST market'],
    ] as const) {
      const s = run('ema-cross', { fast: 1, slow: 3, quantity: 2, mode });
      s.send(...closes(10, 9, 8, 12), fillOf('test-1', 'buy', 2, 12), ...closes(5));
      expect(s.out).toStrictEqual(['buy 2 TEST market', text]);
      expect(s.handle.stats.errors).toBe(0);
    }
  });

  it('follows quotes by their mid, each instrument for itself, and skips a missing side', () => {
    const s = run('ema-cross', { fast: 1, slow: 2, quantity: 1, on: 'quotes' });
    const at = (mid: number, ix: number): Event =>
      quoteOf(mid - 1, mid + 1, { ix, instrument: ix === 0 ? 'TEST' : 'SECOND' });
    s.send(at(10, 0), at(50, 1), at(9, 0), at(49, 1), quoteOf(NaN, 100), at(8, 0), at(60, 1), at(60, 0));
    expect(s.out).toStrictEqual(['buy 1 SECOND market', 'buy 1 TEST market']);
  });

  it('acts at the first side when asked to, sized by equity', () => {
    const s = run('ema-cross', { fast: 1, slow: 2, start: 'side', fraction: 0.5, fee_fraction: '0.001' });
    s.send(...closes(10, 12));
    // Half of 100,000 over 12 x 1.001.
    expect(s.out).toStrictEqual(['buy 4162 TEST market']);
  });

  it('begins with the mean of the first period, or at the first value', () => {
    const prices = closes(10, 20, 9, 14);
    // Fast 10, 15, 11, 13; slow (mean of three) 13, 13.5: never above.
    const mean = run('ema-cross', { fast: 2, slow: 3, start: 'side', quantity: 1 });
    mean.send(...prices);
    expect(mean.out).toStrictEqual([]);
    // Fast 10, 16.7, 11.6, 13.2; slow 10, 15, 12, 13: above at last.
    const first = run('ema-cross', { fast: 2, slow: 3, start: 'side', seed: 'first', quantity: 1 });
    first.send(...prices);
    expect(first.out).toStrictEqual(['buy 1 TEST market']);
  });

  it('wants one size', () => {
    const { params } = emaCross;
    for (const given of [{}, { quantity: 1, fraction: 1 }])
      expect(params.safeParse(given).error?.issues[0]?.message).toBe(
        'give exactly one of quantity and fraction',
      );
  });
});

describe('buy-and-hold', () => {
  it('buys each instrument once, at its first price', () => {
    const s = run('buy-and-hold', {
      fraction: '0.5',
      buffer: '0.0025',
      fee_per_unit: '0.005',
      fee_minimum: 1,
    });
    s.send(quoteOf(9, 11), ...closes(100, 110), barOf(50, { ix: 1, instrument: 'SECOND' }));
    expect(s.out).toStrictEqual(['buy 498 TEST market', 'buy 997 SECOND market']);
  });
});

describe('stop-on-fill', () => {
  it('protects each fill of the entry at its price plus offset', () => {
    const s = run('stop-on-fill', { side: 'sell', quantity: 100, offset: '-2' });
    s.send(
      ...closes(145, 146),
      fillOf('test-1', 'sell', 60, '144.77'),
      fillOf('test-1', 'sell', 40, '144.8', { execId: 'b' }),
    );
    expect(s.out).toStrictEqual([
      'sell 100 TEST market',
      'buy 60 TEST stop stop 142.77',
      'buy 40 TEST stop stop 142.8',
    ]);
  });
});

describe('trailing-stop', () => {
  it('leaves by a trailing stop when the entry has filled whole', () => {
    const s = run('trailing-stop', { quantity: 100, entry_trail: 2, exit_trail: '0.5' });
    s.send(...closes(145), fillOf('test-1', 'buy', 60, 144), ...closes(145));
    expect(s.out).toStrictEqual(['buy 100 TEST trailing_stop trail 2 price']);
    s.send(fillOf('test-1', 'buy', 40, 144, { execId: 'b' }), fillOf('test-2', 'sell', 100, 144));
    expect(s.out).toStrictEqual([
      'buy 100 TEST trailing_stop trail 2 price',
      'sell 100 TEST trailing_stop trail 0.5 price',
    ]);
  });
});
