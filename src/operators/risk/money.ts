import type { Decimal } from '../../model/decimal.js';
import type { Intent } from '../../model/intent.js';
import type { Money } from '../../model/units.js';
import type { PortfolioView } from '../../state/view.js';
import { deny, finite, type CheckContext, type Denial } from './check.js';

/** An amount in base currency, or the denial when no exchange rate is known. */
export function toBase(amount: Decimal, currency: string, portfolio: PortfolioView): Decimal | Denial {
  if (currency === portfolio.baseCurrency) return finite(amount, 'amount');
  const rate = portfolio.rate(currency);
  if (rate === undefined) return deny('NO_EXCHANGE_RATE', { from: currency, to: portfolio.baseCurrency });
  return finite(amount.times(finite(rate, 'rate')), 'amount');
}

/** A value and a limit in one currency: the limit's own if they agree, else the base currency. */
export interface Comparison {
  readonly value: Decimal;
  readonly limit: Decimal;
  readonly currency: string;
}

export function compare(value: Money, limit: Money, portfolio: PortfolioView): Comparison | Denial {
  if (value.currency === limit.currency) {
    return {
      value: finite(value.amount, 'value'),
      limit: finite(limit.amount, 'limit'),
      currency: limit.currency,
    };
  }
  const a = toBase(value.amount, value.currency, portfolio);
  if ('ok' in a) return a;
  const b = toBase(limit.amount, limit.currency, portfolio);
  if ('ok' in b) return b;
  return { value: a, limit: b, currency: portfolio.baseCurrency };
}

/** Value of what may still fill, in quote currency, or the denial when there is no price. */
export function orderNotional(intent: Intent, ctx: CheckContext): Decimal | Denial {
  if (ctx.price === undefined) return noPrice(intent);
  const { value } = ctx.price;
  return finite(ctx.quantity.times(value).times(ctx.instrument.multiplier).abs(), 'notional');
}

export function noPrice(intent: Intent): Denial {
  return deny('NO_REFERENCE_PRICE', { instrument: intent.instrument, side: intent.side, type: intent.type });
}

/** Equity of the intent's account, above zero, or the denial. */
export function positiveEquity(intent: Intent, ctx: CheckContext): Decimal | Denial {
  const equity = ctx.state.portfolio.equity(intent.account);
  if (equity === undefined) return deny('NO_EQUITY', { account: intent.account });
  if (finite(equity, 'equity').lte(0)) return deny('NO_EQUITY', { account: intent.account, equity });
  return equity;
}
