import { describe, expect, it } from 'vitest';
import { exitsForPositions } from '../../../src/engine/kill/exits.js';
import { GLOBAL } from '../../../src/model/scope.js';
import { Bench, fillOf, intentOf, report, T0 } from '../../state/support.js';
import { makeTrade } from '../../../src/model/make.js';

const exits = (bench: Bench): readonly string[] =>
  exitsForPositions(bench.state, GLOBAL, 7, 'out', () => 'sim').intents.map(
    ({ intent }) => `${intent.side} ${intent.quantity.toString()}`,
  );

describe('exits', () => {
  it('sell what is there of a coin whose fees were taken from it, not what was bought', () => {
    const bench = new Bench({}, [
      {
        symbol: 'BTCUSDT',
        venue: 'sim',
        assetClass: 'crypto_spot',
        base: 'BTC',
        quote: 'USDT',
        lotSize: '0.001',
      },
    ]);
    bench.apply(makeTrade('t', T0, 'BTCUSDT', 0, 100, 1, 0, ''));
    bench.working().apply(report('fill', { execId: 'e1', fill: fillOf(10, 100, '0.01', 'BTC') }));
    expect(bench.state.portfolio.owned('main', 'BTC').toString()).toBe('9.99');
    expect(exits(bench)).toEqual(['sell 9.99']);
  });

  it('do not sell again what an order of unknown fate may have sold', () => {
    const bench = new Bench();
    bench.working().fill('e1', 10);
    const sell = intentOf('new', { orderKey: 'k2', side: 'sell', quantity: intentOf('new').quantity.div(2) });
    bench.approve(sell).dispatch(sell, 'c2').outcome('c2', 'new', 'unknown', 'k2');
    expect(exits(bench)).toEqual(['sell 5']);
    bench.apply(report('rejected', { clientOrderId: 'c2' }));
    expect(exits(bench)).toEqual(['sell 10']);
  });
});
