import { z } from 'zod';
import { MICROS_PER_MS } from '../../../model/time.js';
import { delay } from '../../../operators/delay.js';
import { duration } from '../../fields.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

export const delaySpec: OperatorSpec = defineOperator({
  type: 'delay',
  summary: 'Delays every event by a fixed time.',
  description:
    'For trying out how a strategy does on older data. A strategy that must know what a bar filled before it sees the bar reads it behind `by: 1us`. More waiting events than `capacity` are an error.',
  config: z.strictObject({
    by: duration().describe('How long.'),
    capacity: z.int().positive().default(1_000_000).describe('Events held at most.'),
  }),
  examples: ['by: 50ms', 'by: 1us'],
  reload: 'restart',
  accepts: ['trade', 'quote', 'book', 'bar', 'status', 'regime'],
  emits: 'same',
  make: (config, context) =>
    delay(config.by / MICROS_PER_MS, context.scheduler, { capacity: config.capacity }),
});
