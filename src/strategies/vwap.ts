import { z } from 'zod';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { scheduleParams, workSchedule } from './schedule.js';

const params = z
  .strictObject({
    ...scheduleParams,
    profile: z
      .array(z.number().min(0))
      .min(1)
      .max(10_000)
      .describe('Volume expected in each slice of the time, in any unit, for example `[5, 3, 2, 2, 3, 5]`.'),
  })
  .refine(({ profile }) => profile.some((weight) => weight > 0), 'profile must have a weight above zero');

/** Works one order along an expected volume profile, so that its average price is near the volume-weighted average. */
export const vwap: StrategyDefinition = defineStrategy({
  name: 'vwap',
  version: '1.0.0',
  summary: 'Works one order in slices that follow a volume profile.',
  params,
  run: (context, params) => {
    const total = params.profile.reduce((sum, weight) => sum + weight, 0);
    let done = 0;
    const shares = params.profile.map((weight) => {
      done += weight;
      return done / total;
    });
    return workSchedule(context, params, shares);
  },
});
