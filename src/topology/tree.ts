import type { Place } from './place.js';

/** A topology after parsing: plain values, each with the place of its key and value. */
export interface ScalarTree {
  readonly type: 'scalar';
  readonly place: Place;
  readonly value: unknown;
  /** Text that the schema may turn into a number or boolean: interpolated, or too exact for a `number`. */
  readonly coercible?: boolean;
  /** Holds a secret: printed as `***`. */
  readonly secret?: boolean;
}

export interface ListTree {
  readonly type: 'list';
  readonly place: Place;
  readonly items: readonly Tree[];
}

export interface Entry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: Tree;
}

export interface MapTree {
  readonly type: 'map';
  readonly place: Place;
  readonly entries: readonly Entry[];
}

export type Tree = ScalarTree | ListTree | MapTree;
export type TreePath = readonly (string | number)[];

export function entryOf(tree: Tree | undefined, key: string): Entry | undefined {
  return tree?.type === 'map' ? tree.entries.find((entry) => entry.key === key) : undefined;
}

export function at(tree: Tree | undefined, path: TreePath): Tree | undefined {
  let current = tree;
  for (const step of path) {
    if (current === undefined) return undefined;
    if (current.type === 'list' && typeof step === 'number') current = current.items[step];
    else current = entryOf(current, String(step))?.value;
  }
  return current;
}

/** Place of the value at `path`; of its nearest parent where it is missing. */
export function valuePlace(tree: Tree, path: TreePath): Place {
  let place = tree.place;
  for (let n = 1; n <= path.length; n += 1) {
    const found = at(tree, path.slice(0, n));
    if (found === undefined) break;
    place = found.place;
  }
  return place;
}

/** Place of the key at the end of `path`, or of the value where there is no key (list items). */
export function keyPlace(tree: Tree, path: TreePath): Place {
  const last = path[path.length - 1];
  const parent = at(tree, path.slice(0, -1));
  return (last === undefined ? undefined : entryOf(parent, String(last))?.keyPlace) ?? valuePlace(tree, path);
}

/** The tree as plain JavaScript. `redact` shows secrets as `***`. Keys keep their order. */
export function plain(tree: Tree, redact = false): unknown {
  if (tree.type === 'scalar') return redact && tree.secret === true ? '***' : tree.value;
  if (tree.type === 'list') return tree.items.map((item) => plain(item, redact));
  const result: Record<string, unknown> = {};
  for (const { key, value } of tree.entries) {
    Object.defineProperty(result, key, {
      value: plain(value, redact),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return result;
}

/** Plain values as a tree; every place is `place`. Only arrays and plain objects are taken apart. */
export function fromPlain(value: unknown, place: Place): Tree {
  if (Array.isArray(value))
    return { type: 'list', place, items: value.map((item) => fromPlain(item, place)) };
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    return {
      type: 'map',
      place,
      entries: entries.map(([key, item]) => ({ key, keyPlace: place, value: fromPlain(item, place) })),
    };
  }
  return { type: 'scalar', place, value };
}

/** A copy with every scalar replaced by what `fn` returns. */
export function mapScalars(tree: Tree, fn: (scalar: ScalarTree) => ScalarTree): Tree {
  if (tree.type === 'scalar') return fn(tree);
  if (tree.type === 'list') return { ...tree, items: tree.items.map((item) => mapScalars(item, fn)) };
  return {
    ...tree,
    entries: tree.entries.map((entry) => ({ ...entry, value: mapScalars(entry.value, fn) })),
  };
}

/** Every scalar with its path, in file order. */
export function* scalars(
  tree: Tree,
  path: TreePath = [],
): Generator<{ readonly path: TreePath; readonly scalar: ScalarTree }> {
  if (tree.type === 'scalar') yield { path, scalar: tree };
  else if (tree.type === 'list')
    for (const [n, item] of tree.items.entries()) yield* scalars(item, [...path, n]);
  else for (const entry of tree.entries) yield* scalars(entry.value, [...path, entry.key]);
}
