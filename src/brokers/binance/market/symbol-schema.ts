import { z } from 'zod';

/** What is needed of `exchangeInfo`; extra fields are ignored, missing and mistyped ones refused. */

const decimal = z.string().regex(/^[0-9]{1,20}(\.[0-9]{1,20})?$/, 'a decimal in a text');
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const filter = z.object({ filterType: z.string().min(1) }).catchall(z.unknown());

const common = {
  symbol: z.string().min(1),
  status: z.string(),
  baseAsset: z.string().min(1),
  quoteAsset: z.string().min(1),
  baseAssetPrecision: z.int().min(0).max(20),
  quotePrecision: z.int().min(0).max(20),
  orderTypes: z.array(z.string()),
  filters: z.array(filter),
};

export const spotSymbol: z.ZodType<SpotSymbol> = z.object({
  ...common,
  isSpotTradingAllowed: z.boolean().default(true),
  allowTrailingStop: z.boolean().default(false),
  cancelReplaceAllowed: z.boolean().default(false),
  amendAllowed: z.boolean().default(false),
});

export const usdmSymbol: z.ZodType<UsdmSymbol> = z.object({
  ...common,
  status: z.string(),
  contractType: z.string(),
  marginAsset: z.string().min(1),
  maintMarginPercent: decimal,
  requiredMarginPercent: decimal,
  timeInForce: z.array(z.string()),
});

export const exchangeInfoSchema: z.ZodType<{ symbols: unknown[] }> = z.object({
  symbols: z.array(z.unknown()),
});

/** Only the name and status, for polling. */
export const statusSchema: z.ZodType<{ symbol: string; status: string }> = z.object({
  symbol: z.string().min(1),
  status: z.string(),
});

export interface RawFilter {
  readonly filterType: string;
  readonly [key: string]: unknown;
}

interface RawSymbol {
  readonly symbol: string;
  readonly status: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly baseAssetPrecision: number;
  readonly quotePrecision: number;
  readonly orderTypes: readonly string[];
  readonly filters: readonly RawFilter[];
}

export interface SpotSymbol extends RawSymbol {
  readonly isSpotTradingAllowed: boolean;
  readonly allowTrailingStop: boolean;
  readonly cancelReplaceAllowed: boolean;
  readonly amendAllowed: boolean;
}

export interface UsdmSymbol extends RawSymbol {
  readonly contractType: string;
  readonly marginAsset: string;
  readonly maintMarginPercent: string;
  readonly requiredMarginPercent: string;
  readonly timeInForce: readonly string[];
}

/** A decimal of a filter. Throws TypeError when it is there and is none: a rule must not be overlooked. */
export function decimalIn(one: RawFilter | undefined, key: string): string | undefined {
  if (one?.[key] === undefined) return undefined;
  const result = decimal.safeParse(one[key]);
  if (!result.success) throw new TypeError(`${one.filterType}.${key} is not a decimal in a text`);
  return result.data;
}

/** The plain values of a filter as text, by `FILTER.key`. */
export function textsOf(one: RawFilter): (readonly [string, string])[] {
  return Object.entries(one).flatMap(([key, value]) => {
    const plain = scalar.safeParse(value);
    return key !== 'filterType' && plain.success
      ? [[`${one.filterType}.${key}`, String(plain.data)] as const]
      : [];
  });
}
