import type { Decimal } from '../../model/decimal.js';
import type { Intent } from '../../model/intent.js';
import type { PortfolioView } from '../../state/view.js';
import {
  OK,
  defineCheck,
  deny,
  finite,
  show,
  type CheckContext,
  type Denial,
  type RiskCheck,
} from './check.js';
import { decimalLimit, moneyLimit, rollingLossLimit } from './limits.js';
import { compare } from './money.js';

interface Loss {
  readonly from: Decimal;
  readonly lost: Decimal;
}

/** Fall of equity from a reference State keeps, in base currency; the denial when either is unknown. */
function lossFrom(
  intent: Intent,
  ctx: CheckContext,
  reference: (portfolio: PortfolioView, account: string) => Decimal | undefined,
): Loss | Denial {
  const { portfolio } = ctx.state;
  const equity = portfolio.equity(intent.account);
  const from = reference(portfolio, intent.account);
  if (equity === undefined || from === undefined) return deny('NO_EQUITY', { account: intent.account });
  return {
    from: finite(from, 'reference equity'),
    lost: finite(from, 'reference equity').minus(finite(equity, 'equity')),
  };
}

/** The fall as a fraction; without a positive reference there is no fraction. */
function fraction(loss: Loss, intent: Intent): Decimal | Denial {
  if (loss.from.lte(0)) return deny('NO_EQUITY', { account: intent.account, equity: loss.from });
  return finite(loss.lost.div(loss.from), 'fraction');
}

/** Loss since the daily roll, in money. */
export const dailyLoss: RiskCheck = defineCheck(
  {
    id: 'max_daily_loss',
    codes: ['DAILY_LOSS', 'NO_EQUITY', 'NO_EXCHANGE_RATE'],
    options: ['limits.max_daily_loss'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = moneyLimit(ctx, 'max_daily_loss');
    if (limit === undefined) return OK;
    const loss = lossFrom(intent, ctx, (portfolio, account) => portfolio.dayStartEquity(account));
    if ('ok' in loss) return loss;
    const { portfolio } = ctx.state;
    const c = compare({ amount: loss.lost, currency: portfolio.baseCurrency }, limit, portfolio);
    if ('ok' in c) return c;
    if (c.value.lt(c.limit)) return OK;
    return deny('DAILY_LOSS', { loss: show(c.value), limit: c.limit, currency: c.currency });
  },
);

/** Loss since the daily roll, as a fraction of the day's starting equity. */
export const dailyLossPercent: RiskCheck = defineCheck(
  {
    id: 'max_daily_loss_percent',
    codes: ['DAILY_LOSS_PERCENT', 'NO_EQUITY'],
    options: ['limits.max_daily_loss_percent'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = decimalLimit(ctx, 'max_daily_loss_percent');
    if (limit === undefined) return OK;
    const loss = lossFrom(intent, ctx, (portfolio, account) => portfolio.dayStartEquity(account));
    if ('ok' in loss) return loss;
    const part = fraction(loss, intent);
    if ('ok' in part) return part;
    if (part.lt(limit)) return OK;
    return deny('DAILY_LOSS_PERCENT', { loss: show(loss.lost), fraction: show(part), limit });
  },
);

/** Fall from peak equity now, as a fraction of the peak. */
export const maxDrawdown: RiskCheck = defineCheck(
  {
    id: 'max_drawdown',
    codes: ['MAX_DRAWDOWN', 'NO_EQUITY'],
    options: ['limits.max_drawdown'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = decimalLimit(ctx, 'max_drawdown');
    if (limit === undefined) return OK;
    const loss = lossFrom(intent, ctx, (portfolio, account) => portfolio.peakEquity(account));
    if ('ok' in loss) return loss;
    const part = fraction(loss, intent);
    if ('ok' in part) return part;
    if (part.lt(limit)) return OK;
    return deny('MAX_DRAWDOWN', { peak: show(loss.from), drawdown: show(part), limit });
  },
);

/** Fall from the highest equity inside the rolling window. */
export const rollingLoss: RiskCheck = defineCheck(
  {
    id: 'rolling_loss',
    codes: ['ROLLING_LOSS', 'NO_EQUITY', 'NO_EXCHANGE_RATE'],
    options: ['limits.rolling_loss'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = rollingLossLimit(ctx);
    if (limit === undefined) return OK;
    const loss = lossFrom(intent, ctx, (portfolio, account) => portfolio.rollingPeakEquity(account));
    if ('ok' in loss) return loss;
    const { portfolio } = ctx.state;
    const c = compare({ amount: loss.lost, currency: portfolio.baseCurrency }, limit, portfolio);
    if ('ok' in c) return c;
    if (c.value.lt(c.limit)) return OK;
    return deny('ROLLING_LOSS', { loss: show(c.value), limit: c.limit, currency: c.currency });
  },
);
