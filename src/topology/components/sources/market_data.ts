import { z } from 'zod';
import { MillraceError } from '../../../model/reason.js';
import { MARKET_KINDS } from '../../../model/record.js';
import { defineSource, type SourceSpec } from '../../spec.js';

const config: z.ZodObject<{
  broker: z.ZodString;
  instruments: z.ZodArray<z.ZodString>;
  emit: z.ZodDefault<
    z.ZodArray<z.ZodEnum<{ trade: 'trade'; quote: 'quote'; book: 'book'; bar: 'bar'; status: 'status' }>>
  >;
}> = z.strictObject({
  broker: z.string().min(1).describe('Name of the broker whose session carries the feed.'),
  instruments: z.array(z.string().min(1)).min(1).describe('Symbols to subscribe to.'),
  emit: z
    .array(z.enum(MARKET_KINDS))
    .min(1)
    .default(['trade', 'quote'])
    .describe('Kinds of events to subscribe to.'),
});

/** Live market data of a broker session. */
export const marketDataSpec: SourceSpec<typeof config> = defineSource({
  type: 'market_data',
  summary: 'Live market data of a broker session.',
  description:
    'Subscribes to instruments over the session of a broker. Several sources may share one session. Reconnection, resubscription and resynchronisation belong to the broker; what was missed shows as `gap` events.',
  config,
  examples: ['{ broker: binance, instruments: [BTCUSDT], emit: [trade, quote] }'],
  reload: 'restart',
  emits: [...MARKET_KINDS, 'gap'],
  pushed: true,
  emitsOf: ({ emit }) => [...emit, 'gap'],
  broker: ({ broker }) => broker,
  make: ({ broker, instruments, emit }, { name, brokers }) => {
    const session = brokers.get(broker);
    if (session === undefined)
      throw new MillraceError(
        'INVALID_CONFIGURATION',
        `source "${name}" uses broker "${broker}", which is not there`,
        'add it under brokers:',
      );
    return { type: 'push', events$: session.market({ source: name, instruments, emit }) };
  },
});
