import { existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { extname, isAbsolute, resolve } from 'node:path';
import { createJiti } from 'jiti';
import type { z } from 'zod';
import { MillraceError } from '../model/reason.js';
import { isStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { hashStrategy } from './hash.js';
import { BUILT_IN_STRATEGIES } from './index.js';

export interface LoadedStrategy {
  readonly definition: StrategyDefinition;
  /** File it came from; undefined for a built-in one. */
  readonly path: string | undefined;
  /** SHA-256 of its source and relative imports; of name and version for a built-in one. */
  readonly hash: string;
}

const TYPES = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']);
const fail = (message: string, help: string, cause?: unknown): never => {
  throw new MillraceError('STRATEGY_INIT_FAILED', message, help, cause === undefined ? undefined : { cause });
};

/**
 * A strategy by built-in name (`ema-cross`) or by path (`./my-strategy.ts`, relative to `baseDir`). TypeScript needs no
 * build. Throws STRATEGY_INIT_FAILED, saying what is wrong and what to do.
 */
export function loadStrategy(use: string, baseDir: string): LoadedStrategy {
  const builtIn = BUILT_IN_STRATEGIES.get(use);
  if (builtIn !== undefined) {
    return {
      definition: builtIn,
      path: undefined,
      hash: createHash('sha256').update(`${builtIn.name}@${builtIn.version}`).digest('hex'),
    };
  }
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
  const definition = chosen(importFile(path, use), use);
  return { definition, path, hash: hashStrategy(path) };
}

function importFile(path: string, use: string): Record<string, unknown> {
  try {
    return createJiti(import.meta.url, { interopDefault: false, moduleCache: false })(path) as Record<
      string,
      unknown
    >;
  } catch (error) {
    return fail(
      `strategy file ${use} cannot be loaded: ${(error as Error).message}`,
      'run it through your type checker first',
      error,
    );
  }
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
