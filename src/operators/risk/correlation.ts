import { OK, defineCheck, deny, finite, show, type RiskCheck } from './check.js';
import { accountExposures } from './account-exposure.js';
import { positiveEquity } from './money.js';

/** Pearson correlation of the newest common samples; NaN when there are fewer than two or one side never moves. */
export function correlationOf(a: readonly number[], b: readonly number[]): number {
  const n = Math.min(a.length, b.length);
  if (n < 2) return Number.NaN;
  const x = a.slice(-n);
  const y = b.slice(-n);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / n;
  const mx = mean(x);
  const my = mean(y);
  let xy = 0;
  let xx = 0;
  let yy = 0;
  for (let i = 0; i < n; i += 1) {
    const dx = (x[i] ?? Number.NaN) - mx;
    const dy = (y[i] ?? Number.NaN) - my;
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : Number.NaN;
}

/**
 * The order's instrument together with any one strongly correlated instrument of the account stays under a fraction
 * of equity. A correlation nobody knows yet (fewer returns than the window) counts as full: two unknowns are one risk.
 */
export const correlationExposure: RiskCheck = defineCheck(
  {
    id: 'correlation_exposure',
    codes: ['CORRELATION_EXPOSURE', 'NO_REFERENCE_PRICE', 'NO_EQUITY', 'NO_EXCHANGE_RATE'],
    options: ['limits.correlation'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = ctx.limits.correlation;
    if (limit === undefined) return OK;
    const exposures = accountExposures(intent, ctx);
    if ('ok' in exposures) return exposures;
    const own = exposures.get(ctx.instrument.ix);
    if (own === undefined) return OK;
    const { activity } = ctx.state;
    const returns = activity.returns(ctx.instrument.ix, limit.window);
    for (const [ix, other] of exposures) {
      if (ix === ctx.instrument.ix || other.gross.isZero()) continue;
      const others = activity.returns(ix, limit.window);
      const enough = Math.min(returns.length, others.length) >= limit.window;
      const correlation = enough ? correlationOf(returns, others) : Number.NaN;
      if (Math.abs(correlation) < limit.max_correlation.toNumber()) continue;
      const equity = positiveEquity(intent, ctx);
      if ('ok' in equity) return equity;
      const pair = own.gross.plus(other.gross);
      const fraction = finite(pair.div(equity), 'fraction');
      if (fraction.lte(finite(limit.max_pair_exposure, 'limit'))) continue;
      return deny('CORRELATION_EXPOSURE', {
        pair: `${ctx.instrument.symbol}/${other.instrument.symbol}`,
        correlation: Number.isNaN(correlation) ? 'unknown' : Number(correlation.toFixed(4)),
        exposure: show(pair),
        fraction: show(fraction),
        limit: limit.max_pair_exposure,
      });
    }
    return OK;
  },
);
