import { dec } from '../../model/decimal.js';
import { formatDuration } from '../../model/units.js';
import { OK, defineCheck, deny, show, type RiskCheck } from './check.js';
import { decimalLimit } from './limits.js';
import { noPrice } from './money.js';
import { middlePrice, touchPrice } from './price.js';

/**
 * The price is near the market: a limit price, or what a market order would meet, is no further from the middle of
 * the quote (else from the last trade) than `price_collar`. A stop's trigger may be far away: that is its purpose;
 * the limit of a stop-limit is held against its own trigger.
 */
export const priceCollar: RiskCheck = defineCheck(
  {
    id: 'price_collar',
    codes: ['PRICE_COLLAR', 'NO_REFERENCE_PRICE'],
    options: ['limits.price_collar'],
    exits: 'checked',
  },
  (intent, ctx) => {
    const collar = decimalLimit(ctx, 'price_collar');
    if (collar === undefined || intent.type === 'stop' || intent.type === 'trailing_stop') return OK;
    const middle = middlePrice(ctx.instrument, ctx.state.market);
    const reference =
      intent.type === 'stop_limit' ? intent.stopPrice : middle === undefined ? undefined : dec(middle.number);
    const price = intent.type === 'market' ? ctx.price?.value : intent.limitPrice;
    if (reference === undefined || price === undefined || reference.isZero())
      return ctx.exit ? OK : noPrice(intent);
    const apart = price.minus(reference).abs();
    if (apart.isFinite() && apart.lte(collar.times(reference.abs()))) return OK;
    // Only who is refused is told the fraction: a division costs many times a product.
    const distance = apart.div(reference.abs());
    if (distance.isNaN()) return deny('NOT_A_NUMBER', { check: 'price_collar', value: 'distance' });
    if (distance.lte(collar)) return OK;
    return deny('PRICE_COLLAR', { price, reference, distance: show(distance), limit: collar });
  },
);

/** The market price the decision rests on is fresh enough. */
export const staleQuote: RiskCheck = defineCheck(
  { id: 'stale_quote', codes: ['STALE_QUOTE'], options: ['limits.stale_quote'], exits: 'pass' },
  (intent, ctx) => {
    const limit = ctx.limits.stale_quote;
    if (limit === undefined) return OK;
    const market = touchPrice(intent, ctx.instrument, ctx.state.market);
    if (market === undefined || market.at <= 0) {
      return deny('STALE_QUOTE', {
        instrument: intent.instrument,
        age: 'unknown',
        limit: formatDuration(limit),
      });
    }
    const age = ctx.at - market.at;
    if (age <= limit) return OK;
    if (Number.isNaN(age)) return deny('NOT_A_NUMBER', { check: 'stale_quote', value: 'age' });
    return deny('STALE_QUOTE', {
      instrument: intent.instrument,
      age: formatDuration(age),
      limit: formatDuration(limit),
    });
  },
);

/** A post-only order rests: its limit does not reach the other side of the quote, or the last trade without one. */
export const postOnly: RiskCheck = defineCheck(
  {
    id: 'post_only',
    codes: ['POST_ONLY_WOULD_TRADE', 'NO_REFERENCE_PRICE'],
    options: ['post_only'],
    exits: 'checked',
  },
  (intent, { state, instrument }) => {
    if (!intent.postOnly) return OK;
    const { type, timeInForce, limitPrice, side } = intent;
    if (type === 'market' || type === 'stop' || type === 'trailing_stop' || limitPrice === undefined) {
      return deny('POST_ONLY_WOULD_TRADE', { type });
    }
    if (timeInForce === 'ioc' || timeInForce === 'fok') {
      return deny('POST_ONLY_WOULD_TRADE', { time_in_force: timeInForce });
    }
    if (type === 'stop_limit') return OK;
    const market = touchPrice(intent, instrument, state.market);
    if (market === undefined) return noPrice(intent);
    const trades = side === 'buy' ? limitPrice.gte(market.number) : limitPrice.lte(market.number);
    if (!trades) return OK;
    return deny('POST_ONLY_WOULD_TRADE', { side, price: limitPrice, [market.origin]: market.number });
  },
);
