import { z } from 'zod';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { hasOneSize, ONE_SIZE } from './holdings.js';
import { Rsi } from './indicators/index.js';
import { stanceParams, takeStances, type Judge } from './stance.js';

const level = z.number().min(0).max(100);
const params = z
  .strictObject({
    period: z.int().positive().default(14).describe('Period of the RSI, in bars.'),
    oversold: level.default(30).describe('At or below it the price is expected to rise: be long.'),
    overbought: level.default(70).describe('At or above it the price is expected to fall.'),
    exit: level
      .optional()
      .describe('RSI at which a position is closed, for example 50; without it at the other extreme.'),
    ...stanceParams,
  })
  .refine(hasOneSize, ONE_SIZE)
  .refine(({ oversold, overbought }) => oversold < overbought, 'oversold must be below overbought');

/** Buys what fell too far and sells what rose too far, by Wilder's relative strength index of closes. */
export const rsiReversion: StrategyDefinition = defineStrategy({
  name: 'rsi-reversion',
  version: '1.0.0',
  summary: 'Long when the RSI is oversold, flat or short when it is overbought.',
  params,
  run: (context, params) => takeStances(context, params, () => judge(params)),
});

function judge({ period, oversold, overbought, exit }: z.output<typeof params>): Judge {
  const rsi = new Rsi(period);
  let side = 0;
  return ({ close }) => {
    const value = rsi.update(close);
    if (!rsi.ready) return undefined;
    const text = `RSI ${value.toFixed(1)}`;
    if (value <= oversold) {
      side = 1;
      return { side: 1, reason: `${text} is oversold` };
    }
    if (value >= overbought) {
      side = -1;
      return { side: -1, reason: `${text} is overbought` };
    }
    const done = exit !== undefined && ((side === 1 && value >= exit) || (side === -1 && value <= exit));
    if (!done) return undefined;
    side = 0;
    return { side: 0, reason: `${text} is back at ${exit}` };
  };
}
