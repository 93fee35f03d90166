import { z } from 'zod';
import { MillraceError } from '../../../model/reason.js';
import type { StrategyDefinition } from '../../../operators/strategy/definition.js';
import { strategy } from '../../../operators/strategy/strategy.js';
import { builtInStrategy, strategyParams } from '../../../strategies/load.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

const config = z.strictObject({
  use: z
    .string()
    .min(1)
    .describe('Name of a built-in strategy, or path of a file, relative to the topology.'),
  params: z.record(z.string(), z.unknown()).default({}).describe('Parameters of the strategy.'),
  instruments: z
    .array(z.string())
    .min(1)
    .optional()
    .describe('Instruments it gets and trades; default: all.'),
  max_errors: z.int().positive().default(5).describe('Errors after which it is disabled.'),
  on_error: z
    .enum(['continue', 'disable'])
    .default('continue')
    .describe('After an error: go on, or disable at once.'),
  warm_up: z
    .int()
    .min(0)
    .default(0)
    .describe('Bars of an instrument that must have come before intents on it pass.'),
  account: z.string().optional().describe('Account it trades in; default: the only one.'),
  route: z.string().default('').describe('Broker its orders go to; default: the only orders sink.'),
});

type Make = OperatorSpec['make'];

/** The `make` of a strategy node whose code is loaded. */
export const runs =
  (definition: StrategyDefinition): Make =>
  (given, context) => {
    const options = given as z.output<typeof config>;
    return strategy(definition, strategyParams(definition, options.params), {
      maxErrors: options.max_errors,
      onError: options.on_error,
      warmUp: options.warm_up,
      route: options.route,
      ...(options.account === undefined ? {} : { account: options.account }),
      ...(options.instruments === undefined ? {} : { instruments: options.instruments }),
    })(context);
  };

/** `type: strategy`. Files are loaded before, by `loadStrategies`, which puts {@link runs} in the place of `make`. */
export const strategySpec: OperatorSpec = defineOperator({
  type: 'strategy',
  summary: 'Runs a strategy: events in, intents out.',
  description:
    'Built in are `ema-cross`, `buy-and-hold`, `stop-on-fill` and `trailing-stop`; your own is a TypeScript or JavaScript file with a default export of `defineStrategy` or `fromCallbacks`. List an `executions` source among `inputs` if the strategy wants to see its fills. A strategy that throws is counted and run again, and disabled after `max_errors`.',
  config,
  examples: [
    'use: ema-cross\nparams: { fast: 12, slow: 26, quantity: 0.01 }',
    'use: buy-and-hold\nwarm_up: 5',
  ],
  reload: 'restart',
  accepts: [
    'trade',
    'quote',
    'book',
    'bar',
    'status',
    'regime',
    'execution',
    'order',
    'denied',
    'position',
    'connection',
    'gap',
    'control',
  ],
  emits: ['intent'],
  instruments: ({ instruments }) => instruments,
  make: (options, context) => {
    const builtIn = builtInStrategy(options.use);
    if (builtIn !== undefined) return runs(builtIn.definition)(options, context);
    throw new MillraceError(
      'STRATEGY_INIT_FAILED',
      `strategy ${options.use} of "${context.name}" is not loaded`,
      'await loadStrategies(topology) before the engine is made',
    );
  },
});
