import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { dec } from '../../../../src/model/decimal.js';
import { CHECKS } from '../../../../src/operators/risk/checks.js';
import type { RiskOptions } from '../../../../src/operators/risk/evaluate.js';
import { riskSpec } from '../../../../src/topology/components/operators/risk.js';

const read = (text: string): RiskOptions => riskSpec.config.parse(parse(text));
const issues = (text: string): string[] =>
  riskSpec.config.safeParse(parse(text)).error?.issues.map((i) => `${i.path.join('.')}: ${i.message}`) ?? [];

describe('type: risk', () => {
  it.each(riskSpec.examples)('example %s', (example) => {
    expect(issues(example)).toEqual([]);
  });

  it('has defaults that limit nothing but self-trade', () => {
    expect(read('{}')).toEqual({
      limits: { self_trade: 'deny', short: 'allow', session: 'require', cash: 'ignore', margin: 'ignore' },
      regimes: {},
      normalize: 'none',
      post_only: 'reject',
      dry_run: false,
    });
  });

  it('reads every limit with its unit', () => {
    const { limits, regimes } = read(`
      limits:
        max_position: 0.05
        max_position_percent: 20%
        max_order_value: 5000 USDT
        rolling_loss: { amount: 200 USDT, window: 1h }
        price_collar: 500 bps
        duplicate_window: 500ms
        sectors: { technology: 30% }
        correlation: {}
        instruments: { BTCUSDT: { max_position: "0.01" } }
      regimes:
        crisis: { allow_new_exposure: false, max_order_notional: 100 USDT, max_position_pct: 5%, limits: { max_leverage: 1 } }`);
    expect(limits).toEqual({
      max_position: dec('0.05'),
      max_position_percent: dec('0.2'),
      max_order_value: { amount: dec(5000), currency: 'USDT' },
      rolling_loss: { amount: { amount: dec(200), currency: 'USDT' }, window: 3_600_000_000 },
      price_collar: dec('0.05'),
      duplicate_window: 500_000,
      sectors: { technology: dec('0.3') },
      correlation: { window: 50, max_correlation: dec('0.8'), max_pair_exposure: dec('0.2') },
      instruments: { BTCUSDT: { max_position: dec('0.01') } },
      self_trade: 'deny',
      short: 'allow',
      session: 'require',
      cash: 'ignore',
      margin: 'ignore',
    });
    expect(regimes).toEqual({
      crisis: {
        allow_new_exposure: false,
        allow_market_orders: true,
        allow_aggressive_tif: true,
        max_order_notional: { amount: dec(100), currency: 'USDT' },
        max_position_pct: dec('0.05'),
        limits: { max_leverage: dec(1) },
      },
    });
  });

  it('says what is wrong', () => {
    expect(issues('limits: { max_order_value: 5000 }')).toEqual([
      'limits.max_order_value: an amount with its currency, for example 500 USDT, 1500 USD',
    ]);
    expect(issues('limits: { max_position: -1 }')).toEqual(['limits.max_position: must not be below zero']);
    expect(issues('limits: { max_positon: 1 }')).toEqual(['limits: Unrecognized key: "max_positon"']);
    expect(issues('limits: { max_drawdown: 10 }')).toEqual([
      'limits.max_drawdown: a fraction in bps or percent, for example 10 bps, 0.1%',
    ]);
    expect(issues('regimes: { crisis: { limits: { instruments: {} } } }')).toEqual([
      'regimes.crisis.limits: Unrecognized key: "instruments"',
    ]);
  });

  it('knows every option that a check reads', () => {
    const shape = riskSpec.config.shape;
    for (const option of new Set(CHECKS.flatMap((check) => check.info.options))) {
      const [top = '', second] = option.split('.');
      expect(Object.keys(shape)).toContain(top);
      if (top === 'limits' && second !== undefined) {
        expect(issues(`limits: { ${second}: { nonsense: [] } }`).join()).not.toContain(
          'Unrecognized key: "' + second,
        );
      }
    }
  });
});
