import type { z } from 'zod';
import { ZERO, type Decimal } from '../model/decimal.js';
import type { Intent } from '../model/intent.js';
import type { Place } from '../operators/strategy/place.js';
import { decimal } from './fields.js';

type Amount = ReturnType<typeof decimal>;

/** Parameters of strategies that size a position by equity. */
export const holdings: {
  readonly fraction: z.ZodOptional<Amount>;
  readonly buffer: z.ZodPrefault<Amount>;
  readonly fee_per_unit: z.ZodPrefault<Amount>;
  readonly fee_minimum: z.ZodPrefault<Amount>;
  readonly fee_fraction: z.ZodPrefault<Amount>;
} = {
  fraction: decimal()
    .optional()
    .describe('Share of equity to hold, instead of quantity; 1 is all of it. Sized at the last price.'),
  buffer: decimal().prefault(0).describe('Share of equity kept as cash, for example 0.0025.'),
  fee_per_unit: decimal().prefault(0).describe('Fee per unit expected when sizing.'),
  fee_minimum: decimal().prefault(0).describe('Least fee of an order expected when sizing.'),
  fee_fraction: decimal()
    .prefault(0)
    .describe('Fee as a share of the value, instead of fee_per_unit, for example 0.001.'),
};

interface HoldingsParams {
  readonly quantity?: Decimal | undefined;
  readonly fraction?: Decimal | undefined;
  readonly buffer: Decimal;
  readonly fee_per_unit: Decimal;
  readonly fee_minimum: Decimal;
  readonly fee_fraction: Decimal;
}

/** True when a size is given in exactly one way; for `refine` with {@link ONE_SIZE}. */
export function hasOneSize({ quantity, fraction }: Pick<HoldingsParams, 'quantity' | 'fraction'>): boolean {
  return (quantity === undefined) !== (fraction === undefined);
}

export const ONE_SIZE = 'give exactly one of quantity and fraction';

/** Intents that bring the position of an instrument to long (1), flat (0) or short (-1). */
export type Sizing = (instrument: string, side: 1 | 0 | -1, reason: string) => readonly Intent[];

/** Sizes by share of equity when a fraction is given, else by quantity. */
export function sizing(place: Place, params: HoldingsParams): Sizing {
  const { quantity = ZERO, fraction, buffer } = params;
  if (fraction === undefined)
    return (instrument, side, reason) => place.target(quantity.times(side), { instrument, reason });
  const fee = params.fee_fraction.isZero()
    ? { perUnit: params.fee_per_unit, minimum: params.fee_minimum }
    : { fraction: params.fee_fraction };
  return (instrument, side, reason) =>
    side === 0
      ? place.target(0, { instrument, reason })
      : place.setHoldings(fraction.times(side), { instrument, buffer, fee, reason });
}
