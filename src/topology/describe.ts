import { DENIALS, ERRORS } from '../model/reason.js';
import { defaultOf } from './defaults.js';
import { EXPLANATIONS } from './explain.js';
import { expectedText, fieldsOf, isOptional, metaOf, unwrap, type Schema } from './field-text.js';
import { SECTIONS, singular, type Registry } from './registry.js';
import type { ComponentSpec } from './spec.js';
import { suggest } from './suggest.js';

export type Described =
  | { readonly kind: 'component'; readonly spec: ComponentSpec; readonly from: string }
  | { readonly kind: 'code'; readonly code: string; readonly title: string; readonly text: string };

/** Components and codes of this name; `sinks.journal` names one of several. */
export function findDescribed(
  name: string,
  registry: Registry,
): { readonly items: readonly Described[]; readonly help: string } {
  const code = describeCode(name.toUpperCase());
  if (code !== undefined) return { items: [code], help: '' };
  const dot = name.indexOf('.');
  const [section, type] = dot < 0 ? ['', name] : [name.slice(0, dot), name.slice(dot + 1)];
  const items = SECTIONS.filter(
    (word) => section === '' || word === section || singular(word) === section,
  ).flatMap((word): readonly Described[] => {
    const spec = registry.get(word, type);
    return spec === undefined ? [] : [{ kind: 'component', spec, from: registry.origin(word, type) }];
  });
  const words = [
    ...SECTIONS.flatMap((word) => registry.types(word)),
    ...Object.keys(EXPLANATIONS),
    ...Object.keys(DENIALS),
    ...Object.keys(ERRORS),
  ];
  const near = suggest(name, words);
  return {
    items,
    help: near === undefined ? '`millrace list` shows all components.' : `did you mean "${near}"?`,
  };
}

function describeCode(code: string): Described | undefined {
  const explanation = Object.hasOwn(EXPLANATIONS, code) ? EXPLANATIONS[code] : undefined;
  if (explanation !== undefined) return { kind: 'code', code, ...explanation };
  const find = (table: Readonly<Record<string, string>>, title: string): Described | undefined => {
    const text = Object.hasOwn(table, code) ? table[code] : undefined;
    return text === undefined ? undefined : { kind: 'code', code, title, text };
  };
  return find(DENIALS, 'Reason of a denial') ?? find(ERRORS, 'Engine error');
}

interface FieldRow {
  readonly name: string;
  readonly expected: string;
  readonly required: boolean;
  readonly default: unknown;
  readonly description: string;
}

/** Options of a schema, nested maps as `limits.max_position`. */
function fieldRows(schema: Schema, prefix = ''): readonly FieldRow[] {
  return Object.entries(fieldsOf(schema) ?? {}).flatMap(([key, field]): readonly FieldRow[] => {
    const name = `${prefix}${key}`;
    const row = {
      name,
      expected: expectedText(field),
      required: !isOptional(field),
      default: defaultOf(field) ?? null,
      description: metaOf(field).description ?? '',
    };
    const inner = fieldsOf(unwrap(field));
    return inner === undefined
      ? [row]
      : [{ ...row, expected: 'a map', default: null }, ...fieldRows(unwrap(field), `${name}.`)];
  });
}

function kindsOf(spec: ComponentSpec): {
  readonly accepts?: readonly string[];
  readonly emits?: readonly string[] | 'same';
  readonly ports?: Readonly<Record<string, readonly string[]>>;
} {
  if (spec.section === 'sources') return { emits: spec.emits };
  if (spec.section === 'operators')
    return { accepts: spec.accepts, emits: spec.emits, ports: spec.ports ?? {} };
  return spec.section === 'sinks' ? { accepts: spec.accepts } : {};
}

export function describeJson(item: Described): object {
  if (item.kind === 'code') return item;
  const { spec, from } = item;
  const delivery = spec.section === 'sinks' ? { delivery: spec.delivery } : {};
  return {
    section: spec.section,
    type: spec.type,
    summary: spec.summary,
    description: spec.description ?? '',
    ...kindsOf(spec),
    ...delivery,
    reload: spec.reload,
    from,
    fields: fieldRows(spec.config),
    examples: spec.examples,
  };
}

export function describeText(item: Described): string {
  if (item.kind === 'code') return `${item.code}: ${item.title}\n\n${item.text}`;
  const { spec } = item;
  const kinds = kindsOf(spec);
  const lines = [`${spec.type} (${singular(spec.section)}): ${spec.summary}`];
  if (spec.description !== undefined) lines.push('', spec.description.trim());
  lines.push('');
  if (kinds.accepts !== undefined && kinds.accepts.length > 0)
    lines.push(`reads:    ${kinds.accepts.join(', ')}`);
  if (kinds.emits !== undefined)
    lines.push(`emits:    ${typeof kinds.emits === 'string' ? 'what comes in' : kinds.emits.join(', ')}`);
  for (const [port, emitted] of Object.entries(kinds.ports ?? {}))
    lines.push(`  .${port}: ${emitted.join(', ')}`);
  if (spec.section === 'sinks') lines.push(`delivery: ${spec.delivery}`);
  lines.push(`reload:   ${spec.reload}`, '', 'options:');
  const rows = fieldRows(spec.config);
  if (rows.length === 0) lines.push('  none');
  for (const row of rows) {
    const note = row.required
      ? 'required'
      : row.default === null
        ? 'optional'
        : `default ${typeof row.default === 'string' ? row.default : JSON.stringify(row.default)}`;
    lines.push(`  ${row.name} (${note}): ${row.description === '' ? `${row.expected}.` : row.description}`);
    if (row.description !== '' && row.expected !== 'a map') lines.push(`      takes ${row.expected}`);
  }
  if (spec.examples.length > 0)
    lines.push(
      '',
      'examples:',
      ...spec.examples.flatMap((example) =>
        example
          .trim()
          .split('\n')
          .map((line) => `  ${line}`),
      ),
    );
  return lines.join('\n');
}
