import type { z } from 'zod';
import type { Event } from '../../model/record.js';
import { stage } from '../../streams/operate.js';
import type { OperatorContext } from '../context.js';
import type { StrategyDefinition } from './definition.js';
import type { StrategyOperator } from './handle.js';
import type { StrategyOptions } from './options.js';
import { Runner } from './runner.js';
import { StrategyStage } from './stage.js';

/**
 * Runs a strategy: events in, its intents out.
 *
 * ```
 * events:    b--b--b--x--b--|     x: the strategy throws
 * intents:   ---i--------i--|     counted and logged STRATEGY_FAILED; run again (or disabled after `maxErrors`)
 * ```
 *
 * Subscribe it inside a start turn: `run` is called then. It never errors: a throw, an error notification or a value
 * that is no intent is counted; after `maxErrors` the strategy is disabled, which is logged STRATEGY_DISABLED and told
 * to `handle.onDisable`. Intents during warm-up and while disabled are muted and counted. On completion its streams
 * complete, and what it emits then still leaves. Memory: the strategy's own.
 *
 * @param params validated output of `definition.params`
 */
export function strategy<P extends z.ZodObject>(
  definition: StrategyDefinition<P>,
  params: z.output<P>,
  options: StrategyOptions = {},
): (context: OperatorContext) => StrategyOperator {
  return (context) => {
    const runner = new Runner(definition, params, options, context);
    const operator = stage<Event, Event>((out) => new StrategyStage(out, runner));
    return Object.assign(operator, { handle: runner });
  };
}
