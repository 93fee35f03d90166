import { Decimal } from '../model/decimal.js';

/**
 * Plain JSON of what State keeps: Decimals, Maps, Sets, arrays of floats, special numbers and `undefined` come back
 * exactly as they were. One key that begins with `$` marks each; no field of State does.
 */
export function pack(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      if (Number.isFinite(value) && !Object.is(value, -0)) return value;
      return { $n: Object.is(value, -0) ? '-0' : String(value) };
    case 'undefined':
      return { $u: 1 };
    case 'string':
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : packObject(value);
    default:
      throw new TypeError(`a ${typeof value} cannot be part of a snapshot`);
  }
}

function packObject(value: object): unknown {
  if (value instanceof Decimal) return { $d: value.valueOf() };
  if (Array.isArray(value)) return value.map(pack);
  if (value instanceof Map) return { $m: [...value].map(([key, item]) => [pack(key), pack(item)]) };
  if (value instanceof Set) return { $s: [...value].map(pack) };
  if (value instanceof Float64Array)
    return { $f: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  if (value instanceof Uint8Array) return { $b: Buffer.from(value).toString('base64') };
  const entries = Object.entries(value);
  // A dictionary that would be taken for a mark, or whose key an object cannot be given by assignment.
  if (entries.some(([key], i) => key === '__proto__' || (i === 0 && key.startsWith('$'))))
    return { $o: entries.map(([key, item]) => [key, pack(item)]) };
  const out: Record<string, unknown> = {};
  for (const [key, item] of entries) out[key] = pack(item);
  return out;
}

/** The value of a {@link pack}ed one. Throws TypeError for what `pack` never writes. */
export function unpack(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(unpack);
  if (typeof json !== 'object' || json === null) return json;
  const fields = json as Readonly<Record<string, unknown>>;
  for (const key in fields) {
    if (key.charCodeAt(0) === 36) return special(key, fields[key]);
    break;
  }
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(fields)) out[key] = unpack(fields[key]);
  return out;
}

function special(key: string, value: unknown): unknown {
  switch (key) {
    case '$u':
      return undefined;
    case '$n':
      return Number(value);
    case '$d':
      return new Decimal(text(value));
    case '$m':
      return new Map((unpack(value) as [unknown, unknown][]).map(([k, item]) => [k, item]));
    case '$o':
      return Object.fromEntries(unpack(value) as [string, unknown][]);
    case '$s':
      return new Set(unpack(value) as unknown[]);
    case '$f': {
      const bytes = Uint8Array.from(Buffer.from(text(value), 'base64'));
      return new Float64Array(bytes.buffer);
    }
    case '$b':
      return Uint8Array.from(Buffer.from(text(value), 'base64'));
    default:
      throw new TypeError(`a snapshot holds the unknown mark ${key}`);
  }
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`a snapshot holds ${typeof value} where text belongs`);
  return value;
}
