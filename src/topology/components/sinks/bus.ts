import { z } from 'zod';
import { EVENT_KINDS } from '../../../model/record.js';
import { BusSink } from '../../../sinks/bus/bus-sink.js';
import { BUS_TOPICS } from '../../../sinks/bus/event-bus.js';
import { defineSink, type SinkSpec } from '../../spec.js';

const config: z.ZodObject<{ topic: z.ZodOptional<z.ZodString> }> = z.strictObject({
  topic: z
    .string()
    .min(1)
    .refine((topic) => !(BUS_TOPICS as readonly string[]).includes(topic) && topic !== '*', {
      message: `a name of your own: ${BUS_TOPICS.join(', ')} and * are the engine’s`,
    })
    .optional()
    .describe('Topic to publish under. Left out: the name of the sink.'),
});

export const busSpec: SinkSpec<typeof config> = defineSink({
  type: 'bus',
  summary: 'Publishes its inputs to programs that subscribed to `engine.bus`.',
  description: `Programs that made the engine with \`createEngine\` hear what arrives here, in order and between turns. Each
subscriber has a bounded queue of its own: one that throws is counted, one that is slow misses the oldest. The engine
itself publishes ${BUS_TOPICS.map((topic) => `\`${topic}\``).join(', ')} without this sink.`,
  config,
  examples: ['topic: bars', '{}'],
  reload: 'restart',
  accepts: EVENT_KINDS,
  delivery: 'best_effort',
  make: (options, context) =>
    new BusSink(options.topic ?? context.name, (topic, event) => context.publish?.(topic, event)),
});
