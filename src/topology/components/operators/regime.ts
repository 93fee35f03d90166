import { z } from 'zod';
import { regime } from '../../../operators/regime.js';
import { fraction } from '../../fields.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

export const regimeSpec: OperatorSpec = defineOperator({
  type: 'regime',
  summary: 'Bars become regime changes (bull, neutral, bear, crisis) by trend and volatility.',
  description: 'Emits the first regime of an instrument when its window is full, then changes only.',
  config: z.strictObject({
    window: z.int().min(2).max(10_000).default(20).describe('Bars looked back.'),
    trend: fraction()
      .prefault('2%')
      .describe('Return over the window that makes a bull, or below minus it a bear.'),
    volatility: fraction()
      .prefault('2%')
      .describe('Standard deviation of one bar’s return that makes a crisis.'),
    hysteresis: fraction()
      .prefault('25%')
      .describe('A regime is left only below its threshold less this part.'),
    confirm: z.int().positive().default(1).describe('Bars a new regime must last before it is announced.'),
  }),
  examples: ['window: 30\ntrend: 1%\nvolatility: 150 bps'],
  reload: 'restart',
  accepts: ['bar'],
  emits: ['regime'],
  make: (config) =>
    regime({
      window: config.window,
      trend: config.trend.toNumber(),
      volatility: config.volatility.toNumber(),
      hysteresis: config.hysteresis.toNumber(),
      confirm: config.confirm,
    }),
});
