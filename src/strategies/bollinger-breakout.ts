import { z } from 'zod';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { hasOneSize, ONE_SIZE } from './holdings.js';
import { BollingerBands } from './indicators/index.js';
import { stanceParams, takeStances, type Judge } from './stance.js';

const params = z
  .strictObject({
    period: z.int().min(2).default(20).describe('Period of the bands, in bars.'),
    width: z.number().positive().default(2).describe('Width of a band in standard deviations.'),
    ...stanceParams,
  })
  .refine(hasOneSize, ONE_SIZE);

/** Buys a close above the upper band and leaves at a close below the middle; downwards likewise. */
export const bollingerBreakout: StrategyDefinition = defineStrategy({
  name: 'bollinger-breakout',
  version: '1.0.0',
  summary: 'Long from a close above the upper Bollinger band until a close below the middle.',
  params,
  run: (context, params) => takeStances(context, params, () => judge(params)),
});

function judge({ period, width }: z.output<typeof params>): Judge {
  const bands = new BollingerBands(period, width);
  let side: 1 | 0 | -1 = 0;
  return ({ close }) => {
    // The bands of the bars before: a breakout is judged against what was known.
    const { upper, lower, value: middle } = bands;
    bands.update(close);
    if (Number.isNaN(middle)) return undefined;
    if (close > upper) {
      side = 1;
      return { side, reason: 'close above the upper band' };
    }
    if (close < lower) {
      side = -1;
      return { side, reason: 'close below the lower band' };
    }
    const back = (side === 1 && close < middle) || (side === -1 && close > middle);
    if (!back) return undefined;
    side = 0;
    return { side, reason: 'close back through the middle' };
  };
}
