import { z } from 'zod';
import { Decimal } from './decimal.js';
import type { Micros } from './time.js';
import {
  parseDecimal,
  parseDuration,
  parseFraction,
  parseMoney,
  parseRate,
  type Money,
  type Rate,
} from './units.js';

/**
 * Fields of component schemas whose text carries a unit. The error messages are what a user reads after
 * `error E105: "every" must be ...`, so each says what is expected, with examples.
 * `.meta({ unit })` lets the JSON schema and the reference describe the text form.
 */
function text<T>(
  unit: string,
  expected: string,
  examples: readonly string[],
  parse: (text: string) => T | undefined,
): z.ZodType<T, string | number> {
  return z
    .union([z.string(), z.number()])
    .transform((value, ctx): T => {
      const parsed = parse(typeof value === 'number' ? plain(value) : value);
      if (parsed === undefined) {
        ctx.addIssue({ code: 'custom', message: `${expected}, for example ${examples.join(', ')}` });
        return z.NEVER;
      }
      return parsed;
    })
    .meta({ unit, expected, examples: [...examples] });
}

/** A number as people write it: a small one has no exponent, as `0.00000001`. */
function plain(value: number): string {
  return new Decimal(value).toFixed();
}

/** Microseconds, written `500ms`, `5s`, `1m`. */
export const duration = (): z.ZodType<Micros, string | number> =>
  text('duration', 'a duration with a unit', ['500ms', '5s', '1m'], parseDuration);

/** A count per time, written `5/s`, `300/min`. */
export const rate = (): z.ZodType<Rate, string | number> =>
  text('rate', 'a rate with a unit', ['5/s', '300/min', '1/10s'], parseRate);

/** An amount with its currency, written `500 USDT`. */
export const money = (): z.ZodType<Money, string | number> =>
  text('money', 'an amount with its currency', ['500 USDT', '1500 USD'], parseMoney);

/** A loss: an amount with its currency, or a part of equity, written `500 USDT` or `5%`. */
export const loss = (): z.ZodType<Money | Decimal, string | number> =>
  text(
    'loss',
    'an amount with its currency or a part of equity',
    ['500 USDT', '5%'],
    (written) => parseMoney(written) ?? parseFraction(written),
  );

/** A fraction, written `10 bps` or `0.1%`. */
export const fraction = (): z.ZodType<Decimal, string | number> =>
  text('fraction', 'a fraction in bps or percent', ['10 bps', '0.1%'], parseFraction);

/** An exact decimal, written as a number or a quoted number. */
export const decimal = (): z.ZodType<Decimal, string | number> =>
  text('decimal', 'a decimal number', ['0.05', '"12.50"'], parseDecimal);
