import { resolve } from 'node:path';
import { z } from 'zod';
import { EVENT_KINDS } from '../../../model/record.js';
import { MICROS_PER_DAY, MICROS_PER_MS, type Micros } from '../../../model/time.js';
import { journalSink } from '../../../sinks/journal/index.js';
import { duration } from '../../fields.js';
import { defineSink, type SinkSpec } from '../../spec.js';

const MEGABYTE = 1024 * 1024;

const config: z.ZodObject<{
  path: z.ZodDefault<z.ZodString>;
  encoding: z.ZodDefault<z.ZodEnum<{ binary: 'binary'; jsonl: 'jsonl' }>>;
  durability: z.ZodDefault<z.ZodEnum<{ fsync: 'fsync'; os: 'os'; none: 'none' }>>;
  segment_mb: z.ZodDefault<z.ZodNumber>;
  segment_time: z.ZodOptional<z.ZodType<Micros, string | number>>;
  flush: z.ZodDefault<z.ZodType<Micros, string | number>>;
  retry_buffer_mb: z.ZodDefault<z.ZodNumber>;
}> = z.strictObject({
  path: z
    .string()
    .min(1)
    .default('./data/journal')
    .describe('Folder of journals, relative to the topology; each session makes a folder in it.'),
  encoding: z
    .enum(['binary', 'jsonl'])
    .default('binary')
    .describe('`binary` is compact and fast; `jsonl` is text, one record a line.'),
  durability: z
    .enum(['fsync', 'os', 'none'])
    .default('os')
    .describe(
      'When an order may leave: `os` once the operating system has its record (survives a killed process), `fsync` once the disk has it (survives a power cut), `none` at once (not for live). In paper and replay `fsync` is `os`, so that fills never depend on the disk.',
    ),
  segment_mb: z
    .number()
    .positive()
    .max(16_384)
    .default(256)
    .describe('A new file begins after this many megabytes.'),
  segment_time: duration()
    .optional()
    .describe(
      'A new file begins after this much engine time. Left out: 1d; in replay mode never, years pass in seconds.',
    ),
  flush: duration()
    .default(100 * MICROS_PER_MS)
    .describe('Longest time a record stays in memory when no order waits for it.'),
  retry_buffer_mb: z
    .number()
    .positive()
    .max(1_024)
    .default(16)
    .describe('Megabytes that may wait while the disk does not take them; beyond it trading halts.'),
});

export const journalSpec: SinkSpec<typeof config> = defineSink({
  type: 'journal',
  summary: 'Writes every event and every decision of a session to disk, for replay, recovery and proof.',
  description: `Every turn is one checksummed frame: the input and all its consequences, with a rolling digest over all of them.
Orders leave only after their record is safe to the level of \`durability\`; cancels never wait.

If the disk takes no more, records wait in memory and are tried again. When \`retry_buffer_mb\` is full, trading halts with
\`JOURNAL_FULL\`; nothing is dropped. Read a journal with \`millrace journal cat\`, prove it with \`millrace replay --verify\`.`,
  config,
  examples: ['path: ./data/journal\ndurability: fsync', 'encoding: jsonl\nsegment_mb: 64\nsegment_time: 1h'],
  reload: 'restart',
  accepts: EVENT_KINDS,
  inputsOptional: true,
  delivery: 'required',
  make: (options, context) =>
    journalSink(
      {
        path: resolve(context.baseDir, options.path),
        encoding: options.encoding,
        // A simulated venue must not fill in an order that depends on the disk: fsync is for live.
        durability: options.durability === 'fsync' && context.mode !== 'live' ? 'os' : options.durability,
        segmentBytes: options.segment_mb * MEGABYTE,
        segmentTime: options.segment_time ?? (context.mode === 'replay' ? Infinity : MICROS_PER_DAY),
        flushMs: options.flush / MICROS_PER_MS,
        bufferBytes: options.retry_buffer_mb * MEGABYTE,
      },
      context,
    ),
});
