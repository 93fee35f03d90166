import { Decimal } from '../../model/decimal.js';
import type { RiskLimits } from './limits.js';

/**
 * The limits with those an admin raised at run time in place of the configured ones: `max_position` is the general
 * one, `max_position.BTCUSDT` that of one instrument. Without any the limits come back as they are.
 */
export function withLoosened(limits: RiskLimits, loosened: ReadonlyMap<string, Decimal>): RiskLimits {
  if (loosened.size === 0) return limits;
  const own = Object.entries(limits.instruments ?? {}).map(([symbol, of]) => [
    symbol,
    raised(of, loosened, `.${symbol}`),
  ]);
  const general = raised(limits, loosened, '');
  return own.length === 0
    ? general
    : { ...general, instruments: Object.fromEntries(own) as NonNullable<RiskLimits['instruments']> };
}

function raised<T extends object>(limits: T, loosened: ReadonlyMap<string, Decimal>, suffix: string): T {
  const changed: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(limits) as [string, unknown][]) {
    const amount = loosened.get(`${name}${suffix}`);
    if (amount !== undefined) changed[name] = withAmount(value, amount);
  }
  return { ...limits, ...changed };
}

/** The same kind of value with another figure: a count, a decimal, money, or money over a window. */
function withAmount(value: unknown, amount: Decimal): unknown {
  if (typeof value === 'number') return amount.toNumber();
  if (value instanceof Decimal || typeof value !== 'object' || value === null || !('amount' in value))
    return amount;
  return { ...value, amount: withAmount(value.amount, amount) };
}
