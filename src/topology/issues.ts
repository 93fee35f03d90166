import type { z } from 'zod';
import { diagnostic, type Diagnostic } from './diagnostic.js';
import { expectedText, keysAt, metaOf, schemasAt, unwrap, type Schema } from './field-text.js';
import { FAILED } from './interpolate.js';
import type { Place } from './place.js';
import { meant } from './suggest.js';
import { at, keyPlace, plain, valuePlace, type MapTree, type Tree, type TreePath } from './tree.js';

/** Whom a schema's issues are about: the words and place of messages. */
export interface Subject {
  /** `operator "bars" (bars)`, for what is missing. */
  readonly who: string;
  /** `bars`, for `bars has no field "x"`. */
  readonly noun: string;
  /** Where the name stands. */
  readonly place: Place;
  /** What `describe` shows, for help; undefined for the top level. */
  readonly describe?: string;
}

type Issue = z.core.$ZodIssue;

/** Turns the issues of one schema into diagnostics at their tokens. */
function explainIssues(
  issues: readonly Issue[],
  schema: Schema,
  tree: MapTree,
  subject: Subject,
): readonly Diagnostic[] {
  return issues.flatMap((issue) => explainIssue(issue, schema, tree, subject));
}

function explainIssue(issue: Issue, schema: Schema, tree: MapTree, subject: Subject): readonly Diagnostic[] {
  const path = issue.path.filter((step): step is string | number => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownField(schema, tree, path, key, subject));
  if (issue.code === 'invalid_key') {
    const inner = issue.issues[0]?.message ?? 'it is not a valid name';
    return [
      diagnostic(
        'E105',
        keyPlace(tree, path),
        `the name "${String(path[path.length - 1])}" is not valid: ${sentence(inner)}`,
      ),
    ];
  }
  const found = at(tree, path);
  if (found === undefined) return [missing(schema, tree, path, issue, subject)];
  if (found.type === 'scalar' && found.value === FAILED) return [];
  if (issue.code === 'invalid_union') {
    const best = bestBranch(issue, found);
    if (best !== undefined)
      return best.flatMap((inner) =>
        explainIssue({ ...inner, path: [...issue.path, ...inner.path] }, schema, tree, subject),
      );
  }
  const field = schemasAt(schema, path)[0];
  const name = fieldName(path);
  const place = valuePlace(tree, path);
  if (issue.code === 'custom' && issue.message.startsWith('must ')) {
    return [diagnostic('E105', place, `"${name}" ${issue.message}; got ${describeValue(found)}.`)];
  }
  if (issue.code === 'custom' && (field === undefined || metaOf(field).expected === undefined)) {
    return [
      diagnostic(
        'E105',
        place,
        name === '' ? sentence(issue.message) : `"${name}": ${sentence(issue.message)}`,
      ),
    ];
  }
  if (field === undefined) return [diagnostic('E105', place, `"${name}": ${sentence(issue.message)}`)];
  return [
    diagnostic(
      'E105',
      place,
      `"${name}" must be ${wanted(field, issue)}; got ${describeValue(found)}.`,
      unitHelp(field, found) ?? listHelp(field, found),
    ),
  ];
}

function unknownField(schema: Schema, tree: Tree, path: TreePath, key: string, subject: Subject): Diagnostic {
  const keys = keysAt(schema, path);
  const owner = path.length === 0 ? subject.noun : `"${fieldName(path)}"`;
  const near = meant(key, keys, 'its fields');
  const help =
    near ??
    (subject.describe === undefined ? 'remove it.' : `remove it; \`${subject.describe}\` shows what it has.`);
  return diagnostic('E103', keyPlace(tree, [...path, key]), `${owner} has no field "${key}".`, help);
}

function missing(schema: Schema, tree: Tree, path: TreePath, issue: Issue, subject: Subject): Diagnostic {
  const field = schemasAt(schema, path)[0];
  const text = field === undefined ? sentence(issue.message) : `${expectedText(field)}.`;
  const parent = path.slice(0, -1);
  const name = String(path[path.length - 1] ?? '');
  if (parent.length === 0)
    return diagnostic('E104', subject.place, `${subject.who} needs "${name}": ${text}`);
  return diagnostic(
    'E104',
    keyPlace(tree, parent),
    `"${fieldName(parent)}" of ${subject.who} needs "${name}": ${text}`,
  );
}

/** The union branch the user was writing: the one whose outer shape fits what stands there. */
function bestBranch(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  found: Tree,
): readonly Issue[] | undefined {
  const branches = (issue.errors as readonly (readonly Issue[])[]).filter((branch) => branch.length > 0);
  const deep = branches.filter((branch) =>
    branch.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
  );
  if (found.type === 'scalar' || deep.length === 0) return undefined;
  return deep.reduce((best, branch) => (branch.length < best.length ? branch : best));
}

