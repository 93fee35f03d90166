import { z } from 'zod';
import { manage } from '../../../operators/manage/index.js';
import { duration } from '../../fields.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

const config = z.strictObject({
  stops: z
    .enum(['auto', 'venue', 'emulated'])
    .default('auto')
    .describe(
      'Where stops and trailing stops wait: `auto` at the venue where the instrument lists the type, else here; `venue` always there; `emulated` always here.',
    ),
  exits: z
    .enum(['both', 'one'])
    .default('both')
    .describe(
      'Exits of one group that rest at the venue: `both`, or `one`, the target, while the stop is watched here. Spot venues that lock what is for sale need `one`.',
    ),
  reduce_only: z
    .enum(['keep', 'drop'])
    .default('keep')
    .describe(
      '`drop`: exits rest without the reduce-only flag, for venues that do not take it on resting orders.',
    ),
  native: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Brokers that link orders themselves: linked orders that name one as their route pass as they are.',
    ),
  trigger: z
    .enum(['last', 'bid_ask', 'mid'])
    .default('last')
    .describe(
      'Price that sets off a stop watched here: the last trade (the quote, where nothing was traded yet), the side of the quote the exit would meet, or the middle. An order says otherwise with metadata `trigger_source`.',
    ),
  on_reject: z
    .enum(['retry', 'flatten', 'halt'])
    .default('flatten')
    .describe(
      'When an exit is refused for good: try again (and then flatten), close what lost its protection, or halt trading.',
    ),
  retries: z.int().min(0).max(100).default(3).describe('Further attempts before the next measure.'),
  retry_after: duration()
    .prefault('1s')
    .describe('Time before the next attempt; doubles up to a minute while the refusal goes away by itself.'),
  cancel_wait: duration()
    .prefault('1s')
    .describe('How long an exit that leaves at once waits for the cancels of the others of its group.'),
  on_race: z
    .enum(['restore', 'leave'])
    .default('restore')
    .describe(
      'When two orders of a group filled: take back what was too much, or leave it. Recorded in any case.',
    ),
});

/** `type: manage`. */
export const manageSpec: OperatorSpec = defineOperator({
  type: 'manage',
  summary: 'Emulates linked orders (brackets, OCO, OTO) and the stops a venue lacks, in front of risk.',
  description: `Takes linked orders and emulated stops in and emits the orders that work for them; every one of them is checked by
risk like any other. Exits are sized by what their entry really filled and by what each other filled. What it holds is
part of State: it survives a restart and is shown as orders of their own, with their children. Everything else passes
as it came. What cannot be emulated is denied \`LINKED_UNSUPPORTED\` on the output \`denied\`. Intents are all it needs as
\`inputs\`; it learns of fills, prices and connections from State.`,
  config,
  examples: [
    'stops: auto',
    'exits: one\nreduce_only: drop',
    'stops: emulated\ntrigger: bid_ask\non_reject: retry\nretries: 5',
  ],
  reload: 'restart',
  accepts: ['intent', 'execution', 'order', 'trade', 'quote', 'book', 'bar', 'connection'],
  emits: ['intent'],
  ports: { denied: ['denied'] },
  make: (options, context) => manage(options)(context),
});
