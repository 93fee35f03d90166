import type { Decimal } from '../../../model/decimal.js';

/** The venue's form of a number: no sign, no exponent, at most 20 digits on either side of the point. */
const PLAIN = /^[0-9]{1,20}(\.[0-9]{1,20})?$/;
/** The venue's alphabet of client order ids. */
const CLIENT_ID = /^[a-zA-Z0-9-_]{1,36}$/;

/** The exact decimal as the venue takes it; undefined when it cannot be written so. */
export function plainText(value: Decimal): string | undefined {
  if (!value.isFinite()) return undefined;
  const text = value.toFixed();
  return PLAIN.test(text) ? text : undefined;
}

/** What stands against a client order id, or empty. */
export function badClientOrderId(id: string): string {
  return CLIENT_ID.test(id)
    ? ''
    : `client order id "${id}" is not of 1 to 36 letters, digits, "-" and "_", which Binance asks for`;
}
