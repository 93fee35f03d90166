import { dec, type Decimal } from '../../model/decimal.js';
import type { Micros } from '../../model/time.js';
import { empty, illegal, invalidData, missing, tooPrecise } from './errors.js';
import type { Params } from './types.js';

const AMOUNT = '^([0-9]{1,20})(\\.[0-9]{1,20})?$';
const AMOUNT_TEST = /^([0-9]{1,20})(\.[0-9]{1,20})?$/;
const INTEGER = '^[0-9]{1,20}$';
const INTEGER_TEST = /^[0-9]{1,20}$/;
const CLIENT_ID = '^[a-zA-Z0-9-_]{1,36}$';
const CLIENT_ID_TEST = /^[a-zA-Z0-9-_]{1,36}$/;
const SYMBOL = '^[\\w\\-._&&[^a-z]]{1,50}$';
const SYMBOL_TEST = /^[^a-z\s"'&=,[\]{}]{1,50}$/u;

/** Reads parameters of a request and refuses malformed ones with the venue's errors. */
export class ParamReader {
  readonly #params: Params;

  constructor(params: Params) {
    this.#params = params;
  }

  has(name: string): boolean {
    return this.#params[name] !== undefined;
  }

  text(name: string): string | undefined {
    const value = this.#params[name];
    if (value === '') throw empty(name);
    return value;
  }

  need(name: string): string {
    const value = this.#params[name];
    if (value === undefined || value === '') throw missing(name);
    return value;
  }

  symbol(name = 'symbol'): string {
    const value = this.need(name);
    if (!SYMBOL_TEST.test(value)) throw illegal(name, SYMBOL);
    return value;
  }

  /** A price or quantity above zero, or undefined. Too many decimals are refused, not rounded. */
  amount(name: string, precision = 8): Decimal | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!AMOUNT_TEST.test(value)) throw illegal(name, AMOUNT);
    const parsed = dec(value);
    if (parsed.decimalPlaces() > precision) throw tooPrecise(name);
    return parsed;
  }

  needAmount(name: string, precision = 8): Decimal {
    const value = this.amount(name, precision);
    if (value === undefined) throw missing(name);
    return value;
  }

  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!INTEGER_TEST.test(value)) throw illegal(name, INTEGER);
    return Number(value);
  }

  /** How many of something, held inside 1 to `most`. */
  limit(fallback: number, most: number): number {
    const value = this.integer('limit') ?? fallback;
    if (value < 1) throw illegal('limit', `^[1-9][0-9]{0,4}$`);
    return Math.min(value, most);
  }

  /** A time given in milliseconds or (16 digits) microseconds. */
  time(name: string): Micros | undefined {
    const value = this.integer(name);
    return value === undefined ? undefined : toMicros(value);
  }

  clientId(name: string): string | undefined {
    const value = this.text(name);
    if (value !== undefined && !CLIENT_ID_TEST.test(value)) throw illegal(name, CLIENT_ID);
    return value;
  }

  flag(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false') throw invalidData(name);
    return value === 'true';
  }

  oneOf<const T extends string>(name: string, values: readonly T[], error: () => Error): T | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = values.find((v) => v === value);
    if (found === undefined) throw error();
    return found;
  }

  /** A JSON array of texts, as `symbols` and `permissions` are sent. */
  list(name: string): readonly string[] | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!value.startsWith('[')) throw illegal(name, '^\\[("[^"]{1,50}"(,"[^"]{1,50}"){0,}){0,1}\\]$');
    const parsed = parseJson(value);
    if (!Array.isArray(parsed) || !parsed.every((v): v is string => typeof v === 'string'))
      throw illegal(name, '^\\[("[^"]{1,50}"(,"[^"]{1,50}"){0,}){0,1}\\]$');
    return parsed;
  }
}

/** Milliseconds, or microseconds when it is too long for milliseconds. */
export function toMicros(time: number): Micros {
  return time >= 1e15 ? time : time * 1_000;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
