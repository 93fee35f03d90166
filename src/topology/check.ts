import { assemble } from './assemble.js';
import type { CheckedTopology } from './checked.js';
import type { Diagnostic } from './diagnostic.js';
import { readComponents, type Draft } from './draft.js';
import { parseTree } from './issues.js';
import { lint } from './lint.js';
import type { Place } from './place.js';
import { SECTIONS, type Registry } from './registry.js';
import { TOP_LEVEL_KEYS, topologySchema } from './schema.js';
import { suggest } from './suggest.js';
import { entryOf, plain, type MapTree } from './tree.js';
import type { Mode } from './spec.js';

export interface CheckResult {
  readonly diagnostics: readonly Diagnostic[];
  /** Present when there is no error. */
  readonly topology?: CheckedTopology;
  readonly drafts: readonly Draft[];
}

/** Checks a resolved tree against the language and the components: the one way to a {@link CheckedTopology}.
 * `strategies` names those given in code. */
export function checkTree(
  written: MapTree,
  registry: Registry,
  baseDir: string,
  before: readonly Diagnostic[] = [],
  strategies: readonly string[] = [],
): CheckResult {
  const tree = dropEmptySections(written);
  const place: Place = tree.entries[0]?.keyPlace ?? tree.place;
  const head = parseTree(topologySchema, tree, { who: 'the topology', noun: 'a topology', place });
  const diagnostics: Diagnostic[] = [...before, ...head.diagnostics];
  const drafts = readComponents(withIntendedSections(tree), registry, diagnostics);
  const broken = (): boolean => diagnostics.some(({ severity }) => severity === 'error');
  const result = lint(drafts, {
    mode: head.value?.mode ?? modeOf(tree),
    baseDir,
    strategies,
    broken: broken(),
  });
  diagnostics.push(...result.diagnostics);
  if (head.value === undefined || broken()) return { diagnostics, drafts };
  return { diagnostics, drafts, topology: assemble(head.value, tree, result.graph, baseDir) };
}

/** `sinks:` with nothing below it is an empty map, not a mistake. */
function dropEmptySections(tree: MapTree): MapTree {
  const names: readonly string[] = [
    ...SECTIONS,
    'instruments',
    'accounts',
    'portfolio',
    'plugins',
    'shutdown',
    'safety',
    'control',
    'recovery',
    'reconcile',
  ];
  return {
    ...tree,
    entries: tree.entries.filter(
      ({ key, value }) => !(names.includes(key) && value.type === 'scalar' && value.value === null),
    ),
  };
}

/** A misspelt section is read as what was meant, so that nothing else is reported because of it. */
function withIntendedSections(tree: MapTree): MapTree {
  const entries = tree.entries.map((entry) => {
    const meant = TOP_LEVEL_KEYS.includes(entry.key) ? undefined : suggest(entry.key, SECTIONS);
    return meant === undefined || entryOf(tree, meant) !== undefined ? entry : { ...entry, key: meant };
  });
  return { ...tree, entries };
}

/** The mode for rules when another line of the head is wrong. */
function modeOf(tree: MapTree): Mode {
  const value = entryOf(tree, 'mode')?.value;
  const mode = value === undefined ? undefined : plain(value);
  return mode === 'live' || mode === 'replay' ? mode : 'paper';
}
