import { isMultiple, type Decimal } from '../../model/decimal.js';
import type { Instrument, OrderType } from '../../model/instrument.js';
import { OK, defineCheck, deny, type Denial, type Ok, type RiskCheck } from './check.js';

const NEEDS_LIMIT: readonly OrderType[] = ['limit', 'stop_limit'];
const NEEDS_STOP: readonly OrderType[] = ['stop', 'stop_limit'];

/** Every price the order type needs is there and is one the venue takes: finite, above zero, precision, tick, bounds. */
export const priceValid: RiskCheck = defineCheck(
  {
    id: 'price_valid',
    codes: ['PRICE_MISSING', 'PRICE_INVALID', 'PRICE_PRECISION', 'PRICE_TICK'],
    options: ['normalize'],
    exits: 'checked',
  },
  (intent, { instrument }) => {
    const { type, limitPrice, stopPrice, trailingOffset } = intent;
    if (NEEDS_LIMIT.includes(type) && limitPrice === undefined)
      return deny('PRICE_MISSING', { type, price: 'limit' });
    if (NEEDS_STOP.includes(type) && stopPrice === undefined)
      return deny('PRICE_MISSING', { type, price: 'stop' });
    if (type === 'trailing_stop') {
      if (trailingOffset === undefined) return deny('PRICE_MISSING', { type, price: 'trailing_offset' });
      const { value } = trailingOffset;
      if (!value.isFinite() || value.lte(0))
        return deny('PRICE_INVALID', { price: 'trailing_offset', value });
    }
    const limit = onePrice('limit', limitPrice, instrument);
    return limit.ok ? onePrice('stop', stopPrice, instrument) : limit;
  },
);

function onePrice(price: string, value: Decimal | undefined, instrument: Instrument): Ok | Denial {
  if (value === undefined) return OK;
  if (!value.isFinite() || (!instrument.allowsNegativePrice && value.lte(0))) {
    return deny('PRICE_INVALID', { price, value });
  }
  if (value.decimalPlaces() > instrument.pricePrecision) {
    return deny('PRICE_PRECISION', { price, value, precision: instrument.pricePrecision });
  }
  if (!isMultiple(value, instrument.tickSize)) {
    return deny('PRICE_TICK', { price, value, tick: instrument.tickSize });
  }
  const { minPrice, maxPrice } = instrument;
  if (minPrice !== undefined && value.lt(minPrice))
    return deny('PRICE_INVALID', { price, value, minimum: minPrice });
  if (maxPrice !== undefined && value.gt(maxPrice))
    return deny('PRICE_INVALID', { price, value, maximum: maxPrice });
  return OK;
}
