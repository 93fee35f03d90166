import { OK, defineCheck, deny, finite, show, type RiskCheck } from './check.js';
import { noPrice } from './money.js';

/** The order can be valued at all. */
export const referencePriced: RiskCheck = defineCheck(
  { id: 'reference_price', codes: ['NO_REFERENCE_PRICE'], options: [], exits: 'checked' },
  (intent, { price }) => {
    if (price === undefined) return noPrice(intent);
    finite(price.value, 'reference price');
    return OK;
  },
);

/** Quantity times price times multiplier, in quote currency, is within the venue's bounds. */
export const notionalBounds: RiskCheck = defineCheck(
  { id: 'notional_bounds', codes: ['NOTIONAL_MIN', 'NOTIONAL_MAX'], options: [], exits: 'checked' },
  (intent, { instrument, price }) => {
    const { minNotional, maxNotional, multiplier, quote } = instrument;
    if (minNotional === undefined && maxNotional === undefined) return OK;
    if (price === undefined) return noPrice(intent);
    const units = intent.quantity.times(multiplier);
    // Venues take the minimum at the order's own price; the maximum is held against what it may really cost.
    const least = finite(units.times(intent.limitPrice ?? price.value).abs(), 'notional');
    if (minNotional !== undefined && least.lt(minNotional)) {
      return deny('NOTIONAL_MIN', { notional: show(least), minimum: minNotional, currency: quote });
    }
    const most = finite(units.times(price.value).abs(), 'notional');
    if (maxNotional !== undefined && most.gt(maxNotional)) {
      return deny('NOTIONAL_MAX', { notional: show(most), maximum: maxNotional, currency: quote });
    }
    return OK;
  },
);
