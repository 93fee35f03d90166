import { describe, expect, it } from 'vitest';
import { dec } from '../../../src/model/decimal.js';
import {
  duplicateIntent,
  maxOpenOrders,
  maxOpenOrdersPerInstrument,
  ordersPerMinute,
  ordersPerSecond,
} from '../../../src/operators/risk/activity.js';
import { regimeLimits } from '../../../src/operators/risk/checks.js';
import {
  accountKnown,
  notDryRun,
  notRecovering,
  strategyEnabled,
  tradingState,
} from '../../../src/operators/risk/gates.js';
import { dailyLoss, dailyLossPercent, maxDrawdown, rollingLoss } from '../../../src/operators/risk/losses.js';
import {
  regimeExposure,
  regimeOrderNotional,
  regimeOrderTerms,
  regimePositionPercent,
} from '../../../src/operators/risk/regime.js';
import { fingerprint } from '../../../src/state/view.js';
import { NOW, TestState, intentOf, orderOf } from '../../support/state-view.js';
import { ask, judge } from './judge.js';

const usdt = (amount: number): { amount: ReturnType<typeof dec>; currency: string } => ({
  amount: dec(amount),
  currency: 'USDT',
});
const exit = intentOf({ side: 'sell' });

describe('gates', () => {
  it('trading state lets only exits through', () => {
    const state = new TestState().hold('BTCUSDT', 1);
    expect(ask(tradingState, state, intentOf())).toBe('ok');
    Object.assign(state.control, { trading: 'halted', tradingReason: 'daily loss' });
    expect(ask(tradingState, state, intentOf())).toBe('TRADING_HALTED: reason="daily loss"');
    expect(ask(tradingState, state, intentOf({ side: 'sell', quantity: '1.001' }))).toMatch(
      /^TRADING_HALTED/,
    );
    expect(ask(tradingState, state, exit)).toBe('ok');
    Object.assign(state.control, { trading: 'reducing', tradingReason: '' });
    expect(ask(tradingState, state, intentOf())).toBe('TRADING_REDUCING');
    expect(ask(tradingState, state, exit)).toBe('ok');
  });

  it('two exits of one position: the second would turn it around', () => {
    const state = new TestState().hold('BTCUSDT', 1);
    Object.assign(state.control, { trading: 'halted', tradingReason: '' });
    expect(judge(state, exit)).toBe('ok');
    state.put(orderOf(exit, 99));
    expect(judge(state, intentOf({ side: 'sell', quantity: '0.5' }))).toBe('TRADING_HALTED');
    expect(judge(state, exit, {}, true)).toBe('ok');
  });

  it('an exit passes with the feed down, every limit reached and trading halted', () => {
    const state = new TestState().hold('BTCUSDT', 1, 80);
    Object.assign(state.marketOf(0), { bid: NaN, ask: NaN, last: NaN, mark: NaN });
    Object.assign(state.money, { equity: undefined, peak: undefined });
    Object.assign(state.control, { trading: 'halted', tradingReason: 'kill' });
    const limits = {
      max_position: dec(0),
      max_order_value: usdt(0),
      max_gross_exposure: usdt(0),
      max_net_exposure: usdt(0),
      max_leverage: dec(0),
      max_daily_loss: usdt(0),
      max_drawdown: dec(0),
      rolling_loss: { amount: usdt(0), window: 1 },
      max_open_orders: 1,
      max_orders_per_second: 1,
      stale_quote: 1,
      price_collar: dec('0.01'),
      margin: 'require',
      cash: 'require',
      short: 'deny',
      self_trade: 'deny',
    } as const;
    const regimes = { crisis: { allow_new_exposure: false, allow_market_orders: false } };
    state.marketOf(0).regime = 'crisis';
    state.approvals.push({ at: NOW, account: '', fingerprint: 'x' });
    state.put(orderOf(intentOf({ limitPrice: 50 }), 50, 'accepted'));
    expect(judge(state, exit, { limits, regimes })).toBe('ok');
    expect(judge(state, intentOf({ side: 'sell', quantity: '0.0001' }), { limits })).toMatch(
      /^QUANTITY_PRECISION/,
    );
    expect(judge(state, intentOf({ limitPrice: 60 }), { limits })).toBe('TRADING_HALTED: reason=kill');
  });

  it('a disabled strategy, a recovery and a dry run stop exits too', () => {
    const state = new TestState().hold('BTCUSDT', 1);
    expect(ask(strategyEnabled, state, exit)).toBe('ok');
    state.disabled.add('ema');
    expect(ask(strategyEnabled, state, exit)).toBe('STRATEGY_DISABLED: strategy=ema');
    expect(ask(notRecovering, state, exit)).toBe('ok');
    Object.assign(state.control, { recovering: true });
    expect(ask(notRecovering, state, exit)).toBe('RECOVERING: action=new');
    expect(ask(notDryRun, state, exit)).toBe('ok');
    expect(ask(notDryRun, state, intentOf({ orderKey: 'd' }), { dry_run: true })).toBe(
      'DRY_RUN: order_key=d',
    );
  });
});

