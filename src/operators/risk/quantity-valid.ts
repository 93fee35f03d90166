import { isMultiple, type Decimal } from '../../model/decimal.js';
import type { Instrument } from '../../model/instrument.js';
import { OK, defineCheck, deny, type Denial, type Ok, type RiskCheck } from './check.js';

/** The quantity is one the venue takes: finite, above zero, precision, lot, minimum, maximum, and more than filled. */
export const quantityValid: RiskCheck = defineCheck(
  {
    id: 'quantity_valid',
    codes: ['QUANTITY_INVALID', 'QUANTITY_PRECISION', 'QUANTITY_LOT', 'QUANTITY_MIN', 'QUANTITY_MAX'],
    options: ['normalize'],
    exits: 'checked',
  },
  (intent, { instrument, order }) => {
    const { quantity } = intent;
    if (!quantity.isFinite() || quantity.lte(0)) return deny('QUANTITY_INVALID', { quantity });
    if (order !== undefined && quantity.lte(order.filled)) {
      return deny('QUANTITY_INVALID', { quantity, filled: order.filled });
    }
    if (quantity.decimalPlaces() > instrument.quantityPrecision) {
      return deny('QUANTITY_PRECISION', { quantity, precision: instrument.quantityPrecision });
    }
    if (!isMultiple(quantity, instrument.lotSize)) {
      return deny('QUANTITY_LOT', { quantity, lot: instrument.lotSize });
    }
    if (quantity.lt(instrument.minQuantity))
      return deny('QUANTITY_MIN', { quantity, minimum: instrument.minQuantity });
    if (instrument.maxQuantity !== undefined && quantity.gt(instrument.maxQuantity)) {
      return deny('QUANTITY_MAX', { quantity, maximum: instrument.maxQuantity });
    }
    return intent.type === 'market' ? marketBounds(quantity, instrument) : OK;
  },
);

/** Venues may bound market orders more narrowly. */
function marketBounds(quantity: Decimal, instrument: Instrument): Ok | Denial {
  const { marketLotSize, marketMinQuantity, marketMaxQuantity } = instrument;
  if (marketLotSize !== undefined && !isMultiple(quantity, marketLotSize)) {
    return deny('QUANTITY_LOT', { quantity, lot: marketLotSize, type: 'market' });
  }
  if (marketMinQuantity !== undefined && quantity.lt(marketMinQuantity)) {
    return deny('QUANTITY_MIN', { quantity, minimum: marketMinQuantity, type: 'market' });
  }
  if (marketMaxQuantity !== undefined && quantity.gt(marketMaxQuantity)) {
    return deny('QUANTITY_MAX', { quantity, maximum: marketMaxQuantity, type: 'market' });
  }
  return OK;
}
