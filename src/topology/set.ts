import { resolve } from 'node:path';
import { diagnostic, type Diagnostic } from './diagnostic.js';
import { parseYaml } from './parse.js';
import type { Place } from './place.js';
import { meant } from './suggest.js';
import { entryOf, mapScalars, type MapTree, type Tree } from './tree.js';

export const SET_FILE = '--set';
const NAMED: ReadonlySet<string> = new Set(['brokers', 'sources', 'operators', 'sinks']);
const PATH_KEY = /(^|_)(path|paths|file|files|folder|dir)$/;

/**
 * Applies `--set a.b=c` to the tree. The value is read as YAML; a relative path starts at the current folder, as
 * anything typed into a shell does (in the file it starts at the file's folder).
 * Places then say `--set`, with the number of the option as line.
 */
export function applySets(
  tree: MapTree,
  sets: readonly string[],
  topLevel: readonly string[],
  cwd: string,
  diagnostics: Diagnostic[],
): MapTree {
  let result = tree;
  for (const [n, text] of sets.entries())
    result = applySet(result, text, n + 1, topLevel, cwd, diagnostics) ?? result;
  return result;
}

function applySet(
  tree: MapTree,
  text: string,
  line: number,
  topLevel: readonly string[],
  cwd: string,
  diagnostics: Diagnostic[],
): MapTree | undefined {
  const whole: Place = { file: SET_FILE, line, col: 1, length: text.length };
  const fail = (place: Place, message: string, help: string): undefined => {
    diagnostics.push(diagnostic('E112', place, message, help));
    return undefined;
  };
  const equals = text.indexOf('=');
  const path = text.slice(0, Math.max(0, equals)).split('.');
  if (equals < 1 || path.includes(''))
    return fail(whole, `"${text}" is not PATH=VALUE.`, 'write for example --set operators.bars.every=5m.');
  const pathPlace = { ...whole, length: equals };
  const [section = '', name] = path;
  if (!topLevel.includes(section))
    return fail(
      { ...whole, length: section.length },
      `there is no "${section}" in a topology.`,
      meant(section, topLevel, 'it has') ?? '',
    );
  const parsed = parseYaml(text.slice(equals + 1) || 'null', SET_FILE, line, equals + 2);
  diagnostics.push(...parsed.diagnostics);
  if (parsed.tree === undefined) return undefined;
  if (NAMED.has(section)) {
    const map = entryOf(tree, section)?.value;
    const names = map?.type === 'map' ? map.entries.map(({ key }) => key) : [];
    if (name === undefined || path.length < 3)
      return fail(
        pathPlace,
        `--set changes one option; "${path.join('.')}" is not an option.`,
        `write --set ${section}.NAME.OPTION=VALUE.`,
      );
    if (!names.includes(name))
      return fail(
        { ...whole, col: section.length + 2, length: name.length },
        `there is no "${name}" under ${section}:.`,
        meant(name, names, 'it has') ?? `add it to the file first.`,
      );
  }
  const key = path[path.length - 1] ?? '';
  const value = mapScalars(parsed.tree, (scalar) => {
    const raw = scalar.value;
    const relative =
      typeof raw === 'string' &&
      (/^\.\.?(\/|$)/.test(raw) ||
        (PATH_KEY.test(key) && !raw.startsWith('/') && !/^[$\w+.-]+:|^\$\{/.test(raw)));
    return relative ? { ...scalar, value: resolve(cwd, raw) } : scalar;
  });
  const changed = put(tree, path, value, pathPlace);
  if (changed?.type !== 'map')
    return fail(
      pathPlace,
      `"${path.join('.')}" leads into a value that has no parts.`,
      'shorten the path; list items are numbered from 0.',
    );
  return changed;
}

function put(tree: Tree | undefined, path: readonly string[], value: Tree, place: Place): Tree | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (tree?.type === 'list') {
    const n = Number(step);
    if (!Number.isInteger(n) || n < 0 || n > tree.items.length) return undefined;
    const item = put(tree.items[n], rest, value, place);
    return item === undefined
      ? undefined
      : { ...tree, items: [...tree.items.slice(0, n), item, ...tree.items.slice(n + 1)] };
  }
  if (tree?.type === 'scalar' && tree.value !== null) return undefined;
  const entries = tree?.type === 'map' ? tree.entries : [];
  const old = entries.find(({ key }) => key === step);
  const inner = put(old?.value, rest, value, place);
  if (inner === undefined) return undefined;
  const entry = { key: step, keyPlace: place, value: inner };
  const next =
    old === undefined
      ? [...entries, entry]
      : entries.map((item) =>
          item === old ? { ...entry, keyPlace: rest.length === 0 ? place : old.keyPlace } : item,
        );
  return { type: 'map', place: tree?.place ?? place, entries: next };
}
