import { defineOperator } from 'millrace';
import { filter } from 'rxjs';
import { z } from 'zod';

/** An operator of one's own: a plain RxJS pipe. What passes unchanged keeps its place in the total order. */
export const everyOperator = defineOperator({
  type: 'every_nth',
  summary: 'Lets every n-th event pass.',
  config: z.strictObject({ n: z.int().positive().describe('1 lets all pass.') }),
  examples: ['n: 10'],
  reload: 'restart',
  accepts: ['trade', 'quote', 'bar'],
  emits: 'same',
  make: ({ n }) => filter((_event, index) => index % n === 0),
});
