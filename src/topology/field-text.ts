import { z } from 'zod';
import { oneOf } from './suggest.js';

/**
 * What a schema expects, in words and as structure: read once for messages, `describe`, `--set` and defaults.
 * These helpers look at zod's public `def` only.
 */
export type Schema = z.core.$ZodType;

export interface FieldMeta {
  readonly description?: string;
  readonly unit?: string;
  readonly expected?: string;
  readonly examples?: readonly unknown[];
}

export function metaOf(schema: Schema): FieldMeta {
  let result: FieldMeta = {};
  let current: Schema | undefined = schema;
  while (current !== undefined) {
    // The outer text wins: `.describe()` on the field over what the helper says.
    result = { ...(z.globalRegistry.get(current) as FieldMeta | undefined), ...result };
    current = innerOf(current);
  }
  return result;
}

/** The schema inside one wrapper (optional, default, ...), or undefined. */
function innerOf(schema: Schema): Schema | undefined {
  if (schema instanceof z.core.$ZodPipe) return schema._zod.def.in;
  if (
    schema instanceof z.core.$ZodOptional ||
    schema instanceof z.core.$ZodDefault ||
    schema instanceof z.core.$ZodPrefault ||
    schema instanceof z.core.$ZodNullable ||
    schema instanceof z.core.$ZodReadonly ||
    schema instanceof z.core.$ZodNonOptional ||
    schema instanceof z.core.$ZodCatch
  ) {
    return schema._zod.def.innerType;
  }
  if (schema instanceof z.core.$ZodLazy) return schema._zod.def.getter();
  return undefined;
}

export function unwrap(schema: Schema): Schema {
  const inner = innerOf(schema);
  return inner === undefined ? schema : unwrap(inner);
}

/** Fields of an object schema, or undefined when it is none. */
export function fieldsOf(schema: unknown): Readonly<Record<string, Schema>> | undefined {
  if (!(schema instanceof z.core.$ZodType)) return undefined;
  const bare = unwrap(schema);
  return bare instanceof z.core.$ZodObject ? bare._zod.def.shape : undefined;
}

/** Schemas that may stand at `path` inside `schema` (several below a union). */
export function schemasAt(schema: Schema, path: readonly PropertyKey[]): readonly Schema[] {
  const bare = unwrap(schema);
  if (bare instanceof z.core.$ZodUnion && metaOf(schema).expected === undefined) {
    const inner = bare._zod.def.options.flatMap((option) => schemasAt(option, path));
    return path.length === 0 ? [schema] : inner;
  }
  const [step, ...rest] = path;
  if (step === undefined) return [schema];
  if (bare instanceof z.core.$ZodObject) {
    const field = bare._zod.def.shape[String(step)];
    return field === undefined ? [] : schemasAt(field, rest);
  }
  if (bare instanceof z.core.$ZodArray) return schemasAt(bare._zod.def.element, rest);
  if (bare instanceof z.core.$ZodRecord) return schemasAt(bare._zod.def.valueType, rest);
  if (bare instanceof z.core.$ZodTuple) {
    const item = bare._zod.def.items[Number(step)] ?? bare._zod.def.rest;
    return item === undefined || item === null ? [] : schemasAt(item, rest);
  }
  return [];
}

/** Keys that may stand in the map at `path`. */
export function keysAt(schema: Schema, path: readonly PropertyKey[]): readonly string[] {
  const keys = schemasAt(schema, path).flatMap((found) => {
    const bare = unwrap(found);
    const options = bare instanceof z.core.$ZodUnion ? bare._zod.def.options : [bare];
    return options.flatMap((option) => Object.keys(fieldsOf(option) ?? {}));
  });
  return [...new Set(keys)];
}

export const isOptional = (schema: Schema): boolean => schema._zod.optin !== undefined;

/** `a duration with a unit, for example 500ms, 5s or 1m`, `a whole number`, `one of trade, quote`. */
export function expectedText(schema: Schema): string {
  const meta = metaOf(schema);
  if (meta.expected !== undefined) {
    const examples = (meta.examples ?? []).map(String);
    return examples.length === 0 ? meta.expected : `${meta.expected}, for example ${oneOf(examples)}`;
  }
  const bare = unwrap(schema);
  if (bare instanceof z.core.$ZodUnion)
    return oneOf([...new Set(bare._zod.def.options.map((option) => expectedText(option)))]);
  if (bare instanceof z.core.$ZodEnum) return choices(Object.values(bare._zod.def.entries).map(String));
  if (bare instanceof z.core.$ZodLiteral) return choices(bare._zod.def.values.map(String));
  if (bare instanceof z.core.$ZodNumber) return numberText(bare);
  if (bare instanceof z.core.$ZodString) return 'text';
  if (bare instanceof z.core.$ZodBoolean) return 'true or false';
  if (bare instanceof z.core.$ZodArray) return `a list, each item ${expectedText(bare._zod.def.element)}`;
  if (bare instanceof z.core.$ZodTuple) return 'a list';
  if (bare instanceof z.core.$ZodObject) {
    const fields = Object.keys(bare._zod.def.shape);
    return fields.length === 0
      ? 'a map'
      : `a map of ${oneOf(fields.slice(0, 4), 'and')}${fields.length > 4 ? ' and more' : ''}`;
  }
  if (bare instanceof z.core.$ZodRecord) return `a map, each value ${expectedText(bare._zod.def.valueType)}`;
  return 'another value';
}

const choices = (words: readonly string[]): string =>
  words.length === 1 ? (words[0] ?? '') : `one of ${words.join(', ')}`;

function numberText(schema: z.core.$ZodNumber): string {
  const limits: string[] = [];
  for (const check of schema._zod.def.checks ?? []) {
    const {
      check: kind,
      value,
      inclusive,
    } = check._zod.def as { readonly check: string; readonly value?: number; readonly inclusive?: boolean };
    if (kind === 'greater_than') limits.push(`${inclusive === true ? 'at least' : 'above'} ${String(value)}`);
    if (kind === 'less_than') limits.push(`${inclusive === true ? 'at most' : 'below'} ${String(value)}`);
  }
  const whole = 'format' in schema._zod.def && String(schema._zod.def.format).includes('int');
  return `${whole ? 'a whole number' : 'a number'}${limits.length === 0 ? '' : ` ${limits.join(' and ')}`}`;
}
