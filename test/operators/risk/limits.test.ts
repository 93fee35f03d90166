import { describe, expect, it } from 'vitest';
import { dec } from '../../../src/model/decimal.js';
import {
  marginCovered,
  maxGrossExposure,
  maxLeverage,
  maxNetExposure,
} from '../../../src/operators/risk/account-limits.js';
import { cashCovered } from '../../../src/operators/risk/cash.js';
import { correlationExposure, correlationOf } from '../../../src/operators/risk/correlation.js';
import { industryExposure, sectorExposure } from '../../../src/operators/risk/groups.js';
import type { RiskLimits } from '../../../src/operators/risk/limits.js';
import { maxOrderQuantity, maxOrderValue } from '../../../src/operators/risk/order-size.js';
import { maxPosition, maxPositionPercent, shortAllowed } from '../../../src/operators/risk/position.js';
import type { RiskCheck } from '../../../src/operators/risk/check.js';
import { BTC, ETH, TestState, intentOf, orderOf, type IntentInput } from '../../support/state-view.js';
import { ask } from './judge.js';

const usdt = (amount: number): { amount: ReturnType<typeof dec>; currency: string } => ({
  amount: dec(amount),
  currency: 'USDT',
});
const eth = { instrument: 'ETHUSDT', ix: 1 };
const within =
  (check: RiskCheck, limits: RiskLimits) =>
  (state: TestState, input: IntentInput): string =>
    ask(check, state, intentOf(input), { limits });

describe('size of one order', () => {
  it('in units', () => {
    const max = within(maxOrderQuantity, { max_order_quantity: dec(2) });
    expect(max(new TestState(), { quantity: 2 })).toBe('ok');
    expect(max(new TestState(), { quantity: '2.001' })).toBe('MAX_ORDER_QUANTITY: quantity=2.001 limit=2');
    expect(max(new TestState(), { quantity: NaN })).toBe(
      'NOT_A_NUMBER: check=max_order_quantity value=quantity',
    );
  });

  it('in money, at the touch for a market order', () => {
    const max = within(maxOrderValue, { max_order_value: usdt(1010) });
    expect(max(new TestState(), { quantity: 10 })).toBe('ok');
    expect(max(new TestState(), { quantity: 11 })).toBe(
      'MAX_ORDER_VALUE: value=1111 limit=1010 currency=USDT',
    );
    expect(max(new TestState(), { quantity: 11, side: 'sell', limitPrice: 1 })).toBe(
      'MAX_ORDER_VALUE: value=1089 limit=1010 currency=USDT',
    );
  });

  it('closing a position is not held back', () => {
    const state = new TestState().hold('BTCUSDT', 50);
    expect(within(maxOrderValue, { max_order_value: usdt(10) })(state, { side: 'sell', quantity: 50 })).toBe(
      'ok',
    );
    expect(within(maxOrderValue, { max_order_value: usdt(10) })(state, { side: 'sell', quantity: 51 })).toBe(
      'MAX_ORDER_VALUE: value=5049 limit=10 currency=USDT',
    );
  });

  it('converts other currencies, or denies without a rate', () => {
    const state = new TestState();
    const max = within(maxOrderValue, { max_order_value: { amount: dec(100), currency: 'EUR' } });
    expect(max(state, {})).toBe('NO_EXCHANGE_RATE: from=EUR to=USDT');
    state.rates.set('EUR', dec('1.1'));
    expect(max(state, {})).toBe('ok');
    state.rates.set('EUR', dec('1'));
    expect(max(state, {})).toBe('MAX_ORDER_VALUE: value=101 limit=100 currency=USDT');
    state.rates.set('EUR', dec(NaN));
    expect(max(state, {})).toBe('NOT_A_NUMBER: check=max_order_value value=rate');
  });

  it('takes the smaller of the configured and the run-time limit', () => {
    const state = new TestState();
    const max = within(maxOrderQuantity, { max_order_quantity: dec(2) });
    state.limits.set('max_order_quantity', dec(5));
    expect(max(state, { quantity: 3 })).toBe('MAX_ORDER_QUANTITY: quantity=3 limit=2');
    state.limits.set('max_order_quantity.BTCUSDT', dec(1));
    expect(max(state, { quantity: 2 })).toBe('MAX_ORDER_QUANTITY: quantity=2 limit=1');
    expect(within(maxOrderQuantity, {})(state, { quantity: 2 })).toBe(
      'MAX_ORDER_QUANTITY: quantity=2 limit=1',
    );
    expect(max(state, { ...eth, quantity: 2 })).toBe('ok');
  });

  it('takes an instrument’s own limit over the general one', () => {
    const max = within(maxOrderQuantity, {
      max_order_quantity: dec(2),
      instruments: { BTCUSDT: { max_order_quantity: dec(5) } },
    });
    expect(max(new TestState(), { quantity: 5 })).toBe('ok');
    expect(max(new TestState(), { ...eth, quantity: 5 })).toBe('MAX_ORDER_QUANTITY: quantity=5 limit=2');
  });
});

