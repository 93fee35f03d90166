import { resolve } from 'node:path';
import { z } from 'zod';
import { MICROS_PER_MINUTE, type Micros } from '../../../model/time.js';
import { isZone } from '../../../model/zone.js';
import { RecordsSink } from '../../../sinks/records/records-sink.js';
import { RECORD_KINDS } from '../../../sinks/records/tables.js';
import { duration } from '../../fields.js';
import { defineSink, type SinkSpec } from '../../spec.js';

const config: z.ZodObject<{
  path: z.ZodString;
  zone: z.ZodDefault<z.ZodString>;
  bars: z.ZodDefault<z.ZodBoolean>;
  equity_every: z.ZodDefault<z.ZodType<Micros, string | number>>;
  max_pending_bytes: z.ZodDefault<z.ZodInt>;
}> = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe('Folder for the sessions, `{path}/{YYYY-MM-DD}/run_N`; relative to the topology file.'),
  zone: z
    .string()
    .default('UTC')
    .describe('Time zone of the date in the folder’s name. Times in the files are always UTC.')
    .refine(isZone, { message: 'a time zone name, for example UTC, America/New_York' }),
  bars: z.boolean().default(false).describe('Also write every bar to bars.csv.'),
  equity_every: duration()
    .refine((micros) => micros > 0, { message: 'a duration above zero, for example 1m' })
    .default(MICROS_PER_MINUTE)
    .describe('Event time between two rows of equity.csv, at its round values; each fill adds one.'),
  max_pending_bytes: z
    .int()
    .min(4096)
    .default(4 * 1024 * 1024)
    .describe(
      'Bytes of one file that may wait for a disk that does not write before rows are lost and counted.',
    ),
});

export const recordsSpec: SinkSpec = defineSink({
  type: 'records',
  summary: 'Writes the session as CSV files: orders, fills, positions, denials, marks, logs, equity.',
  description:
    'Makes `{path}/{YYYY-MM-DD}/run_N/` at the first record (the day is that of its event time) with orders.csv, fills.csv, positions.csv, denials.csv, marks.csv, logs.csv, equity.csv and, with `bars: true`, bars.csv. Rows are made in the turn they tell of, so a session gives the same rows at any pace. Files have a header, are quoted by RFC 4180 and only ever grow. session.json says what ran and is completed when the session ends.',
  config,
  examples: [
    'path: ./data/records',
    'path: ./data/records\nzone: America/New_York\nbars: true\nequity_every: 5m',
  ],
  reload: 'restart',
  accepts: RECORD_KINDS,
  delivery: 'best_effort',
  make: (options, context) =>
    new RecordsSink({
      path: resolve(context.baseDir, options.path),
      zone: options.zone,
      bars: options.bars,
      equityEvery: options.equity_every,
      maxBytes: options.max_pending_bytes,
      session: context.session,
      name: context.name,
      mode: context.mode,
      build: context.build ?? '',
      state: context.state,
      log: context.log,
      fail: (error) => context.fail(error),
    }),
});
