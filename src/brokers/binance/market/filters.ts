import { Decimal } from '../../../model/decimal.js';
import type { InstrumentInput } from '../../../model/instruments.js';
import { decimalIn, textsOf, type RawFilter } from './symbol-schema.js';

/** Fields of an instrument that the venue's filters decide. */
export type FilterFields = Pick<
  InstrumentInput,
  | 'tickSize'
  | 'lotSize'
  | 'minQuantity'
  | 'maxQuantity'
  | 'minNotional'
  | 'maxNotional'
  | 'minPrice'
  | 'maxPrice'
  | 'marketLotSize'
  | 'marketMinQuantity'
  | 'marketMaxQuantity'
  | 'venueRules'
>;

const MAPPED: ReadonlySet<string> = new Set(['PRICE_FILTER', 'LOT_SIZE', 'MARKET_LOT_SIZE']);

/**
 * The venue's filters as fields of an instrument; those without a field, and the conditions of the notional ones, are
 * kept as text in `venueRules`. A bound of 0 is none. Throws TypeError for a filter whose value cannot be read.
 *
 * @param tick smallest price step where no filter gives one; likewise `lot`
 */
export function fieldsOfFilters(filters: readonly RawFilter[], tick: string, lot: string): FilterFields {
  const find = (type: string): RawFilter | undefined => filters.find(({ filterType }) => filterType === type);
  const price = find('PRICE_FILTER');
  const size = find('LOT_SIZE');
  const market = find('MARKET_LOT_SIZE');
  const notional = find('NOTIONAL');
  const minNotional = find('MIN_NOTIONAL');
  const lotSize = bound(size, 'stepSize') ?? lot;
  return {
    tickSize: bound(price, 'tickSize') ?? tick,
    lotSize,
    minQuantity: bound(size, 'minQty') ?? lotSize,
    ...given('maxQuantity', bound(size, 'maxQty')),
    ...given('minPrice', bound(price, 'minPrice')),
    ...given('maxPrice', bound(price, 'maxPrice')),
    ...given('marketLotSize', bound(market, 'stepSize')),
    ...given('marketMinQuantity', bound(market, 'minQty')),
    ...given('marketMaxQuantity', bound(market, 'maxQty')),
    ...given(
      'minNotional',
      largest(
        bound(notional, 'minNotional'),
        bound(minNotional, 'minNotional'),
        bound(minNotional, 'notional'),
      ),
    ),
    ...given('maxNotional', bound(notional, 'maxNotional')),
    venueRules: Object.fromEntries(
      filters.filter(({ filterType }) => !MAPPED.has(filterType)).flatMap((one) => textsOf(one)),
    ),
  };
}

function bound(filter: RawFilter | undefined, key: string): string | undefined {
  const text = decimalIn(filter, key);
  return text === undefined || new Decimal(text).isZero() ? undefined : text;
}

function largest(...texts: readonly (string | undefined)[]): string | undefined {
  return texts.reduce(
    (most, text) => (text !== undefined && (most === undefined || new Decimal(text).gt(most)) ? text : most),
    undefined,
  );
}

function given<K extends string>(key: K, value: string | undefined): Partial<Record<K, string>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, string>);
}
