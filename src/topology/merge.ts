import { diagnostic, type Diagnostic } from './diagnostic.js';
import { shortPlace } from './place.js';
import type { Entry, MapTree, Tree } from './tree.js';

/** Maps of names: several files are joined name by name. */
const UNIONS: ReadonlySet<string> = new Set([
  'instruments',
  'accounts',
  'brokers',
  'sources',
  'operators',
  'sinks',
  'portfolio',
  'shutdown',
  'recovery',
  'reconcile',
  'control',
]);

/** Drops keys written twice in one map, and says where the first stands. */
export function dropDuplicateKeys(tree: Tree, diagnostics: Diagnostic[], depth = 0, section = ''): Tree {
  if (tree.type === 'scalar') return tree;
  if (tree.type === 'list')
    return {
      ...tree,
      items: tree.items.map((item) => dropDuplicateKeys(item, diagnostics, depth + 1, section)),
    };
  const seen = new Map<string, Entry>();
  for (const entry of tree.entries) {
    const first = seen.get(entry.key);
    if (first === undefined) {
      const inner = depth === 0 ? entry.key : section;
      seen.set(entry.key, { ...entry, value: dropDuplicateKeys(entry.value, diagnostics, depth + 1, inner) });
      continue;
    }
    const what = depth === 1 && UNIONS.has(section) ? 'name' : 'key';
    const help = depth === 0 ? 'put everything under one of them.' : 'remove or rename one of them.';
    diagnostics.push(
      diagnostic(
        'E107',
        entry.keyPlace,
        `the ${what} "${entry.key}" is already written on line ${first.keyPlace.line}.`,
        help,
      ),
    );
  }
  return { ...tree, entries: [...seen.values()] };
}

/** Joins several files into one tree: maps of names are united, lists of plugins follow each other. */
export function mergeTrees(trees: readonly MapTree[], diagnostics: Diagnostic[]): MapTree | undefined {
  const first = trees[0];
  if (first === undefined) return undefined;
  const merged = new Map<string, Entry>();
  for (const tree of trees) {
    for (const entry of tree.entries) {
      const old = merged.get(entry.key);
      merged.set(entry.key, old === undefined ? entry : join(old, entry, diagnostics));
    }
  }
  return { ...first, entries: [...merged.values()] };
}

function join(old: Entry, entry: Entry, diagnostics: Diagnostic[]): Entry {
  const [a, b] = [old.value, entry.value];
  if (a.type === 'scalar' && a.value === null) return entry;
  if (b.type === 'scalar' && b.value === null) return old;
  if (entry.key === 'plugins' && a.type === 'list' && b.type === 'list')
    return { ...old, value: { ...a, items: [...a.items, ...b.items] } };
  if (entry.key === 'version' && a.type === 'scalar' && b.type === 'scalar' && a.value === b.value)
    return old;
  if (!UNIONS.has(entry.key) || a.type !== 'map' || b.type !== 'map') {
    diagnostics.push(
      diagnostic(
        'E107',
        entry.keyPlace,
        `"${entry.key}" is already set at ${shortPlace(old.keyPlace)}.`,
        'set it in one file only, or override it with --set.',
      ),
    );
    return old;
  }
  const names = new Map(a.entries.map((item) => [item.key, item]));
  for (const item of b.entries) {
    const twin = names.get(item.key);
    if (twin === undefined) names.set(item.key, item);
    else
      diagnostics.push(
        diagnostic(
          'E107',
          item.keyPlace,
          `the name "${item.key}" is already used under ${entry.key}: at ${shortPlace(twin.keyPlace)}.`,
          'rename one of them; a change for one run is `--set`.',
        ),
      );
  }
  return { ...old, value: { ...a, entries: [...names.values()] } };
}
