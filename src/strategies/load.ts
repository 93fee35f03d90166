import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { extname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { z } from 'zod';
import { MillraceError } from '../model/reason.js';
import { isStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { hashStrategy } from './hash.js';
import { BUILT_IN_STRATEGIES } from './index.js';

export interface LoadedStrategy {
  readonly definition: StrategyDefinition;
  /** File it came from; undefined for a built-in one, and for one given in code. */
  readonly path: string | undefined;
  /** SHA-256 of its source, relative imports and lock file; of name, version and code without a file. */
  readonly hash: string;
}

/** Imports a user's module, JavaScript or TypeScript, by its file URL. `topology/import-module.ts` has the one to use. */
export type ImportFile = (url: string, baseDir: string) => Promise<unknown>;

const TYPES = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']);
const fail = (message: string, help: string, cause?: unknown): never => {
  throw new MillraceError('STRATEGY_INIT_FAILED', message, help, cause === undefined ? undefined : { cause });
};

/** A strategy that needs no file: built in, or given in code. */
function withoutFile(definition: StrategyDefinition, code: string): LoadedStrategy {
  const hash = createHash('sha256').update(`${definition.name}@${definition.version}${code}`).digest('hex');
  return { definition, path: undefined, hash };
}

/** The built-in strategy of this name. */
export function builtInStrategy(use: string): LoadedStrategy | undefined {
  const definition = BUILT_IN_STRATEGIES.get(use);
  return definition === undefined ? undefined : withoutFile(definition, '');
}

/** A strategy given in code: what it imports is not part of its hash. */
export function givenStrategy(definition: StrategyDefinition): LoadedStrategy {
  return withoutFile(definition, `\0${definition.run.toString()}`);
}

/**
 * A strategy by built-in name (`ema-cross`) or by path (`./my-strategy.ts`, relative to `baseDir`). TypeScript needs no
 * build. Rejects with STRATEGY_INIT_FAILED, saying what is wrong and what to do.
 */
export async function loadStrategy(
  use: string,
  baseDir: string,
  importFile: ImportFile,
): Promise<LoadedStrategy> {
  const builtIn = builtInStrategy(use);
  if (builtIn !== undefined) return builtIn;
  if (!/[\\/]/.test(use) && !TYPES.has(extname(use))) {
    fail(
      `there is no built-in strategy "${use}"`,
      `built in are ${[...BUILT_IN_STRATEGIES.keys()].join(', ')}; a file is written like ./my-strategy.ts`,
    );
  }
  const path = isAbsolute(use) ? use : resolve(baseDir, use);
  if (!existsSync(path)) fail(`strategy file ${use} does not exist`, `it was looked for at ${path}`);
  if (!TYPES.has(extname(path)))
    fail(`strategy file ${use} is neither TypeScript nor JavaScript`, `use one of ${[...TYPES].join(' ')}`);
  const hash = hashStrategy(path);
  const module = await importFile(pathToFileURL(path).href, baseDir).catch((error: unknown) =>
    fail(
      `strategy file ${use} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      'run it through your type checker first',
      error,
    ),
  );
  return { definition: chosen(module as Record<string, unknown>, use), path, hash };
}

function chosen(module: Record<string, unknown>, use: string): StrategyDefinition {
  const nested = module['default'] as { readonly default?: unknown } | undefined;
  const found = [nested, nested?.default, module].find((value) => value !== undefined && isStrategy(value));
  if (isStrategy(found)) return found;
  if (nested === undefined)
    return fail(
      `strategy file ${use} has no default export`,
      'end it with export default defineStrategy({ ... })',
    );
  return fail(
    `the default export of ${use} is not a strategy`,
    'make it with defineStrategy({ name, version, params, run }) or fromCallbacks({ ... })',
  );
}

/** Checks parameters against the strategy's schema. Throws INVALID_CONFIGURATION naming each wrong path. */
export function strategyParams(definition: StrategyDefinition, params: unknown): z.output<z.ZodObject> {
  const parsed = definition.params.safeParse(params ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `params${issue.path.map((key) => `.${String(key)}`).join('')}: ${issue.message}`,
  );
  throw new MillraceError(
    'INVALID_CONFIGURATION',
    `strategy ${definition.name}: ${problems.join('; ')}`,
    `its parameters are ${Object.keys(definition.params.shape).join(', ')}`,
  );
}
