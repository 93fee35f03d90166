import { z } from 'zod';
import { MillraceError } from '../../../model/reason.js';
import { defineSink, type SinkSpec } from '../../spec.js';

const config: z.ZodObject<{ broker: z.ZodString; account: z.ZodOptional<z.ZodString> }> = z.strictObject({
  broker: z.string().min(1).describe('Name of the broker to send orders to.'),
  account: z
    .string()
    .min(1)
    .optional()
    .describe('Account at the broker; default: the account of its session.'),
});

/** The outbox of a broker. */
export const ordersSpec: SinkSpec<typeof config> = defineSink({
  type: 'orders',
  summary: 'Sends commands to a broker: the only way out for an order.',
  description:
    'The outbox. It takes only what passed risk and then a throttle. Each request is written to the journal before its bytes leave, and latch and trading state are asked again right before each write.',
  config,
  examples: ['{ broker: sim, inputs: [pace] }'],
  reload: 'restart',
  accepts: ['command'],
  delivery: 'required',
  make: (_config, { name }) => {
    throw new MillraceError(
      'INVARIANT',
      `the orders sink "${name}" is served by the engine's outbox, not made as a sink`,
    );
  },
});
