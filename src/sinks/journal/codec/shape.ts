import { Decimal } from '../../../model/decimal.js';

/** JSON as it is written: a value that is `undefined` leaves its key out. */
export type Json =
  string | number | boolean | null | undefined | readonly Json[] | { readonly [key: string]: Json };

/** How one value goes to JSON and comes back, checked. `fromJson` throws {@link ShapeError} naming the field. */
export interface Shape<T> {
  toJson(value: T): Json;
  fromJson(json: unknown, field: string): T;
  /** A key of an {@link object} that is not there stays away, instead of becoming `undefined`. */
  readonly omit?: true;
  /** Exactly the text of `JSON.stringify(toJson(value))`, without the objects between; `undefined` leaves the key out. */
  write?(value: T): string | undefined;
}

/** How a shape writes, whether or not it says so itself. */
function writer<T>(shape: Shape<T>): (value: T) => string | undefined {
  return shape.write?.bind(shape) ?? ((value) => JSON.stringify(shape.toJson(value)));
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
  write: (value) => JSON.stringify(value),
  fromJson(json, field) {
    if (typeof json !== 'string') throw new ShapeError(field, 'a string', json);
    return json;
  },
};

export const flag: Shape<boolean> = {
  toJson: (value) => value,
  write: (value) => JSON.stringify(value),
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
  write(value) {
    if (Object.is(value, -0)) return '"-0"';
    return Number.isFinite(value) ? String(value) : JSON.stringify(String(value));
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
  write: (value) => `"${value.valueOf()}"`,
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
  const quoted = new Map<string, string>([...known].map((word) => [word, JSON.stringify(word)]));
  return {
    toJson: (value) => value,
    write: (value) => quoted.get(value) ?? JSON.stringify(value),
    fromJson(json, field) {
      if (!is(json)) throw new ShapeError(field, `one of ${[...known].join(', ')}`, json);
      return json;
    },
  };
}

export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  const write = writer(shape);
  return {
    toJson: (value) => (value === undefined ? undefined : shape.toJson(value)),
    write: (value) => (value === undefined ? undefined : write(value)),
    fromJson: (json, field) => (json === undefined ? undefined : shape.fromJson(json, field)),
  };
}

/** Like {@link optional}, for a key that may be missing altogether. */
export function omitted<T>(shape: Shape<T>): Shape<T | undefined> {
  return { ...optional(shape), omit: true };
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  const write = writer(shape);
  return {
    toJson: (value) => value.map((item) => shape.toJson(item)),
    write: (value) => `[${value.map((item) => write(item) ?? 'null').join(',')}]`,
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
  const parts = keys.map((key) => ({ key, name: `${JSON.stringify(key)}:`, write: writer(fields[key]) }));
  return {
    toJson: (value) => Object.fromEntries(keys.map((key) => [key, fields[key].toJson(value[key])])),
    write(value) {
      let written = '';
      for (const { key, name, write } of parts) {
        const part = write(value[key]);
        if (part !== undefined) written += written === '' ? name + part : `,${name}${part}`;
      }
      return `{${written}}`;
    },
    fromJson(json, field) {
      if (!isObject(json)) throw new ShapeError(field, 'an object', json);
      const prefix = field === '' ? '' : `${field}.`;
      return Object.fromEntries(
        keys
          .filter((key) => json[key] !== undefined || fields[key].omit !== true)
          .map((key) => [key, fields[key].fromJson(json[key], prefix + key)]),
      ) as T;
    },
  };
}

const forgetters: (() => void)[] = [];

/**
 * The same shape, which keeps the text of the last value it wrote: one object stands in many records of a turn. Values
 * must not change between two calls of {@link forgetWritten}.
 */
export function remembered<T extends object>(shape: Shape<T>): Shape<T> {
  const write = writer(shape);
  let last: T | undefined;
  let written: string | undefined;
  forgetters.push(() => {
    last = written = undefined;
  });
  return {
    ...shape,
    write(value) {
      if (value !== last) {
        written = write(value);
        last = value;
      }
      return written;
    },
  };
}

/** A new turn is written: what was remembered may have changed. */
export function forgetWritten(): void {
  for (const forget of forgetters) forget();
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
