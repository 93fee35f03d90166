/** The value at a dotted path (`data.items`, `0.price`; empty: the whole), or undefined when there is none. */
export function valueAt(json: unknown, path: string): unknown {
  if (path === '') return json;
  let value = json;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A number, or the number in a text; NaN for anything else. */
export function numberAt(json: unknown, path: string): number {
  const value = valueAt(json, path);
  if (typeof value === 'number') return value;
  return typeof value === 'string' && NUMBER.test(value.trim()) ? Number(value) : Number.NaN;
}

/** A text or number as text; undefined for anything else. */
export function textAt(json: unknown, path: string): string | undefined {
  const value = valueAt(json, path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
