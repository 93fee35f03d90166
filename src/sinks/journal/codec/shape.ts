import { Decimal } from '../../../model/decimal.js';

/** JSON as it is written: a value that is `undefined` leaves its key out. */
export type Json =
  string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** How one value goes to JSON and comes back, checked. `fromJson` throws {@link ShapeError} naming the field. */
export interface Shape<T> {
  toJson(value: T): Json;
  fromJson(json: unknown, field: string): T;
}

export class ShapeError extends Error {
  override readonly name = 'ShapeError';
  constructor(field: string, expected: string, got: unknown) {
    super(
      `${field}: expected ${expected}, got ${got === undefined ? 'nothing' : (JSON.stringify(got) ?? typeof got).slice(0, 80)}`,
    );
  }
}

export const text: Shape<string> = {
  toJson: (value) => value,
  fromJson(json, field) {
    if (typeof json !== 'string') throw new ShapeError(field, 'a string', json);
    return json;
  },
};

export const flag: Shape<boolean> = {
  toJson: (value) => value,
  fromJson(json, field) {
    if (typeof json !== 'boolean') throw new ShapeError(field, 'true or false', json);
    return json;
  },
};

const SPECIAL = new Map<string, number>([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
  ['-0', -0],
]);

/** Numbers JSON cannot hold (NaN, infinities, minus zero) are written as strings. */
export const number: Shape<number> = {
  toJson(value) {
    if (Object.is(value, -0)) return '-0';
    return Number.isFinite(value) ? value : String(value);
  },
  fromJson(json, field) {
    if (typeof json === 'number') return json;
    const special = typeof json === 'string' ? SPECIAL.get(json) : undefined;
    if (special === undefined) throw new ShapeError(field, 'a number', json);
    return special;
  },
};

/** Decimals are written as plain decimal text and come back exactly. */
export const decimal: Shape<Decimal> = {
  toJson: (value) => value.valueOf(),
  fromJson(json, field) {
    if (typeof json !== 'string' || !/^(-?\d+(\.\d+)?(e[+-]\d+)?|NaN|-?Infinity)$/.test(json))
      throw new ShapeError(field, 'a decimal in quotes', json);
    return new Decimal(json);
  },
};

/** One of a fixed set of words. Written as a record so that the compiler asks for every word of `T`. */
export function words<T extends string>(all: Readonly<Record<T, true>>): Shape<T> {
  const known = new Set<string>(Object.keys(all));
  const is = (json: unknown): json is T => typeof json === 'string' && known.has(json);
  return {
    toJson: (value) => value,
    fromJson(json, field) {
      if (!is(json)) throw new ShapeError(field, `one of ${[...known].join(', ')}`, json);
      return json;
    },
  };
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return {
    toJson: (value) => (value === undefined ? undefined : shape.toJson(value)),
    fromJson: (json, field) => (json === undefined ? undefined : shape.fromJson(json, field)),
  };
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return {
    toJson: (value) => value.map((item) => shape.toJson(item)),
    fromJson(json, field) {
      if (!Array.isArray(json)) throw new ShapeError(field, 'a list', json);
      return json.map((item: unknown, i) => shape.fromJson(item, `${field}[${i}]`));
    },
  };
}

export function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Text by key. */
export const dictionary: Shape<Readonly<Record<string, string>>> = {
  toJson: (value) => value,
  fromJson(json, field) {
    if (!isObject(json)) throw new ShapeError(field, 'an object', json);
    return Object.fromEntries(
      Object.entries(json).map(([key, value]) => [key, text.fromJson(value, `${field}.${key}`)]),
    );
  },
};

export type Fields<T> = { readonly [K in keyof T]-?: Shape<T[K]> };

/** An object with exactly these fields, in this order; other keys are ignored. */
export function object<T extends object>(fields: Fields<T>): Shape<T> {
  const keys = Object.keys(fields) as (keyof T & string)[];
  return {
    toJson: (value) => Object.fromEntries(keys.map((key) => [key, fields[key].toJson(value[key])])),
    fromJson(json, field) {
      if (!isObject(json)) throw new ShapeError(field, 'an object', json);
      const prefix = field === '' ? '' : `${field}.`;
      return Object.fromEntries(keys.map((key) => [key, fields[key].fromJson(json[key], prefix + key)])) as T;
    },
  };
}

/** Like {@link object}, but a key that is absent stays absent instead of becoming `undefined`. */
export function sparse<T extends object>(fields: {
  readonly [K in keyof T]-?: Shape<NonNullable<T[K]>>;
}): Shape<T> {
  const keys = Object.keys(fields) as (keyof T & string)[];
  return {
    toJson: (value) =>
      Object.fromEntries(
        keys
          .filter((key) => value[key] !== undefined)
          .map((key) => [key, fields[key].toJson(value[key] as NonNullable<T[typeof key]>)]),
      ),
    fromJson(json, field) {
      if (!isObject(json)) throw new ShapeError(field, 'an object', json);
      return Object.fromEntries(
        keys
          .filter((key) => json[key] !== undefined)
          .map((key) => [key, fields[key].fromJson(json[key], `${field}.${key}`)]),
      ) as T;
    },
  };
}
