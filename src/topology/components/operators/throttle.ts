import { z } from 'zod';
import type { Rate } from '../../../model/units.js';
import { throttle } from '../../../operators/throttle/throttle.js';
import { rate } from '../../fields.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

type RateList = z.ZodPrefault<
  z.ZodUnion<readonly [z.ZodArray<z.ZodType<Rate, string | number>>, z.ZodType<Rate, string | number>]>
>;

const rates = (fallback: string): RateList => z.union([z.array(rate()), rate()]).prefault(fallback);

const config: z.ZodObject<{
  orders: RateList;
  cancels: RateList;
  messages: RateList;
  on_limit: z.ZodDefault<z.ZodEnum<{ defer: 'defer'; reject: 'reject' }>>;
  max_queue: z.ZodDefault<z.ZodInt>;
}> = z.strictObject({
  orders: rates('5/s').describe('New and replace commands per account: one rate, or several that all hold.'),
  cancels: rates('10/s').describe(
    'Cancels, and orders that reduce a position, per account: one rate, or several.',
  ),
  messages: rates('20/s').describe(
    'All commands per account: one rate, or several. Orders leave a quarter of it to cancels and exits.',
  ),
  on_limit: z
    .enum(['defer', 'reject'])
    .default('defer')
    .describe('What happens to an order without a rate token: it waits, or is denied with RATE_LIMIT.'),
  max_queue: z
    .int()
    .positive()
    .default(1000)
    .describe(
      'Most intents that may wait; one more is denied with QUEUE_FULL. Cancels and exits always come in.',
    ),
});

const list = (value: Rate | Rate[]): Rate[] => (Array.isArray(value) ? value : [value]);

/** Queue and rate limits between risk and the outbox. */
export const throttleSpec: OperatorSpec<typeof config> = defineOperator({
  type: 'throttle',
  summary: 'Queues approved intents, folds them per order and paces what is sent.',
  description:
    'Keeps at most one waiting intent and one request in flight per order. Waiting intents of one order are folded: ' +
    'a replace updates a new order that has not left, a cancel removes it, the latest replace wins, a cancel beats a replace. ' +
    'Cancels go first, then replaces, then new orders. No window of a rate ever sees more than its count. ' +
    'What waited or was folded is checked by risk again before it leaves.',
  config,
  examples: [
    'orders: 5/s',
    'orders: [5/s, 300/min]\ncancels: 10/s\nmessages: 20/s\non_limit: reject',
    'orders: 1/10s\nmax_queue: 100',
  ],
  reload: 'restart',
  accepts: ['approved'],
  emits: ['command'],
  ports: { denied: ['denied'] },
  make: (options, context) =>
    throttle({
      orders: list(options.orders),
      cancels: list(options.cancels),
      messages: list(options.messages),
      onLimit: options.on_limit,
      maxQueue: options.max_queue,
    })(context),
});