describe('activity', () => {
  it('open orders of the account and of the instrument', () => {
    const state = new TestState();
    state.put(orderOf(intentOf({ orderKey: 'a', limitPrice: 90 }), 90, 'accepted'));
    state.put(orderOf(intentOf({ orderKey: 'b', limitPrice: 91, account: 'other' }), 91, 'accepted'));
    state.put(orderOf(intentOf({ limitPrice: 91 }), 91, 'cancelled'));
    const all = (limit: number, input = {}, recheck = false): string =>
      ask(maxOpenOrders, state, intentOf(input), { limits: { max_open_orders: limit } }, recheck);
    expect(all(2)).toBe('ok');
    expect(all(1)).toBe('MAX_OPEN_ORDERS: open=1 limit=1');
    expect(all(1, { action: 'replace', orderKey: 'a' })).toBe('ok');
    expect(all(1, { orderKey: 'a' }, true)).toBe('ok');
    const one = (limit: number, input = {}): string =>
      ask(maxOpenOrdersPerInstrument, state, intentOf(input), {
        limits: { max_open_orders_per_instrument: limit },
      });
    expect(one(2)).toBe('ok');
    expect(one(1)).toBe('MAX_OPEN_ORDERS_INSTRUMENT: instrument=BTCUSDT open=1 limit=1');
    expect(one(1, { instrument: 'ETHUSDT', ix: 1 })).toBe('ok');
  });

  it('orders per second and minute, sliding', () => {
    const state = new TestState();
    state.approvals.push(
      { at: NOW, account: '', fingerprint: '' },
      { at: NOW, account: '', fingerprint: '' },
    );
    const second = (recheck = false): string =>
      ask(ordersPerSecond, state, intentOf(), { limits: { max_orders_per_second: 2 } }, recheck);
    const minute = (): string =>
      ask(ordersPerMinute, state, intentOf(), { limits: { max_orders_per_minute: 2 } });
    expect(second()).toBe('ORDER_RATE_SECOND: orders=2 limit=2');
    expect(second(true)).toBe('ok');
    state.at = NOW + 999_999;
    expect(second()).toBe('ORDER_RATE_SECOND: orders=2 limit=2');
    state.at = NOW + 1_000_000;
    expect(second()).toBe('ok');
    expect(minute()).toBe('ORDER_RATE_MINUTE: orders=2 limit=2');
    state.at = NOW + 60_000_000;
    expect(minute()).toBe('ok');
  });

  it('the same wish again inside the window', () => {
    const state = new TestState();
    const wish = intentOf();
    state.approvals.push({ at: NOW, account: '', fingerprint: fingerprint(wish) });
    const again = (input = {}, recheck = false): string =>
      ask(duplicateIntent, state, intentOf(input), { limits: { duplicate_window: 500_000 } }, recheck);
    state.at = NOW + 499_999;
    expect(again()).toBe('DUPLICATE_INTENT: age=499999us window=500ms');
    expect(again({}, true)).toBe('ok');
    expect(again({ quantity: 2 })).toBe('ok');
    expect(again({ action: 'replace' })).toBe('ok');
    state.at += 1;
    expect(again()).toBe('ok');
  });
});

describe('losses', () => {
  const state = (equity: number): TestState => {
    const made = new TestState().hold('BTCUSDT', 1);
    made.money.equity = dec(equity);
    return made;
  };

  it('since the daily roll, in money', () => {
    const limits = { limits: { max_daily_loss: usdt(500) } };
    expect(ask(dailyLoss, state(99_501), intentOf(), limits)).toBe('ok');
    expect(ask(dailyLoss, state(99_500), intentOf(), limits)).toBe(
      'DAILY_LOSS: loss=500 limit=500 currency=USDT',
    );
    expect(ask(dailyLoss, state(1), exit, limits)).toBe('ok');
  });

  it('since the daily roll, as a fraction', () => {
    const limits = { limits: { max_daily_loss_percent: dec('0.02') } };
    expect(ask(dailyLossPercent, state(98_001), intentOf(), limits)).toBe('ok');
    expect(ask(dailyLossPercent, state(98_000), intentOf(), limits)).toBe(
      'DAILY_LOSS_PERCENT: loss=2000 fraction=0.02 limit=0.02',
    );
  });

  it('from the peak', () => {
    const made = state(100_000);
    const limits = { limits: { max_drawdown: dec('0.2') } };
    expect(ask(maxDrawdown, made, intentOf(), limits)).toBe('ok');
    made.money.peak = dec(125_000);
    expect(ask(maxDrawdown, made, intentOf(), limits)).toBe(
      'MAX_DRAWDOWN: peak=125000 drawdown=0.2 limit=0.2',
    );
    made.money.peak = dec(0);
    expect(ask(maxDrawdown, made, intentOf(), limits)).toBe('NO_EQUITY: account= equity=0');
  });

  it('inside the rolling window', () => {
    const limits = { limits: { rolling_loss: { amount: usdt(200), window: 1 } } };
    expect(ask(rollingLoss, state(99_801), intentOf(), limits)).toBe('ok');
    expect(ask(rollingLoss, state(99_800), intentOf(), limits)).toBe(
      'ROLLING_LOSS: loss=200 limit=200 currency=USDT',
    );
  });

  it('that nobody can tell deny', () => {
    const made = state(100_000);
    made.money.dayStart = undefined;
    expect(ask(dailyLoss, made, intentOf(), { limits: { max_daily_loss: usdt(500) } })).toBe(
      'NO_EQUITY: account=',
    );
    made.money.dayStart = dec(NaN);
    expect(ask(dailyLoss, made, intentOf(), { limits: { max_daily_loss: usdt(500) } })).toBe(
      'NOT_A_NUMBER: check=max_daily_loss value="reference equity"',
    );
  });

  it('tightened at run time apply without a configured limit', () => {
    const made = state(99_000);
    made.limits.set('max_daily_loss', dec(1000));
    expect(ask(dailyLoss, made, intentOf())).toBe('DAILY_LOSS: loss=1000 limit=1000 currency=USDT');
  });
});

