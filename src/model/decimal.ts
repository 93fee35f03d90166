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

/** `1` and zeros: the only word of digits that a power of ten has. */
const POWERS: ReadonlySet<number> = new Set([1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]);

/**
 * True when `value` is a whole number of steps; both finite, the step above zero. Most ticks and lots are powers of ten:
 * then the places of the value tell, without a division.
 */
export function isMultiple(value: Decimal, step: Decimal): boolean {
  const { d: digits, e: exponent } = step;
  const [word] = digits;
  if (digits.length === 1 && exponent <= 0 && word !== undefined && POWERS.has(word))
    return value.decimalPlaces() <= -exponent;
  return value.mod(step).isZero();
}

export function dec(value: DecimalInput): Decimal {
  return value instanceof Decimal ? value : new Decimal(value);
}