describe('position', () => {
  const max = within(maxPosition, { max_position: dec(3) });

  it('counts working orders of the side and not those of the other', () => {
    const state = new TestState().hold('BTCUSDT', 1);
    state.put(orderOf(intentOf({ limitPrice: 90 }), 90, 'accepted'));
    state.put(orderOf(intentOf({ side: 'sell', limitPrice: 120 }), 120, 'accepted'));
    expect(max(state, { quantity: 1 })).toBe('ok');
    expect(max(state, { quantity: '1.001' })).toBe('MAX_POSITION: position=1 working=1 order=1.001 limit=3');
  });

  it('does not count a sell that reduces as added', () => {
    const state = new TestState().hold('BTCUSDT', 3);
    expect(max(state, { side: 'sell', quantity: 6 })).toBe('ok');
    expect(max(state, { side: 'sell', quantity: '6.001' })).toBe(
      'MAX_POSITION: position=3 working=0 order=6.001 limit=3',
    );
  });

  it('lets a position above a tightened limit go down, and not around', () => {
    const state = new TestState().hold('BTCUSDT', 3);
    state.limits.set('max_position', dec(1));
    expect(max(state, { side: 'sell', quantity: 3 })).toBe('ok');
    expect(max(state, { side: 'sell', quantity: 5 })).toBe(
      'MAX_POSITION: position=3 working=0 order=5 limit=1',
    );
    expect(max(state, { quantity: '0.001' })).toBe('MAX_POSITION: position=3 working=0 order=0.001 limit=1');
  });

  it('replaces its own order instead of adding to it', () => {
    const state = new TestState();
    state.put({
      ...orderOf(intentOf({ orderKey: 'a', quantity: 3, limitPrice: 90 }), 90, 'accepted'),
      filled: dec(1),
    });
    state.hold('BTCUSDT', 1);
    const replace = { action: 'replace', orderKey: 'a', limitPrice: 91 } as const;
    expect(max(state, { ...replace, quantity: 3 })).toBe('ok');
    expect(max(state, { ...replace, quantity: 4 })).toBe(
      'MAX_POSITION: position=1 working=0 order=3 limit=3',
    );
  });

  it('as a part of equity', () => {
    const percent = within(maxPositionPercent, { max_position_percent: dec('0.1') });
    const state = new TestState();
    expect(percent(state, { quantity: 99 })).toBe('ok');
    expect(percent(state, { quantity: 100 })).toBe(
      'MAX_POSITION_PERCENT: value=10100 equity=100000 fraction=0.101 limit=0.1',
    );
    state.money.equity = undefined;
    expect(percent(state, {})).toBe('NO_EQUITY: account=');
    state.money.equity = dec(-5);
    expect(percent(state, {})).toBe('NO_EQUITY: account= equity=-5');
    state.money.equity = dec(NaN);
    expect(percent(state, {})).toBe('NOT_A_NUMBER: check=max_position_percent value=equity');
  });

  it('below zero only where allowed', () => {
    const deny = within(shortAllowed, { short: 'deny' });
    const state = new TestState().hold('BTCUSDT', 1);
    state.put(orderOf(intentOf({ side: 'sell', limitPrice: 120 }), 120, 'accepted'));
    expect(deny(state, { side: 'sell' })).toBe(
      'SHORT_NOT_ALLOWED: instrument=BTCUSDT position=1 projected=-1',
    );
    expect(deny(state, { side: 'sell', type: 'stop', stopPrice: 90, reduceOnly: true })).toBe('ok');
    expect(within(shortAllowed, {})(state, { side: 'sell' })).toBe('ok');
    const unshortable = new TestState([{ ...BTC, shortable: false }]);
    expect(within(shortAllowed, {})(unshortable, { side: 'sell' })).toBe(
      'SHORT_NOT_ALLOWED: instrument=BTCUSDT position=0 projected=-1',
    );
    expect(deny(new TestState().hold('BTCUSDT', 1), { side: 'sell' })).toBe('ok');
  });
});

