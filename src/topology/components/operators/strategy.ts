import { z } from 'zod';
import { strategy } from '../../../operators/strategy/strategy.js';
import { loadStrategy, strategyParams } from '../../../strategies/load.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

export const strategySpec: OperatorSpec = defineOperator({
  type: 'strategy',
  summary: 'Runs a strategy: events in, intents out.',
  description:
    'Built in are `ema-cross`, `buy-and-hold`, `stop-on-fill` and `trailing-stop`; your own is a TypeScript or JavaScript file with a default export of `defineStrategy` or `fromCallbacks`. List an `executions` source among `inputs` if the strategy wants to see its fills. A strategy that throws is counted and run again, and disabled after `max_errors`.',
  config: z.strictObject({
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
  }),
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
  instruments: (config) => config.instruments,
  make: (config, context) => {
    const { definition } = loadStrategy(config.use, context.baseDir);
    return strategy(definition, strategyParams(definition, config.params), {
      maxErrors: config.max_errors,
      onError: config.on_error,
      warmUp: config.warm_up,
      route: config.route,
      ...(config.account === undefined ? {} : { account: config.account }),
      ...(config.instruments === undefined ? {} : { instruments: config.instruments }),
    })(context);
  },
});
