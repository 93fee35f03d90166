import { describe, expect, it } from 'vitest';
import { makeRegime } from '../../src/model/make.js';
import { bollingerBreakout, macdTrend, rsiReversion } from '../../src/strategies/index.js';
import { barOf, fillOf, quoteOf, strategyTest, tradeOf } from '../../src/testing/index.js';
import { marbles } from '../support/marbles.js';
import { closes, run } from './rig.js';

describe('rsi-reversion', () => {
  it(
    'buys what is oversold and is flat when it is overbought',
    strategyTest(marbles, rsiReversion, {
      params: { period: 2, quantity: 3 },
      market: 'abcdefg|',
      // Falls only: RSI 0. Then rises: 50, 80 at last.
      values: { a: 10, b: 9, c: 8, d: 8.5, e: 9, f: 10, g: 11 },
      orders: '--x--y-|',
      intents: { x: 'buy 3 TEST market', y: 'sell 3 TEST market' },
    }),
  );

  it('goes short at the other extreme, and leaves at the exit level', () => {
    const s = run('rsi-reversion', { period: 2, quantity: 3, mode: 'long_short', exit: 50 });
    s.send(...closes(10, 9, 8), fillOf('test-1', 'buy', 3, 8));
    expect(s.out).toStrictEqual(['buy 3 TEST market']);
    // Wilder's averages of two: gains 1, losses 0.5: RSI 66.7, past the exit.
    s.send(...closes(10), fillOf('test-2', 'sell', 3, 10));
    expect(s.out).toStrictEqual(['buy 3 TEST market', 'sell 3 TEST market']);
    // Gains 1.5, losses 0.25: RSI 85.7.
    s.send(...closes(12));
    expect(s.out.slice(2)).toStrictEqual(['sell 3 TEST market']);
  });

  it('wants its levels in order', () => {
    const given = rsiReversion.params.safeParse({ quantity: 1, oversold: 70, overbought: 30 });
    expect(given.error?.issues[0]?.message).toBe('oversold must be below overbought');
  });
});

describe('macd-trend', () => {
  it(
    'is long while the line is above its signal',
    strategyTest(marbles, macdTrend, {
      params: { fast: 1, slow: 2, signal: 2, quantity: 1 },
      market: 'abcdef|',
      // Line from b: 0.5, 0.5, then it grows with the rise and falls with the fall.
      values: { a: 10, b: 11, c: 12, d: 15, e: 14, f: 10 },
      orders: '---xy-|',
      intents: { x: 'buy 1 TEST market', y: 'sell 1 TEST market' },
    }),
  );

  it('does nothing inside the tolerance', () => {
    const s = run('macd-trend', { fast: 1, slow: 2, signal: 2, quantity: 1, tolerance: 0.5 });
    s.send(...closes(10, 11, 12, 15, 14, 10));
    expect(s.out).toStrictEqual([]);
  });
});

describe('bollinger-breakout', () => {
  it(
    'judges a close against the bands of the bars before it',
    strategyTest(marbles, bollingerBreakout, {
      params: { period: 2, width: 1, quantity: 2, mode: 'long_short' },
      market: 'abcd|',
      // Bands after a and b: 10 to 12. c is above; d is below the bands 12 to 14 of b and c.
      values: { a: 10, b: 12, c: 14, d: 9 },
      orders: '--xy|',
      intents: { x: 'buy 2 TEST market', y: 'sell 4 TEST market' },
    }),
  );

  it('leaves at a close back through the middle', () => {
    const s = run('bollinger-breakout', { period: 2, width: 3, quantity: 2 });
    // Bands 8 to 14 (middle 11); 15 breaks out; then bands 9 to 18 (13.5): 13 is inside and below the middle.
    s.send(...closes(10, 12, 15), fillOf('test-1', 'buy', 2, 15), ...closes(13));
    expect(s.out).toStrictEqual(['buy 2 TEST market', 'sell 2 TEST market']);
  });
});

describe('regime-switch', () => {
  it('holds what the regime allows, of one instrument or of all', () => {
    const s = run('regime-switch', { exposure: { bull: 1, neutral: 0.5 } });
    const regime = (name: string, instrument: string, ix: number) =>
      makeRegime(0, instrument, ix, name, '', 1, 'test');
    s.send(tradeOf(100), tradeOf(50, 1, { instrument: 'SECOND', ix: 1 }), regime('neutral', '', -1));
    expect(s.out).toStrictEqual(['buy 500 TEST market', 'buy 1000 SECOND market']);
    s.send(
      fillOf('test-1', 'buy', 500, 100),
      fillOf('test-2', 'buy', 1000, 50, { instrument: 'SECOND', ix: 1 }),
    );
    s.send(regime('crisis', 'SECOND', 1));
    expect(s.out.slice(2)).toStrictEqual(['sell 1000 SECOND market']);
  });
});

describe('guard', () => {
  const bought = [tradeOf(100), fillOf('other-1', 'buy', 5, 100)];

  it('closes a position at a loss, once', () => {
    const s = run('guard', { stop_loss: 0.02 });
    s.send(...bought, quoteOf(98.5, 99), quoteOf(98, 99), quoteOf(97, 98));
    expect(s.out).toStrictEqual(['sell 5 TEST market']);
  });

  it('asks again when its order was not filled whole', () => {
    const s = run('guard', { stop_loss: 0.02 });
    s.send(
      ...bought,
      ...closes(97),
      fillOf('test-1', 'sell', 5, 97),
      fillOf('other-2', 'buy', 2, 97),
      ...closes(90),
    );
    expect(s.out).toStrictEqual(['sell 5 TEST market', 'sell 2 TEST market']);
  });

  it('takes a profit, and guards a short position too', () => {
    const s = run('guard', { take_profit: 0.1 });
    s.send(tradeOf(100), fillOf('other-1', 'sell', 5, 100), quoteOf(89, 91), quoteOf(89, 90));
    expect(s.out).toStrictEqual(['buy 5 TEST market']);
  });

  it('follows the best price since the entry', () => {
    const s = run('guard', { trailing: 0.05 });
    s.send(...bought, ...closes(110, 105, 120, 115, 114));
    expect(s.out).toStrictEqual(['sell 5 TEST market']);
  });

  it('does not judge without a price, nor without a position', () => {
    const s = run('guard', { stop_loss: 0.02 });
    s.send(quoteOf(1, 2), tradeOf(100), fillOf('other-1', 'buy', 5, 100), quoteOf(NaN, 99), barOf(99));
    expect(s.out).toStrictEqual([]);
    expect(s.handle.stats.errors).toBe(0);
  });
});