describe('account exposure', () => {
  const book = (): TestState => {
    const state = new TestState().hold('BTCUSDT', 10).hold('ETHUSDT', -5);
    return state.put(
      orderOf(intentOf({ ...eth, side: 'sell', limitPrice: 110, quantity: 5 }), 110, 'accepted'),
    );
  };

  it('gross: the worst of every instrument', () => {
    // BTC 10 x 100, ETH 5 x 100 short and 5 x 110 to come.
    const gross = within(maxGrossExposure, { max_gross_exposure: usdt(2550) });
    expect(gross(book(), { limitPrice: 100, quantity: 5 })).toBe('ok');
    expect(gross(book(), { limitPrice: 100, quantity: 6 })).toBe(
      'MAX_GROSS_EXPOSURE: exposure=2650 limit=2550 currency=USDT',
    );
    expect(gross(book(), { side: 'sell', quantity: 10 })).toBe('ok');
  });

  it('net: signed, in the direction of the order', () => {
    const net = within(maxNetExposure, { max_net_exposure: usdt(600) });
    expect(net(book(), { limitPrice: 100, quantity: 1 })).toBe('ok');
    expect(net(book(), { limitPrice: 100, quantity: 2 })).toBe(
      'MAX_NET_EXPOSURE: side=buy exposure=700 limit=600 currency=USDT',
    );
    // Selling 12 BTC at 100 leaves -2 x 100 and the short 1050.
    expect(net(book(), { side: 'sell', limitPrice: 100, quantity: 12 })).toBe(
      'MAX_NET_EXPOSURE: side=sell exposure=1250 limit=600 currency=USDT',
    );
    expect(net(book(), { side: 'sell', limitPrice: 100, quantity: 10 })).toBe('ok');
  });

  it('leverage: gross over equity', () => {
    const leverage = within(maxLeverage, { max_leverage: dec(2) });
    const state = new TestState();
    state.money.equity = dec(1000);
    expect(leverage(state, { limitPrice: 100, quantity: 20 })).toBe('ok');
    expect(leverage(state, { limitPrice: 100, quantity: 21 })).toBe(
      'MAX_LEVERAGE: exposure=2100 equity=1000 leverage=2.1 limit=2',
    );
    state.money.equity = undefined;
    expect(leverage(state, {})).toBe('NO_EQUITY: account=');
  });

  it('margin: by each instrument’s own fraction', () => {
    const margin = within(marginCovered, { margin: 'require' });
    const state = new TestState([{ ...BTC, initialMargin: '0.1' }]);
    state.money.equity = dec(1000);
    expect(margin(state, { limitPrice: 100, quantity: 100 })).toBe('ok');
    expect(margin(state, { limitPrice: 100, quantity: 101 })).toBe(
      'MARGIN: needed=1010 equity=1000 currency=USDT',
    );
    expect(within(marginCovered, { margin: 'ignore' })(state, { quantity: 1000 })).toBe('ok');
  });

  it('denies when any part of it is unknown', () => {
    const gross = within(maxGrossExposure, { max_gross_exposure: usdt(1e9) });
    const state = book();
    state.marketOf(1).mark = NaN;
    expect(gross(state, {})).toBe('NO_REFERENCE_PRICE: instrument=ETHUSDT');
    const foreign = new TestState([BTC, { ...ETH, quote: 'EUR' }]).hold('ETHUSDT', 1);
    expect(gross(foreign, {})).toBe('NO_EXCHANGE_RATE: from=EUR to=USDT');
  });

  it('values an order found at the venue at its own price', () => {
    const state = new TestState();
    state.put(orderOf(intentOf({ limitPrice: 90, quantity: 10 }), 0, 'accepted'));
    const gross = within(maxGrossExposure, { max_gross_exposure: usdt(1000) });
    expect(gross(state, { limitPrice: 100 })).toBe('ok');
    expect(gross(state, { limitPrice: 100, quantity: 2 })).toBe(
      'MAX_GROSS_EXPOSURE: exposure=1100 limit=1000 currency=USDT',
    );
  });
});

