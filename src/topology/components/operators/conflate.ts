import { z } from 'zod';
import { MICROS_PER_MS } from '../../../model/time.js';
import { conflate } from '../../../operators/conflate.js';
import { duration } from '../../fields.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

export const conflateSpec: OperatorSpec = defineOperator({
  type: 'conflate',
  summary: 'Keeps only the latest event of each instrument within an interval.',
  description: 'Changes of a book cannot be conflated; place this after `book`.',
  config: z.strictObject({
    every: duration()
      .prefault('0s')
      .describe('From the first event held to the release; 0s: the next clock turn at the same engine time.'),
    kinds: z
      .array(z.enum(['trade', 'quote', 'bar']))
      .default(['quote'])
      .describe('Kinds to conflate; others pass at once.'),
  }),
  examples: ['every: 100ms'],
  reload: 'restart',
  accepts: ['trade', 'quote', 'book', 'bar', 'status'],
  emits: 'same',
  make: (config, context) =>
    conflate({ scheduler: context.scheduler, every: config.every / MICROS_PER_MS, kinds: config.kinds }),
});
