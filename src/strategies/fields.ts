import { z } from 'zod';
import { Decimal } from '../model/decimal.js';
import { parseDecimal } from '../model/units.js';

/** An exact decimal among a strategy's parameters, written as a number or a quoted number. */
export function decimal(): z.ZodType<Decimal, string | number | Decimal> {
  return z
    .union([z.string(), z.number(), z.instanceof(Decimal)])
    .transform((value, ctx): Decimal => {
      const parsed =
        value instanceof Decimal
          ? value
          : parseDecimal(new Decimal(Number(value)).isFinite() ? decimalText(value) : '');
      if (parsed !== undefined) return parsed;
      ctx.addIssue({ code: 'custom', message: 'a decimal number, for example 0.05, "12.50"' });
      return z.NEVER;
    })
    .meta({ unit: 'decimal', expected: 'a decimal number', examples: ['0.05', '"12.50"'] });
}

/** Small numbers print with an exponent, which is not how people write quantities. */
function decimalText(value: string | number): string {
  return typeof value === 'number' ? new Decimal(value).toFixed() : value;
}