describe('cash', () => {
  const cash = within(cashCovered, { cash: 'require' });
  it('covers a buy beside the working buys in its currency', () => {
    const state = new TestState();
    state.cashBy.set('USDT', dec(1000));
    state.put(orderOf(intentOf({ ...eth, limitPrice: 90, quantity: 5 }), 90, 'accepted'));
    expect(cash(state, { limitPrice: 100, quantity: '5.5' })).toBe('ok');
    expect(cash(state, { limitPrice: 100, quantity: '5.501' })).toBe(
      'INSUFFICIENT_CASH: needed=550.1 free=550 currency=USDT',
    );
    expect(cash(state, { side: 'sell', quantity: 1000 })).toBe('ok');
    expect(within(cashCovered, {})(state, { quantity: 1000 })).toBe('ok');
    state.cashBy.set('USDT', dec(NaN));
    expect(cash(state, {})).toBe('NOT_A_NUMBER: check=cash value=cash');
  });
});

describe('groups', () => {
  const state = new TestState([
    { ...BTC, sector: 'coins' },
    { ...ETH, sector: 'coins', industry: 'chains' },
  ]).hold('ETHUSDT', 100);
  const sectors = { coins: dec('0.2'), metals: dec('0.1') };

  it('cap a sector as a part of equity', () => {
    const cap = within(sectorExposure, { sectors });
    expect(cap(state, { limitPrice: 100, quantity: 100 })).toBe('ok');
    expect(cap(state, { limitPrice: 100, quantity: 101 })).toBe(
      'SECTOR_EXPOSURE: sector=coins exposure=20100 fraction=0.201 limit=0.2',
    );
    const moved = within(sectorExposure, { sectors, sector_map: { BTCUSDT: 'metals' } });
    expect(moved(state, { limitPrice: 100, quantity: 100 })).toBe('ok');
    expect(moved(state, { limitPrice: 100, quantity: 101 })).toBe(
      'SECTOR_EXPOSURE: sector=metals exposure=10100 fraction=0.101 limit=0.1',
    );
  });

  it('deny an instrument of unknown group unless `unknown` has a cap', () => {
    expect(within(industryExposure, { industries: { chains: dec(1) } })(state, {})).toBe(
      'INDUSTRY_EXPOSURE: industry=unknown instrument=BTCUSDT',
    );
    expect(within(industryExposure, { industries: { unknown: dec(1) } })(state, {})).toBe('ok');
    expect(
      within(industryExposure, { industries: { other: dec(1) }, industry_map: { BTCUSDT: 'x' } })(state, {}),
    ).toBe('ok');
  });
});

describe('correlation', () => {
  const correlation = { window: 4, max_correlation: dec('0.8'), max_pair_exposure: dec('0.2') };
  const cap = within(correlationExposure, { correlation });
  const state = (btc: readonly number[], other: readonly number[]): TestState => {
    const made = new TestState().hold('ETHUSDT', 100);
    made.samples.set(0, btc).set(1, other);
    return made;
  };
  const much = { limitPrice: 100, quantity: 101 };

  it('is Pearson’s', () => {
    expect(correlationOf([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 12);
    expect(correlationOf([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 12);
    expect(correlationOf([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(0.8, 12);
    expect(correlationOf([1], [1])).toBeNaN();
    expect(correlationOf([1, 1], [1, 2])).toBeNaN();
  });

  it('caps a strongly correlated pair, either sign, and no other', () => {
    const rising = [1, 2, 3, 4];
    expect(cap(state(rising, rising), { limitPrice: 100, quantity: 100 })).toBe('ok');
    expect(cap(state(rising, rising), much)).toBe(
      'CORRELATION_EXPOSURE: pair=BTCUSDT/ETHUSDT correlation=1 exposure=20100 fraction=0.201 limit=0.2',
    );
    expect(cap(state(rising, [4, 3, 2, 1]), much)).toMatch(/correlation=-1 /);
    expect(cap(state(rising, [1, -1, 1, -1]), much)).toBe('ok');
  });

  it('counts an unknown correlation as full', () => {
    expect(cap(state([1, 2, 3], [1, -1, 1, -1]), much)).toBe(
      'CORRELATION_EXPOSURE: pair=BTCUSDT/ETHUSDT correlation=unknown exposure=20100 fraction=0.201 limit=0.2',
    );
  });
});
