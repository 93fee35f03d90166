import { OK, defineCheck, deny, finite, show, type RiskCheck } from './check.js';
import { accountExposures, total } from './account-exposure.js';
import { decimalLimit, moneyLimit } from './limits.js';
import { compare, positiveEquity } from './money.js';

const UNKNOWN = ['NO_REFERENCE_PRICE', 'NO_EXCHANGE_RATE'];

/** Sum of the largest absolute values of every instrument of the account, working orders included. */
export const maxGrossExposure: RiskCheck = defineCheck(
  {
    id: 'max_gross_exposure',
    codes: ['MAX_GROSS_EXPOSURE', ...UNKNOWN],
    options: ['limits.max_gross_exposure'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = moneyLimit(ctx, 'max_gross_exposure');
    if (limit === undefined) return OK;
    const exposures = accountExposures(intent, ctx);
    if ('ok' in exposures) return exposures;
    const { portfolio } = ctx.state;
    const amount = total(exposures, (exposure) => exposure.gross);
    const c = compare({ amount, currency: portfolio.baseCurrency }, limit, portfolio);
    if ('ok' in c) return c;
    if (c.value.lte(c.limit)) return OK;
    return deny('MAX_GROSS_EXPOSURE', { exposure: show(c.value), limit: c.limit, currency: c.currency });
  },
);

/** Signed sum over the account in the direction of the order: all working buys, or all working sells, filled. */
export const maxNetExposure: RiskCheck = defineCheck(
  {
    id: 'max_net_exposure',
    codes: ['MAX_NET_EXPOSURE', ...UNKNOWN],
    options: ['limits.max_net_exposure'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = moneyLimit(ctx, 'max_net_exposure');
    if (limit === undefined) return OK;
    const exposures = accountExposures(intent, ctx);
    if ('ok' in exposures) return exposures;
    const { portfolio } = ctx.state;
    const buy = intent.side === 'buy';
    const net = total(exposures, (exposure) => (buy ? exposure.long : exposure.short));
    const c = compare({ amount: buy ? net : net.neg(), currency: portfolio.baseCurrency }, limit, portfolio);
    if ('ok' in c) return c;
    if (c.value.lte(c.limit)) return OK;
    return deny('MAX_NET_EXPOSURE', {
      side: intent.side,
      exposure: show(c.value),
      limit: c.limit,
      currency: c.currency,
    });
  },
);

/** Gross exposure over equity. */
export const maxLeverage: RiskCheck = defineCheck(
  {
    id: 'max_leverage',
    codes: ['MAX_LEVERAGE', 'NO_EQUITY', ...UNKNOWN],
    options: ['limits.max_leverage'],
    exits: 'pass',
  },
  (intent, ctx) => {
    const limit = decimalLimit(ctx, 'max_leverage');
    if (limit === undefined) return OK;
    const exposures = accountExposures(intent, ctx);
    if ('ok' in exposures) return exposures;
    const equity = positiveEquity(intent, ctx);
    if ('ok' in equity) return equity;
    const gross = total(exposures, (exposure) => exposure.gross);
    const leverage = finite(gross.div(equity), 'leverage');
    if (leverage.lte(limit)) return OK;
    return deny('MAX_LEVERAGE', {
      exposure: show(gross),
      equity: show(equity),
      leverage: show(leverage),
      limit,
    });
  },
);

/** Initial margin of positions and working orders, instrument by instrument, fits in equity. */
export const marginCovered: RiskCheck = defineCheck(
  { id: 'margin', codes: ['MARGIN', 'NO_EQUITY', ...UNKNOWN], options: ['limits.margin'], exits: 'pass' },
  (intent, ctx) => {
    if (ctx.limits.margin !== 'require') return OK;
    const exposures = accountExposures(intent, ctx);
    if ('ok' in exposures) return exposures;
    const equity = positiveEquity(intent, ctx);
    if ('ok' in equity) return equity;
    const needed = total(exposures, (exposure) => exposure.gross.times(exposure.instrument.initialMargin));
    if (needed.lte(equity)) return OK;
    return deny('MARGIN', {
      needed: show(needed),
      equity: show(equity),
      currency: ctx.state.portfolio.baseCurrency,
    });
  },
);
