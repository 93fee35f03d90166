import { z } from 'zod';
import { bars } from '../../../operators/bars/bars.js';
import { isZone, parseTimeOfDay } from '../../../model/zone.js';
import type { SessionCalendar } from '../../../model/instrument.js';
import { MICROS_PER_MINUTE } from '../../../model/time.js';
import { duration } from '../../fields.js';
import { defineOperator, type OperatorSpec } from '../../spec.js';

const timeOfDay = (): z.ZodType<number, string> =>
  z.string().transform((text, ctx): number => {
    const micros = parseTimeOfDay(text);
    if (micros !== undefined) return micros / MICROS_PER_MINUTE;
    ctx.addIssue({ code: 'custom', message: 'a time of day, for example "09:30"' });
    return z.NEVER;
  });

const zoneName = (): z.ZodType<string, string> =>
  z.string().refine(isZone, 'a time zone, for example America/New_York');

const session = z.union([
  z.literal('instrument'),
  z.strictObject({
    zone: zoneName().describe('Time zone of open and close.'),
    days: z
      .array(z.int().min(1).max(7))
      .default([1, 2, 3, 4, 5])
      .describe('Weekdays with a session: 1 is Monday.'),
    open: timeOfDay().describe('Open, local time.'),
    close: timeOfDay().describe('Close, local time.'),
    holidays: z
      .array(z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a date like 2026-12-25'))
      .default([])
      .describe('Dates without a session.'),
  }),
]);

export const barsSpec: OperatorSpec = defineOperator({
  type: 'bars',
  summary: 'Trades or quotes become time, tick, volume or value bars; provider bars pass through.',
  description:
    'Give exactly one of `every`, `ticks`, `volume`, `value`. Time bars close at their end by engine time. Live, set `lateness` above the delay of the feed: an event that comes after its bar was closed leaves on the output `late`.',
  config: z
    .strictObject({
      every: duration().optional().describe('Time bars of this length.'),
      ticks: z.int().positive().optional().describe('A bar every so many trades or quotes.'),
      volume: z.number().positive().optional().describe('A bar every so many units traded.'),
      value: z.number().positive().optional().describe('A bar every so much price times size traded.'),
      from: z
        .enum(['trade', 'bid', 'ask', 'mid', 'quote'])
        .default('trade')
        .describe('What bars are made of; quote gives bid and ask bars.'),
      lateness: duration().prefault('0s').describe('How long after its end a bar waits for late events.'),
      fill: z
        .enum(['none', 'previous'])
        .default('none')
        .describe('previous: a bar without events repeats the last close.'),
      session: session
        .optional()
        .describe('Only events inside the session: instrument (its own calendar), or a calendar.'),
      partial: z.boolean().default(false).describe('Emit unfinished bars when the run ends.'),
    })
    .refine((c) => [c.every, c.ticks, c.volume, c.value].filter((one) => one !== undefined).length === 1, {
      message: 'bars need exactly one of every, ticks, volume, value',
    }),
  examples: [
    'every: 1m',
    'every: 1s\nfrom: quote\nlateness: 250ms',
    'ticks: 100',
    'every: 1h\nsession: { zone: America/New_York, open: "09:30", close: "16:00" }',
  ],
  reload: 'restart',
  accepts: ['trade', 'quote', 'bar'],
  emits: ['bar'],
  ports: { late: ['trade', 'quote'] },
  make: (config, context) => {
    const { every, ticks, volume, value, session: hours } = config;
    const calendar =
      hours === 'instrument'
        ? (ix: number): SessionCalendar | undefined => context.instruments.at(ix)?.session
        : hours;
    return bars({
      ...(every === undefined ? {} : { every }),
      ...(ticks === undefined ? {} : { ticks }),
      ...(volume === undefined ? {} : { volume }),
      ...(value === undefined ? {} : { value }),
      ...(calendar === undefined ? {} : { session: calendar }),
      from: config.from,
      lateness: config.lateness,
      fill: config.fill,
      partial: config.partial,
      scheduler: context.scheduler,
      name: context.name,
      onLate: (event) => context.emit('late', event),
    });
  },
});
