import { z } from 'zod';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { hasOneSize, ONE_SIZE } from './holdings.js';
import { Macd } from './indicators/index.js';
import { stanceParams, takeStances, type Judge } from './stance.js';

const params = z
  .strictObject({
    fast: z.int().positive().default(12).describe('Period of the fast average, in bars.'),
    slow: z.int().positive().default(26).describe('Period of the slow average, in bars.'),
    signal: z.int().positive().default(9).describe('Period of the signal line, in bars.'),
    tolerance: z
      .number()
      .min(0)
      .default(0)
      .describe('How far MACD and signal must be apart, as a share of the price, for example 0.0025.'),
    ...stanceParams,
  })
  .refine(hasOneSize, ONE_SIZE)
  .refine(({ fast, slow }) => fast < slow, 'fast must be below slow');

/** Follows the trend by MACD: long while the line is above its signal by more than the tolerance, else flat or short. */
export const macdTrend: StrategyDefinition = defineStrategy({
  name: 'macd-trend',
  version: '1.0.0',
  summary: 'Long while MACD is above its signal line, else flat or short.',
  params,
  run: (context, params) => takeStances(context, params, () => judge(params)),
});

function judge({ fast, slow, signal, tolerance }: z.output<typeof params>): Judge {
  const macd = new Macd(fast, slow, signal);
  return ({ close }) => {
    macd.update(close);
    const gap = macd.histogram;
    if (!(Math.abs(gap) > tolerance * close)) return undefined;
    return gap > 0
      ? { side: 1, reason: 'MACD is above its signal' }
      : { side: -1, reason: 'MACD is below its signal' };
  };
}
