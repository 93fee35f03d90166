import { Decimal as Base } from 'decimal.js';

/**
 * The decimal type of every obligation: order, fill, position, balance, fee, profit and limit.
 * A private clone, so that an application that changes decimal.js settings cannot change our money.
 */
export const Decimal: typeof Base = Base.clone({
  precision: 40,
  rounding: Base.ROUND_HALF_EVEN,
  toExpNeg: -30,
  toExpPos: 40,
});
export type Decimal = Base;

/** Anything a Decimal can be made of exactly; a `number` goes through its shortest decimal text. */
export type DecimalInput = Decimal | string | number;

export const ZERO: Decimal = new Decimal(0);
export const ONE: Decimal = new Decimal(1);

export function dec(value: DecimalInput): Decimal {
  return value instanceof Decimal ? value : new Decimal(value);
}
