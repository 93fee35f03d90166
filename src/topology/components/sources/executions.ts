import { z } from 'zod';
import { MillraceError } from '../../../model/reason.js';
import { defineSource, type SourceSpec } from '../../spec.js';

const config: z.ZodObject<{ broker: z.ZodString }> = z.strictObject({
  broker: z.string().min(1).describe('Name of the broker whose reports to read.'),
});

/** Order reports, fills and balances of a broker session. */
export const executionsSpec: SourceSpec<typeof config> = defineSource({
  type: 'executions',
  summary: 'Order reports, fills and balances of a broker session.',
  description:
    'What a broker says about orders and money. Every report reaches State whether or not an operator reads this source; strategies that want to see fills list it in `inputs`. Reports arrive on a later turn than the order that caused them.',
  config,
  examples: ['{ broker: sim }'],
  reload: 'restart',
  emits: ['execution', 'outcome', 'account', 'order', 'position'],
  broker: ({ broker }) => broker,
  make: ({ broker }, { name, brokers }) => {
    const session = brokers.get(broker);
    if (session === undefined)
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `source "${name}" uses broker "${broker}", which is not there`,
        'add it under brokers:',
      );
    return { type: 'push', events$: session.executions$ };
  },
});
