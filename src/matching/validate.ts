import type { Decimal } from '../model/decimal.js';
import type { Instrument, OrderType } from '../model/instrument.js';
import { reasonText } from '../model/reason.js';
import type { Micros } from '../model/time.js';
import type { OrderRequest } from './order.js';

const NEEDS_LIMIT: ReadonlySet<OrderType> = new Set<OrderType>(['limit', 'stop_limit']);
const NEEDS_STOP: ReadonlySet<OrderType> = new Set<OrderType>(['stop', 'stop_limit']);

/** The venue's own rules for the form of an order. Empty when it is well formed, else the reason it is not. */
export function malformed(
  request: OrderRequest,
  instrument: Instrument,
  now: Micros,
  increments: boolean,
): string {
  const terms = badTerms(request, instrument, increments);
  if (terms !== '') return terms;
  const { type, timeInForce } = request;
  if (NEEDS_LIMIT.has(type) && request.limitPrice === undefined)
    return reasonText('PRICE_MISSING', { field: 'limit_price' });
  if (NEEDS_STOP.has(type) && request.stopPrice === undefined)
    return reasonText('PRICE_MISSING', { field: 'stop_price' });
  if (type === 'trailing_stop' && request.trailingOffset === undefined)
    return reasonText('PRICE_MISSING', { field: 'trailing_offset' });
  if (timeInForce === 'gtd' && request.expireAt === undefined) return 'EXPIRE_TIME_MISSING';
  if (timeInForce === 'gtd' && request.expireAt !== undefined && request.expireAt <= now)
    return reasonText('EXPIRE_TIME_PASSED', { expire_at: request.expireAt });
  const auction = timeInForce === 'opg' || timeInForce === 'cls';
  if (auction && type !== 'market' && type !== 'limit')
    return reasonText('TIME_IN_FORCE_UNSUPPORTED', { type, time_in_force: timeInForce });
  if (request.postOnly && (type !== 'limit' || auction || timeInForce === 'ioc' || timeInForce === 'fok')) {
    return reasonText('ORDER_TYPE_UNSUPPORTED', { type, time_in_force: timeInForce, post_only: true });
  }
  return unsupported(request, instrument);
}

/** Checks of quantity and prices that new orders and replaces share. */
export function badTerms(
  terms: Pick<OrderRequest, 'quantity' | 'limitPrice' | 'stopPrice' | 'trailingOffset'>,
  instrument: Instrument,
  increments: boolean,
): string {
  const { quantity } = terms;
  if (!quantity.isFinite() || quantity.lte(0)) return reasonText('QUANTITY_INVALID', { quantity });
  if (increments && !quantity.mod(instrument.lotSize).isZero())
    return reasonText('QUANTITY_LOT', { quantity, lot: instrument.lotSize });
  if (quantity.lt(instrument.minQuantity))
    return reasonText('QUANTITY_MIN', { quantity, minimum: instrument.minQuantity });
  if (instrument.maxQuantity !== undefined && quantity.gt(instrument.maxQuantity)) {
    return reasonText('QUANTITY_MAX', { quantity, maximum: instrument.maxQuantity });
  }
  const offset = terms.trailingOffset?.value;
  if (offset !== undefined && (!offset.isFinite() || offset.lte(0)))
    return reasonText('PRICE_INVALID', { trailing_offset: offset });
  return (
    badPrice('limit_price', terms.limitPrice, instrument, increments) ||
    badPrice('stop_price', terms.stopPrice, instrument, increments)
  );
}

function badPrice(
  field: string,
  price: Decimal | undefined,
  instrument: Instrument,
  increments: boolean,
): string {
  if (price === undefined) return '';
  if (!price.isFinite() || (price.lte(0) && !instrument.allowsNegativePrice))
    return reasonText('PRICE_INVALID', { [field]: price });
  if (increments && !price.mod(instrument.tickSize).isZero())
    return reasonText('PRICE_TICK', { [field]: price, tick: instrument.tickSize });
  return '';
}

function unsupported({ type, timeInForce }: OrderRequest, { orderTypes }: Instrument): string {
  if (Object.keys(orderTypes).length === 0) return '';
  const times = orderTypes[type];
  if (times === undefined) return reasonText('ORDER_TYPE_UNSUPPORTED', { type });
  return times.length === 0 || times.includes(timeInForce)
    ? ''
    : reasonText('TIME_IN_FORCE_UNSUPPORTED', { type, time_in_force: timeInForce });
}
