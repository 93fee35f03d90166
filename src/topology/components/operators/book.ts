import { z } from 'zod';
import { makeLog } from '../../../model/make.js';
import { reasonText } from '../../../model/reason.js';
import { book } from '../../../operators/book/book.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

export const bookSpec: OperatorSpec = defineOperator({
  type: 'book',
  summary: 'Snapshots and changes of order books become books; emits top of book and depth.',
  description:
    'Checks the venue’s update ids. After a gap the book is dropped, a quote without prices says so, a warning is logged, and changes wait for the next snapshot.',
  config: z.strictObject({
    quotes: z.boolean().default(true).describe('Emit a quote when the top of the book changes.'),
    depth: z
      .int()
      .min(0)
      .max(5000)
      .default(0)
      .describe('Emit the best levels of each side after every change; 0: do not.'),
    buffer: z
      .int()
      .positive()
      .default(1000)
      .describe('Changes kept for an instrument while its snapshot is awaited.'),
  }),
  examples: ['quotes: true', 'depth: 10\nquotes: false'],
  reload: 'restart',
  accepts: ['book', 'gap'],
  emits: ['quote', 'book'],
  make: (config, context) =>
    book({
      name: context.name,
      quotes: config.quotes,
      depth: config.depth,
      buffer: config.buffer,
      onGap: (gap, event) => {
        const details = {
          node: context.name,
          instrument: event.instrument,
          expected: gap.expected,
          received: gap.received,
        };
        context.record(makeLog('warn', gap.code, reasonText(gap.code, details)));
      },
    }),
});