describe('regimes', () => {
  const state = new TestState();
  state.marketOf(0).regime = 'crisis';
  const held = new TestState().hold('BTCUSDT', 1);
  held.marketOf(0).regime = 'crisis';
  const crisis = {
    allow_new_exposure: false,
    allow_market_orders: false,
    allow_aggressive_tif: false,
    max_order_notional: usdt(50),
    max_position_pct: dec('0.001'),
    limits: { max_position: dec('0.5') },
  };
  const options = { regimes: { crisis } };

  it('block new exposure, not exits', () => {
    expect(ask(regimeExposure, state, intentOf(), options)).toBe('REGIME_NEW_EXPOSURE: regime=crisis');
    expect(ask(regimeExposure, held, exit, options)).toBe('ok');
    expect(ask(regimeExposure, state, intentOf(), { regimes: { calm: crisis } })).toBe('ok');
  });

  it('unknown need an overlay of that name', () => {
    const dark = new TestState();
    expect(ask(regimeExposure, dark, intentOf(), options)).toBe('REGIME_NEW_EXPOSURE: regime=unknown');
    expect(ask(regimeExposure, dark, intentOf(), { regimes: { crisis, unknown: {} } })).toBe('ok');
    expect(ask(regimeExposure, dark, intentOf())).toBe('ok');
  });

  it('block market and aggressive orders', () => {
    expect(ask(regimeOrderTerms, state, intentOf(), options)).toBe(
      'REGIME_ORDER_TYPE: regime=crisis type=market',
    );
    expect(ask(regimeOrderTerms, state, intentOf({ limitPrice: 99, timeInForce: 'ioc' }), options)).toBe(
      'REGIME_TIME_IN_FORCE: regime=crisis time_in_force=ioc',
    );
    expect(ask(regimeOrderTerms, state, intentOf({ limitPrice: 99 }), options)).toBe('ok');
    expect(ask(regimeOrderTerms, held, exit, options)).toBe('ok');
  });

  it('limit order value and position', () => {
    expect(ask(regimeOrderNotional, state, intentOf({ limitPrice: 100, quantity: '0.5' }), options)).toBe(
      'ok',
    );
    expect(ask(regimeOrderNotional, state, intentOf({ limitPrice: 100 }), options)).toBe(
      'REGIME_ORDER_NOTIONAL: regime=crisis value=100 limit=50 currency=USDT',
    );
    expect(ask(regimePositionPercent, state, intentOf({ limitPrice: 100 }), options)).toBe('ok');
    expect(ask(regimePositionPercent, state, intentOf({ limitPrice: 100, quantity: 2 }), options)).toBe(
      'REGIME_POSITION_PERCENT: regime=crisis value=200 equity=100000 fraction=0.002 limit=0.001',
    );
  });

  it('set limits beside the general ones', () => {
    expect(ask(regimeLimits, state, intentOf({ quantity: '0.5' }), options)).toBe('ok');
    expect(ask(regimeLimits, state, intentOf(), options)).toBe(
      'MAX_POSITION: regime=crisis position=0 working=0 order=1 limit=0.5',
    );
  });
});

describe('account', () => {
  it('is one whose money is known: with several, a strategy says which', () => {
    const state = new TestState();
    expect(ask(accountKnown, state, intentOf())).toBe('ok');
    expect(ask(accountKnown, state, { ...intentOf(), account: 'other' })).toBe(
      'ACCOUNT_UNKNOWN: account="other" known=',
    );
  });
});
