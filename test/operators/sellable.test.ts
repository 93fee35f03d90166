import { describe, expect, it } from 'vitest';
import { dec } from '../../src/model/decimal.js';
import { InstrumentTable, type InstrumentInput } from '../../src/model/instruments.js';
import { sellable } from '../../src/operators/sellable.js';
import type { StateView } from '../../src/state/view.js';
import { State } from '../../src/state/state.js';
import { fillOf } from '../../src/testing/index.js';

const btc: InstrumentInput = {
  symbol: 'TEST',
  assetClass: 'crypto_spot',
  base: 'BTC',
  quote: 'USD',
  lotSize: '0.0001',
};

/** State after a buy of 0.05 whose fee was taken in the coin. */
function bought(instrument: InstrumentInput): { readonly state: StateView; readonly table: InstrumentTable } {
  const table = new InstrumentTable([instrument]);
  const state = new State(
    { baseCurrency: 'USD', accounts: [{ name: 'test', cash: { USD: 10_000 } }] },
    table,
  );
  const fill = fillOf('c1', 'buy', '0.05', 100, { fee: '0.00005' });
  state.setTurn(1, 1);
  state.apply({ ...fill, fill: { ...fill.fill!, feeCurrency: 'BTC' } });
  return { state, table };
}

describe('sellable', () => {
  it('is whole lots of what is there, when the fee was taken in the coin', () => {
    const { state, table } = bought(btc);
    expect(state.portfolio.position('test', 0)?.quantity.toString()).toBe('0.05');
    expect(sellable(state, 'test', table.at(0)!, dec('0.05')).toString()).toBe('0.0499');
    expect(sellable(state, 'test', table.at(0)!, dec('0.03')).toString()).toBe('0.03');
  });

  it('is the position where coins are not what is sold, and for an account nobody knows', () => {
    const { state, table } = bought({ ...btc, assetClass: 'crypto_perp' });
    expect(sellable(state, 'test', table.at(0)!, dec('0.05')).toString()).toBe('0.05');
    const spot = bought(btc);
    expect(sellable(spot.state, 'other', spot.table.at(0)!, dec('0.05')).toString()).toBe('0.05');
  });
});