function wanted(field: Schema, issue: Issue): string {
  const text = expectedText(field);
  if (issue.code === 'too_small' || issue.code === 'too_big') {
    if (issue.origin === 'string')
      return issue.code === 'too_small'
        ? 'text that is not empty'
        : `text of at most ${String(issue.maximum)} characters`;
    if (issue.origin === 'array')
      return issue.code === 'too_small'
        ? `a list with at least ${String(issue.minimum)} item${issue.minimum === 1 ? '' : 's'}`
        : `a list with at most ${String(issue.maximum)} items`;
  }
  if (issue.code === 'invalid_format')
    return metaOf(field).expected === undefined ? `text of the form ${issue.pattern ?? issue.format}` : text;
  return text;
}

const PLURALS: Readonly<Record<string, (value: number) => string>> = {
  duration: (value) => `write ${value}s for seconds or ${value}ms for milliseconds.`,
  rate: (value) => `write ${value}/s for a number per second or ${value}/min per minute.`,
  money: (value) => `write the currency too, for example ${value} USD.`,
  fraction: (value) => `write ${value} bps for basis points (1 bps = 0.01%) or ${value}% for percent.`,
};

function unitHelp(field: Schema, found: Tree): string | undefined {
  if (found.type !== 'scalar') return undefined;
  const value =
    typeof found.value === 'string' && /^\d+(\.\d+)?$/.test(found.value) ? Number(found.value) : found.value;
  return typeof value === 'number' && found.secret !== true
    ? PLURALS[metaOf(field).unit ?? '']?.(value)
    : undefined;
}

function listHelp(field: Schema, found: Tree): string | undefined {
  if (
    unwrap(field)._zod.def.type !== 'array' ||
    found.type !== 'scalar' ||
    found.secret === true ||
    found.value === null
  )
    return undefined;
  return `write [${scalarText(found.value)}].`;
}

function scalarText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : JSON.stringify(value);
}

/** `the number 60`, `the text "soon"`, `a list`. Secrets are not shown. */
function describeValue(tree: Tree): string {
  if (tree.type === 'list') return 'a list';
  if (tree.type === 'map') return 'a map';
  const { value } = tree;
  if (tree.secret === true) return 'a secret of another form';
  if (value === null || value === '') return 'nothing';
  if (typeof value === 'string')
    return `the text "${value.length > 60 ? `${value.slice(0, 57)}...` : value}"`;
  return `${typeof value === 'boolean' ? '' : `the ${typeof value} `}${scalarText(value)}`;
}

/** `limits.max_position`, `levels[0]`. */
function fieldName(path: TreePath): string {
  return path
    .map((step, n) => (typeof step === 'number' ? `[${step}]` : n === 0 ? step : `.${step}`))
    .join('');
}

function sentence(text: string): string {
  const plainText = text.trim();
  return /[.?!]$/.test(plainText) ? plainText : `${plainText}.`;
}

/**
 * Parses `tree` by `schema`. Text that came from a variable is turned into a number or boolean where the schema asks
 * for one: the schema decides, not the text's look.
 */
export function parseTree<S extends z.ZodType>(
  schema: S,
  tree: MapTree,
  subject: Subject,
): { readonly value: z.output<S> | undefined; readonly diagnostics: readonly Diagnostic[] } {
  let current = tree;
  let result = schema.safeParse(plain(current));
  for (let round = 0; !result.success && round < 3; round += 1) {
    const next = coerce(current, result.error.issues, schema);
    if (next === current) break;
    current = next;
    result = schema.safeParse(plain(current));
  }
  if (result.success) return { value: result.data, diagnostics: [] };
  return { value: undefined, diagnostics: explainIssues(result.error.issues, schema, current, subject) };
}

function coerce(tree: MapTree, issues: readonly Issue[], schema: Schema): MapTree {
  let result = tree;
  for (const issue of issues) {
    const path = issue.path.filter((step): step is string | number => typeof step !== 'symbol');
    const found = at(result, path);
    if (found?.type !== 'scalar' || found.coercible !== true || typeof found.value !== 'string') continue;
    for (const field of schemasAt(schema, path)) {
      const value = coerced(found.value, unwrap(field)._zod.def.type);
      if (value !== undefined) result = replaceAt(result, path, { ...found, value }) as MapTree;
    }
  }
  return result;
}

function coerced(text: string, type: string): unknown {
  if (type === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if ((type === 'boolean' || type === 'union') && (text === 'true' || text === 'false'))
    return text === 'true';
  if (type === 'union' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return undefined;
}

function replaceAt(tree: Tree, path: TreePath, value: Tree): Tree {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (tree.type === 'list')
    return {
      ...tree,
      items: tree.items.map((item, n) => (n === step ? replaceAt(item, rest, value) : item)),
    };
  if (tree.type === 'map')
    return {
      ...tree,
      entries: tree.entries.map((entry) =>
        entry.key === String(step) ? { ...entry, value: replaceAt(entry.value, rest, value) } : entry,
      ),
    };
  return tree;
}
