import type { Observable } from 'rxjs';
import type { z } from 'zod';
import type { Intent } from '../../model/intent.js';
import type { StrategyContext } from './context.js';

/** What a strategy says: one intent, or several that belong together. */
export type StrategyOutput = Intent | readonly Intent[];

/** A strategy: one function from streams to intents, the same in a marble test, in replay, on paper and live. */
export interface StrategyDefinition<P extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly version: string;
  /** One sentence, for `list`. */
  readonly summary?: string;
  readonly params: P;
  /** Called once, inside the start turn; again after an error when the policy is to continue. */
  run(context: StrategyContext, params: z.output<P>): Observable<StrategyOutput>;
}

/** Shared by every copy of this package in a process, so that a user's own import is recognised. */
const BRAND: unique symbol = Symbol.for('millrace.strategy') as never;

/** Checks and marks a strategy; the default export of a strategy file. */
export function defineStrategy<P extends z.ZodObject>(
  definition: StrategyDefinition<P>,
): StrategyDefinition<P> {
  for (const key of ['name', 'version'] as const) {
    if (typeof definition[key] !== 'string' || definition[key] === '')
      throw new TypeError(`defineStrategy: ${key} must be a non-empty text`);
  }
  if (typeof definition.run !== 'function')
    throw new TypeError(`defineStrategy ${definition.name}: run must be a function`);
  if (typeof definition.params?.safeParse !== 'function')
    throw new TypeError(
      `defineStrategy ${definition.name}: params must be a zod object, for example z.object({})`,
    );
  return Object.freeze(Object.assign({ ...definition }, { [BRAND]: true }));
}

export function isStrategy(value: unknown): value is StrategyDefinition {
  return typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
}
