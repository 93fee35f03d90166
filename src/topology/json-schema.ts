import { z } from 'zod';
import { RESERVED, SECTIONS, singular, type Registry } from './registry.js';
import { COMPONENT_NAME, reservedSchemas, topologySchema } from './schema.js';
import type { ComponentSpec, Section } from './spec.js';

type Json = Readonly<Record<string, unknown>>;

/** `${NAME}` may stand wherever a value is not text. */
const VARIABLE: Json = { type: 'string', pattern: '\\$\\{' };

/**
 * JSON Schema (draft 7) of the language, for editors. Each component is an `if`/`then` on its `type`, so that one
 * mistake gives one message and completion offers the options of that type alone.
 */
export function topologyJsonSchema(registry: Registry): Json {
  const schema = toJson(topologySchema);
  const properties: Record<string, unknown> = { ...(schema.properties as Json) };
  for (const section of SECTIONS) {
    properties[section] = {
      description: (properties[section] as Json | undefined)?.description,
      type: ['object', 'null'],
      propertyNames: { pattern: COMPONENT_NAME.source },
      additionalProperties: componentSchema(section, registry.list(section)),
    };
  }
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Millrace topology',
    ...schema,
    properties,
  };
}

function componentSchema(section: Section, specs: readonly ComponentSpec[]): Json {
  const types = { enum: specs.map(({ type }) => type), description: `Which ${singular(section)}.` };
  return {
    type: 'object',
    required: ['type'],
    properties: { type: types },
    allOf: specs.map((spec) => ({
      if: { properties: { type: { const: spec.type } }, required: ['type'] },
      then: oneType(section, spec),
    })),
  };
}

function oneType(section: Section, spec: ComponentSpec): Json {
  const own = toJson(spec.config);
  const properties: Record<string, unknown> = { type: { const: spec.type, description: spec.summary } };
  for (const word of RESERVED[section]) {
    if (word !== 'type') properties[word] = toJson(reservedSchemas[word as keyof typeof reservedSchemas]);
  }
  const required = Array.isArray(own.required) ? (own.required as readonly string[]) : [];
  const needsInputs = section === 'operators' || (spec.section === 'sinks' && spec.inputsOptional !== true);
  return {
    description: spec.summary,
    properties: { ...properties, ...(own.properties as Json | undefined) },
    required: ['type', ...(needsInputs ? ['inputs'] : []), ...required],
    additionalProperties: false,
  };
}

function toJson(schema: z.ZodType): Json {
  const json = z.toJSONSchema(schema, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      const node = jsonSchema as Record<string, unknown>;
      if (typeof node.expected === 'string')
        node.description = [node.description, `Takes ${node.expected}.`].filter(Boolean).join(' ');
      delete node.expected;
      delete node.unit;
      for (const bound of ['maximum', 'minimum']) {
        if (Math.abs(Number(node[bound])) === Number.MAX_SAFE_INTEGER) delete node[bound];
      }
    },
  }) as Record<string, unknown>;
  delete json.$schema;
  return allowVariables(json) as Json;
}

/** Lets numbers, booleans and choices be written as `${NAME}`, which is replaced before they are checked. */
function allowVariables(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(allowVariables);
  if (typeof node !== 'object' || node === null) return node;
  const source = node as Json;
  const kinds: readonly unknown[] = ['number', 'integer', 'boolean'];
  const isLeaf =
    source.const === undefined &&
    (kinds.includes(source.type) ||
      Array.isArray(source.enum) ||
      (source.type === 'string' && source.pattern !== undefined));
  if (isLeaf) {
    const { description, examples, default: preset, ...rest } = source;
    return clean({ description, examples, default: preset, anyOf: [rest, VARIABLE] });
  }
  return Object.fromEntries(
    Object.entries(source).map(([key, value]) => [
      key,
      keepsItsWords.has(key) ? value : allowVariables(value),
    ]),
  );
}

const keepsItsWords: ReadonlySet<string> = new Set([
  'enum',
  'const',
  'default',
  'examples',
  'required',
  'propertyNames',
  'type',
]);

function clean(node: Json): Json {
  return Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
}
