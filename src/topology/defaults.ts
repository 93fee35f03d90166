import { z } from 'zod';
import { Decimal } from '../model/decimal.js';
import { formatDuration } from '../model/units.js';
import { formatClock } from './clock-text.js';
import { fieldsOf, metaOf, unwrap, type Schema } from './field-text.js';

/** Fills the defaults of a schema into what was written, in the words of the language, for people to read. */
export function withDefaults(schema: Schema, written: unknown): unknown {
  const fields = fieldsOf(schema);
  if (fields !== undefined) {
    if (typeof written !== 'object' || written === null || Array.isArray(written)) return written;
    const result: Record<string, unknown> = { ...(written as Record<string, unknown>) };
    for (const [name, field] of Object.entries(fields)) {
      if (Object.hasOwn(result, name)) result[name] = withDefaults(field, result[name]);
      else {
        const value = defaultOf(field);
        if (value !== undefined) result[name] = value;
      }
    }
    return result;
  }
  const bare = unwrap(schema);
  if (bare instanceof z.core.$ZodArray && Array.isArray(written))
    return written.map((item: unknown) => withDefaults(bare._zod.def.element, item));
  if (bare instanceof z.core.$ZodRecord && typeof written === 'object' && written !== null) {
    return Object.fromEntries(
      Object.entries(written).map(([key, value]: [string, unknown]) => [
        key,
        withDefaults(bare._zod.def.valueType, value),
      ]),
    );
  }
  return written;
}

/** The default of a field as one would write it; undefined when it has none. */
export function defaultOf(field: Schema): unknown {
  let current: Schema = field;
  for (;;) {
    if (current instanceof z.core.$ZodDefault)
      return written(current._zod.def.defaultValue, metaOf(field).unit);
    if (current instanceof z.core.$ZodPrefault)
      return withDefaults(current._zod.def.innerType, written(current._zod.def.defaultValue, undefined));
    if (current instanceof z.core.$ZodPipe) current = current._zod.def.in;
    else if (
      current instanceof z.core.$ZodOptional ||
      current instanceof z.core.$ZodNullable ||
      current instanceof z.core.$ZodReadonly
    )
      current = current._zod.def.innerType;
    else return undefined;
  }
}

/** A parsed value in the text form of its unit. */
function written(value: unknown, unit: string | undefined): unknown {
  if (typeof value === 'number' && unit === 'duration') return value === 0 ? '0s' : formatDuration(value);
  if (typeof value === 'number' && unit === 'clock') return formatClock(value);
  if (value instanceof Decimal)
    return unit === 'fraction' ? `${value.times(10_000).toString()} bps` : value.toString();
  if (Array.isArray(value)) return value.map((item: unknown) => written(item, unit));
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  if (unit === 'money') return `${String(fields.amount)} ${String(fields.currency)}`;
  if (unit === 'rate' && typeof fields.per === 'number')
    return `${String(fields.count)}/${formatDuration(fields.per).replace(/^1([a-z])/, '$1')}`;
  return Object.fromEntries(Object.entries(fields).map(([key, item]) => [key, written(item, undefined)]));
}
