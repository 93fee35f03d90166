import { ZERO } from '../../model/decimal.js';
import { OK, defineCheck, deny, finite, show, type RiskCheck } from './check.js';
import { reserved } from './exposure.js';
import { orderNotional } from './money.js';

/**
 * A buy is covered by the account's cash in the quote currency, less what every other working buy paid in that
 * currency may cost. Fees are not foreseen. Sells need none; whether they may go short is another check.
 */
export const cashCovered: RiskCheck = defineCheck(
  { id: 'cash', codes: ['INSUFFICIENT_CASH', 'NO_REFERENCE_PRICE'], options: ['limits.cash'], exits: 'pass' },
  (intent, ctx) => {
    if (ctx.limits.cash !== 'require' || intent.side === 'sell') return OK;
    const needed = orderNotional(intent, ctx);
    if ('ok' in needed) return needed;
    const { state, instrument } = ctx;
    let bound = ZERO;
    for (const order of state.orders.open()) {
      if (order.side !== 'buy' || order.account !== intent.account || order.orderKey === intent.orderKey)
        continue;
      const other = state.instruments.at(order.ix);
      if (other === undefined || other.quote !== instrument.quote) continue;
      const price = order.riskPrice.isZero() ? (order.limitPrice ?? order.stopPrice) : order.riskPrice;
      if (price === undefined) return deny('NO_REFERENCE_PRICE', { order_key: order.orderKey });
      bound = bound.plus(reserved(order, state).times(price).times(other.multiplier));
    }
    const cash = finite(state.portfolio.cash(intent.account, instrument.quote), 'cash');
    const free = finite(cash.minus(bound), 'free cash');
    if (needed.lte(free)) return OK;
    return deny('INSUFFICIENT_CASH', { needed: show(needed), free: show(free), currency: instrument.quote });
  },
);
