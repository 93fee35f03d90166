import { MICROS_PER_MS, type Micros } from '../../model/time.js';
import { badPrice, badSize } from '../replay/decoder.js';

export type Json = Readonly<Record<string, unknown>>;

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Ids and times: whole numbers that a double holds exactly. */
export function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A decimal written as text, as Binance sends prices and sizes. */
export function decimalOf(value: unknown): number | undefined {
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : undefined;
}

/** Venue milliseconds as microseconds. `null`: this message carries no time, so the receive time stands in. */
export function timeOf(value: unknown, at: Micros): Micros | undefined {
  if (value === null) return at;
  return isId(value) ? value * MICROS_PER_MS : undefined;
}

/** `[["price","size"], ...]` flat, or the kind of badness. */
export function levelsOf(value: unknown, allowsNegative: boolean): number[] | string {
  if (!Array.isArray(value)) return 'missing_field';
  const levels: number[] = [];
  for (const level of value as unknown[]) {
    if (!Array.isArray(level)) return 'malformed';
    const price = decimalOf(level[0]);
    const size = decimalOf(level[1]);
    if (price === undefined || size === undefined) return 'malformed';
    const bad = badPrice(price, allowsNegative) || badSize(size);
    if (bad !== '') return bad;
    levels.push(price, size);
  }
  return levels;
}
