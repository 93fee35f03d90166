import type { Registry } from './registry.js';
import { at, entryOf, type MapTree } from './tree.js';

/**
 * Takes away what only live trading may know (`liveOnly` of a broker's spec: its credentials) before anything in it is
 * looked up, unless the mode is live. So paper and replay never load live secrets, and need none.
 */
export function withoutLiveOnly(tree: MapTree, mode: unknown, registry: Registry): MapTree {
  const brokers = entryOf(tree, 'brokers')?.value;
  if (mode === 'live' || brokers?.type !== 'map') return tree;
  const entries = brokers.entries.map((entry) => {
    const type = at(entry.value, ['type']);
    const spec =
      type?.type === 'scalar' && typeof type.value === 'string'
        ? registry.get('brokers', type.value)
        : undefined;
    const secret = spec?.section === 'brokers' ? (spec.liveOnly ?? []) : [];
    if (secret.length === 0 || entry.value.type !== 'map') return entry;
    const kept = entry.value.entries.filter(({ key }) => !secret.includes(key));
    return { ...entry, value: { ...entry.value, entries: kept } };
  });
  return {
    ...tree,
    entries: tree.entries.map((entry) =>
      entry.key === 'brokers' ? { ...entry, value: { ...brokers, entries } } : entry,
    ),
  };
}
