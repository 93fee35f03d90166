import { Decimal } from '../../model/decimal.js';
import type { Money } from '../../model/units.js';
import type { PortfolioView } from '../../state/view.js';
import type { ProtectionSettings } from '../../topology/safety-schema.js';
import type { Protection, Reading } from './protection.js';

const RESET = 'it clears by itself when the loss is below the limit again; then `resume`';

/** Fall of equity from a reference, against an amount of money or a part of that reference. */
function lossProtection(
  name: string,
  settings: ProtectionSettings & { readonly limit: Money | Decimal },
  portfolio: PortfolioView,
  reference: () => Decimal | undefined,
): Protection {
  const { limit, action, confirm } = settings;
  const part = limit instanceof Decimal ? limit.toNumber() : undefined;
  const money = limit instanceof Decimal ? undefined : limit;
  const text =
    money === undefined ? `${(part ?? 0) * 100} %` : `${money.amount.toString()} ${money.currency}`;
  return {
    name,
    limit: text,
    action,
    confirm,
    reset: RESET,
    byEvents: true,
    read(): Reading | undefined {
      const from = reference()?.toNumber() ?? NaN;
      const equity = portfolio.equityNumber();
      const lost = from - equity;
      // Before anything is held an unknown equity risks nothing; later it may hide any loss.
      if (!Number.isFinite(lost))
        return holds(portfolio) ? { used: NaN, text: 'equity is unknown' } : undefined;
      const base = portfolio.baseCurrency;
      const rate =
        money === undefined || money.currency === base ? 1 : portfolio.rate(money.currency)?.toNumber();
      const allowed = money === undefined ? from * (part ?? NaN) : money.amount.toNumber() * (rate ?? NaN);
      const used = allowed > 0 ? Math.max(0, lost / allowed) : NaN;
      return {
        used,
        text: `${lost.toFixed(2)} of ${allowed.toFixed(2)} ${base} lost, from ${from.toFixed(2)}`,
      };
    },
  };
}

function holds(portfolio: PortfolioView): boolean {
  return portfolio.positions().some(({ quantity }) => !quantity.isZero());
}

/** Loss since the daily roll. */
export function dailyLoss(
  settings: ProtectionSettings & { readonly limit: Money | Decimal },
  portfolio: PortfolioView,
): Protection {
  return lossProtection('daily_loss', settings, portfolio, () => portfolio.dayStartEquity());
}

/** Fall from peak equity. */
export function drawdown(
  settings: ProtectionSettings & { readonly limit: Decimal },
  portfolio: PortfolioView,
): Protection {
  return lossProtection('drawdown', settings, portfolio, () => portfolio.peakEquity());
}

/** Fall from the highest equity inside the rolling window that State keeps. */
export function rollingLoss(
  settings: ProtectionSettings & { readonly limit: Money | Decimal },
  portfolio: PortfolioView,
): Protection {
  return lossProtection('rolling_loss', settings, portfolio, () => portfolio.rollingPeakEquity());
}
