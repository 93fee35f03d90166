import { describe, expect, it } from 'vitest';
import { dec } from '../../../src/model/decimal.js';
import { DENIALS } from '../../../src/model/reason.js';
import { OK, defineCheck, deny, type Check } from '../../../src/operators/risk/check.js';
import { CHECKS, checksWith } from '../../../src/operators/risk/checks.js';
import { evaluate } from '../../../src/operators/risk/evaluate.js';
import { TestState, intentOf } from '../../support/state-view.js';
import { ask, judge } from './judge.js';

const broken = (value: unknown): Check => (() => value) as Check;

describe('what cannot be checked is denied', () => {
  it.each<[string, Check, string]>([
    [
      'nothing',
      broken(undefined),
      'CHECK_FAILED: check=custom error="the check gave neither ok nor a denial"',
    ],
    ['true', broken(true), 'CHECK_FAILED: check=custom error="the check gave neither ok nor a denial"'],
    [
      'a denial without code',
      broken({ ok: false }),
      'CHECK_FAILED: check=custom error="the check gave neither ok nor a denial"',
    ],
    ['NaN', broken(NaN), 'NOT_A_NUMBER: check=custom value=answer'],
    [
      'a throw',
      () => {
        throw new Error('no idea');
      },
      'CHECK_FAILED: check=custom error="no idea"',
    ],
  ])('a check that gives %s', (_name, check, expected) => {
    const named = Object.defineProperty(check, 'name', { value: 'custom' });
    expect(judge(new TestState(), intentOf(), { checks: [named] })).toBe(expected);
  });

  it.each(
    CHECKS.filter((check) => check.info.id !== 'instrument_known').map(
      (check) => [check.info.id, check] as const,
    ),
  )('%s over a State that throws', (id, check) => {
    const limits = {
      max_position: dec(1),
      max_position_percent: dec(1),
      max_order_quantity: dec(1),
      max_order_value: { amount: dec(1e9), currency: 'EUR' },
      max_gross_exposure: { amount: dec(1e9), currency: 'USDT' },
      max_net_exposure: { amount: dec(1e9), currency: 'USDT' },
      max_leverage: dec(9),
      max_daily_loss: { amount: dec(1e9), currency: 'USDT' },
      max_daily_loss_percent: dec(1),
      max_drawdown: dec(1),
      rolling_loss: { amount: dec(1e9), currency: 'USDT' },
      price_collar: dec(1),
      max_open_orders: 9,
      max_open_orders_per_instrument: 9,
      max_orders_per_second: 9,
      max_orders_per_minute: 9,
      sectors: { unknown: dec(1) },
      industries: { unknown: dec(1) },
      correlation: { window: 2, max_correlation: dec(1), max_pair_exposure: dec(1) },
      duplicate_window: 1,
      stale_quote: 1,
      self_trade: 'deny',
      short: 'deny',
      cash: 'require',
      margin: 'require',
    };
    const answer = check(intentOf({ side: 'sell', postOnly: true, limitPrice: 100 }), {
      limits,
      regimes: {
        crisis: {
          max_order_notional: { amount: dec(1), currency: 'USDT' },
          max_position_pct: dec(1),
          limits,
        },
      },
      quantity: dec(1),
      get state(): never {
        throw new Error('gone');
      },
      get instrument(): never {
        throw new Error('gone');
      },
      get dryRun(): never {
        throw new Error('gone');
      },
    } as never);
    if (answer.ok) {
      // Only a check that looks at nothing but the intent may pass.
      expect(['links_managed', 'reference_price', 'reduce_only', 'cash']).toContain(id);
    } else {
      expect([answer.code, answer.details['check'] ?? id]).toEqual([
        id === 'reference_price' ? 'NO_REFERENCE_PRICE' : 'CHECK_FAILED',
        id,
      ]);
    }
  });

  it('evaluate itself never throws', () => {
    const verdict = evaluate(intentOf(), { state: {} as TestState, options: {}, at: 0 });
    expect(verdict).toMatchObject({ ok: false, code: 'CHECK_FAILED' });
    expect(evaluate(intentOf({ action: 'cancel' }), { state: {} as TestState, options: {}, at: 0 }).ok).toBe(
      false,
    );
  });

  it('a NaN quantity is denied by every limit that reads it, and by the whole', () => {
    const state = new TestState();
    expect(judge(state, intentOf({ quantity: NaN }))).toBe('QUANTITY_INVALID: quantity=NaN');
    const percent = CHECKS.find((check) => check.info.id === 'max_position');
    if (percent === undefined) throw new Error('max_position is gone');
    expect(ask(percent, state, intentOf({ quantity: NaN }), { limits: { max_position: dec(1) } })).toBe(
      'NOT_A_NUMBER: check=max_position value=quantity',
    );
    expect(ask(percent, state, intentOf(), { limits: { max_position: dec(NaN) } })).toBe(
      'NOT_A_NUMBER: check=max_position value=max_position',
    );
  });
});

describe('the list', () => {
  it('names every check once and only known codes', () => {
    const ids = CHECKS.map((check) => check.info.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const check of CHECKS)
      for (const code of check.info.codes) expect(Object.keys(DENIALS)).toContain(code);
  });

  it('is asked in a fixed order', () => {
    expect(CHECKS.map((check) => check.info.id)).toEqual([
      'instrument_known',
      'order_key',
      'links_managed',
      'account_known',
      'not_recovering',
      'broker_ready',
      'strategy_enabled',
      'kill_switch',
      'trading_state',
      'armed',
      'instrument_tradable',
      'order_terms',
      'price_valid',
      'quantity_valid',
      'reference_price',
      'notional_bounds',
      'post_only',
      'reduce_only',
      'stale_quote',
      'price_collar',
      'self_trade',
      'max_order_quantity',
      'max_order_value',
      'short_allowed',
      'max_position',
      'max_position_percent',
      'max_gross_exposure',
      'max_net_exposure',
      'max_leverage',
      'margin',
      'cash',
      'sector_exposure',
      'industry_exposure',
      'correlation_exposure',
      'max_open_orders',
      'max_open_orders_per_instrument',
      'max_orders_per_second',
      'max_orders_per_minute',
      'duplicate_intent',
      'max_daily_loss',
      'max_daily_loss_percent',
      'max_drawdown',
      'rolling_loss',
      'regime_exposure',
      'regime_order_terms',
      'regime_order_notional',
      'regime_position_percent',
      'regime_limits',
      'dry_run',
    ]);
  });

  it('takes checks of a user before the dry run', () => {
    const own = defineCheck({ id: 'own', codes: ['NO_FRIDAYS'], options: [], exits: 'pass' }, () =>
      deny('NO_FRIDAYS', { day: 5 }),
    );
    expect(
      checksWith([own, () => OK])
        .map((check) => check.info.id)
        .slice(-3),
    ).toEqual(['own', 'custom', 'dry_run']);
    expect(judge(new TestState(), intentOf(), { checks: [own], dry_run: true })).toBe('NO_FRIDAYS: day=5');
    expect(judge(new TestState().hold('BTCUSDT', -1), intentOf(), { checks: [own] })).toBe('ok');
  });
});
