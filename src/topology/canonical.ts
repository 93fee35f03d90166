import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Draft } from './draft.js';
import { RESERVED, SECTIONS } from './registry.js';
import { topologySchema } from './schema.js';
import { withDefaults } from './defaults.js';
import { plain, type MapTree } from './tree.js';

/** The resolved configuration as plain values: defaults filled in, secrets as `***`. */
export function resolvedConfiguration(
  tree: MapTree,
  drafts: readonly Draft[],
): Readonly<Record<string, unknown>> {
  const head: MapTree = {
    ...tree,
    entries: tree.entries.filter(({ key }) => !(SECTIONS as readonly string[]).includes(key)),
  };
  const result = withDefaults(topologySchema, plain(head, true)) as Record<string, unknown>;
  for (const section of SECTIONS) {
    const members = drafts.filter((draft) => draft.section === section);
    if (members.length === 0) continue;
    result[section] = Object.fromEntries(members.map((draft) => [draft.name, componentConfiguration(draft)]));
  }
  return result;
}

function componentConfiguration(draft: Draft): unknown {
  const { spec, tree, section } = draft;
  if (spec === undefined) return plain(tree, true);
  const reserved: Record<string, unknown> = {};
  for (const word of RESERVED[section]) {
    const entry = tree.entries.find(({ key }) => key === word);
    if (entry !== undefined) reserved[word] = plain(entry.value, true);
  }
  if (spec.section === 'sinks') reserved.delivery ??= spec.delivery;
  const own: MapTree = {
    ...tree,
    entries: tree.entries.filter(({ key }) => !RESERVED[section].includes(key)),
  };
  return { ...reserved, ...(withDefaults(spec.config, plain(own, true)) as object) };
}

export function configurationText(configuration: Readonly<Record<string, unknown>>): string {
  return stringify(configuration, { lineWidth: 110, aliasDuplicateObjects: false });
}

/** Same meaning, same hash: keys sorted, except that components keep their order, which decides order inside a turn. */
export function configurationHash(configuration: Readonly<Record<string, unknown>>): string {
  const ordered = Object.fromEntries(
    Object.entries(configuration).map(([key, value]) => [
      key,
      (SECTIONS as readonly string[]).includes(key) ? Object.entries(value as object) : value,
    ]),
  );
  return createHash('sha256').update(canonicalJson(ordered)).digest('hex');
}

/** JSON with sorted keys: the same text for the same meaning. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'function') return JSON.stringify(`function ${value.name}`);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if ('toJSON' in value && typeof value.toJSON === 'function') return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`)
    .join(',')}}`;
}
