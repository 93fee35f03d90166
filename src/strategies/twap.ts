import { z } from 'zod';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { scheduleParams, workSchedule } from './schedule.js';

const params = z.strictObject({
  ...scheduleParams,
  slices: z.int().positive().max(10_000).default(10).describe('Number of slices of equal size.'),
});

/** Works one order in equal slices over time, so that its average price is near the time-weighted average. */
export const twap: StrategyDefinition = defineStrategy({
  name: 'twap',
  version: '1.0.0',
  summary: 'Works one order in equal slices over time.',
  params,
  run: (context, params) =>
    workSchedule(
      context,
      params,
      Array.from({ length: params.slices }, (_, i) => (i + 1) / params.slices),
    ),
});
