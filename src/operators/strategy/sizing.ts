import { Decimal, ONE, ZERO, dec, type DecimalInput } from '../../model/decimal.js';

/** Fee of one order in quote currency: a fraction of its value, or an amount per unit with a minimum. */
export type FeeModel =
  { readonly fraction: DecimalInput } | { readonly perUnit: DecimalInput; readonly minimum?: DecimalInput };

export interface HoldingsInput {
  /** Equity in quote currency. */
  readonly equity: Decimal;
  readonly price: Decimal;
  /** Wished share of equity: 1 is all of it, -0.5 a short of half. */
  readonly fraction: DecimalInput;
  /** Share of equity kept as cash, e.g. 0.0025. Default 0. */
  readonly buffer?: DecimalInput;
  readonly fee?: FeeModel;
  readonly lot?: Decimal;
  readonly multiplier?: Decimal;
}

/** Fee of an order by a simple model; zero without one. */
export function feeOf(fee: FeeModel | undefined, quantity: Decimal, value: Decimal): Decimal {
  if (fee === undefined) return ZERO;
  if ('fraction' in fee) return value.mul(dec(fee.fraction));
  return Decimal.max(quantity.mul(dec(fee.perUnit)), dec(fee.minimum ?? ZERO));
}

/**
 * The largest quantity, in whole lots, with `quantity x price x multiplier + fee <= |fraction| x (1 - buffer) x equity`;
 * signed like `fraction`. Zero when not even one lot fits, or when equity or price is not above zero.
 */
export function holdingsQuantity(input: HoldingsInput): Decimal {
  const { equity, price, fee } = input;
  const fraction = dec(input.fraction);
  const lot = input.lot ?? ONE;
  if (!equity.gt(0) || !price.gt(0) || fraction.isZero()) return ZERO;
  const budget = fraction
    .abs()
    .mul(ONE.minus(dec(input.buffer ?? ZERO)))
    .mul(equity);
  const unit = price.mul(input.multiplier ?? ONE);
  const cost = (quantity: Decimal): Decimal => {
    const value = quantity.mul(unit);
    return value.plus(feeOf(fee, quantity, value));
  };
  const slope =
    fee === undefined
      ? unit
      : 'fraction' in fee
        ? unit.mul(ONE.plus(dec(fee.fraction)))
        : unit.plus(dec(fee.perUnit));
  let quantity = budget.div(slope).div(lot).floor().mul(lot);
  // The minimum fee, and rounding of the division, can move the answer by a few lots.
  while (quantity.gt(0) && cost(quantity).gt(budget)) {
    const over = cost(quantity).minus(budget).div(slope).div(lot).ceil();
    quantity = Decimal.max(ZERO, quantity.minus(Decimal.max(ONE, over).mul(lot)));
  }
  while (cost(quantity.plus(lot)).lte(budget)) quantity = quantity.plus(lot);
  return fraction.isNegative() ? quantity.neg() : quantity;
}
