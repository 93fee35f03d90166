import { readFileSync } from 'node:fs';
import { diagnostic, type Diagnostic } from './diagnostic.js';
import type { Environment } from './env-file.js';
import type { Place } from './place.js';
import { mapScalars, type MapTree, type ScalarTree } from './tree.js';

export interface InterpolateOptions {
  readonly environment: Environment;
  /** Source texts, to point at the `${...}` itself. */
  readonly texts: ReadonlyMap<string, string>;
  /** Every secret met, so that it can be kept out of all output. */
  readonly onSecret: (value: string) => void;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const VARIABLE = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:-|:\?)([\s\S]*))?$/;
const REFERENCE = /\$(\$\{|\{([^}]*)\}?)/g;

/**
 * Replaces `${NAME}`, `${NAME:-default}`, `${NAME:?message}` and `${secret:REF}` in string values: never in keys or
 * comments, and never by what could change the structure. `$${` stands for a literal `${`.
 */
export function interpolate(tree: MapTree, options: InterpolateOptions, diagnostics: Diagnostic[]): MapTree {
  const result = mapScalars(tree, (scalar) =>
    typeof scalar.value === 'string' && scalar.value.includes('${')
      ? replace(scalar, scalar.value, options, diagnostics)
      : scalar,
  );
  return result as MapTree;
}

function replace(
  scalar: ScalarTree,
  text: string,
  options: InterpolateOptions,
  diagnostics: Diagnostic[],
): ScalarTree {
  let secret = false;
  let failed = false;
  let replaced = false;
  const value = text.replace(REFERENCE, (whole: string, escaped: string, inner: string | undefined) => {
    if (escaped === '${') return '${';
    replaced = true;
    const reference = inner ?? '';
    const place = placeOf(scalar, whole, options.texts);
    const fail = (sentence: string, help: string): string => {
      failed = true;
      diagnostics.push(diagnostic('E106', place, sentence, help));
      return '';
    };
    if (!whole.endsWith('}'))
      return fail(`"${whole}" is not closed.`, 'close it with }, or write $${ for a literal ${.');
    if (reference.startsWith('secret:')) {
      secret = true;
      return secretOf(reference.slice(7), options, fail);
    }
    const [, name, operator, rest = ''] = VARIABLE.exec(reference) ?? [];
    if (name === undefined)
      return fail(
        `"${whole}" is not a variable.`,
        'write ${NAME}, ${NAME:-default}, ${NAME:?message} or ${secret:NAME}; $${ is a literal ${.',
      );
    const found = options.environment[name];
    if (found !== undefined && (found !== '' || operator === undefined)) return found;
    if (operator === ':-') return rest;
    if (operator === ':?')
      return fail(
        `environment variable ${name} is not set: ${rest.replace(/\.$/, '')}.`,
        `set ${name} or pass --env-file.`,
      );
    return fail(
      `environment variable ${name} is not set and has no default.`,
      `set ${name}, pass --env-file, or write \${${name}:-default}.`,
    );
  });
  if (failed) return { ...scalar, value: FAILED };
  const base = { type: 'scalar', place: scalar.place, value, coercible: replaced } as const;
  return secret ? { ...base, secret } : base;
}

/** Stands for a value that could not be found; what a schema says about it is a consequence and left out. */
export const FAILED: unique symbol = Symbol('failed');

function secretOf(
  reference: string,
  { environment, onSecret }: InterpolateOptions,
  fail: (sentence: string, help: string) => string,
): string {
  if (!NAME.test(reference))
    return fail(
      `"\${secret:${reference}}" needs the name of an environment variable.`,
      'write for example ${secret:API_SECRET}.',
    );
  let value = environment[reference];
  const file = environment[`${reference}_FILE`];
  if (value === undefined && file !== undefined) {
    try {
      value = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    } catch (error) {
      return fail(
        `the file of secret ${reference} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
        `correct ${reference}_FILE.`,
      );
    }
  }
  if (value === undefined || value === '')
    return fail(
      `secret ${reference} is not set.`,
      `set ${reference}, or ${reference}_FILE to a file that holds it.`,
    );
  onSecret(value);
  return value;
}

/** The place of the reference inside its scalar, where it stands on one line as written; else of the scalar. */
function placeOf(scalar: ScalarTree, reference: string, texts: ReadonlyMap<string, string>): Place {
  const { place } = scalar;
  const line = texts.get(place.file)?.split(/\r?\n/)[place.line - 1];
  const index = line?.indexOf(reference, place.col - 1) ?? -1;
  return index < 0 ? place : { ...place, col: index + 1, length: reference.length };
}
