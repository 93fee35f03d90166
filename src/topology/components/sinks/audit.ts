import { resolve } from 'node:path';
import { z } from 'zod';
import { AUDIT_KINDS } from '../../../sinks/audit/entries.js';
import { AuditSink } from '../../../sinks/audit/audit-sink.js';
import { auditFormatOf } from '../../../sinks/audit/format.js';
import { defineSink, type SinkSpec } from '../../spec.js';

const config: z.ZodObject<{
  path: z.ZodString;
  format: z.ZodOptional<z.ZodEnum<{ jsonl: 'jsonl'; csv: 'csv' }>>;
  max_pending_bytes: z.ZodDefault<z.ZodInt>;
}> = z.strictObject({
  path: z.string().min(1).describe('File to append to; relative to the topology file.'),
  format: z
    .enum(['jsonl', 'csv'])
    .optional()
    .describe('Encoding of a line. Without it: csv when the path ends in .csv, else jsonl.'),
  max_pending_bytes: z
    .int()
    .min(4096)
    .default(4 * 1024 * 1024)
    .describe('Bytes that may wait for a disk that does not write before trading halts.'),
});

export const auditSpec: SinkSpec = defineSink({
  type: 'audit',
  summary: 'Writes the audit trail: who did what and why, chained by hashes.',
  description:
    'One line per order change, fill, denial, control action, connection change, halt, error, position opened or closed and regime change, with time, actor, reason and metadata; secrets are hidden. A fill that a broker tells again is a `fill_duplicate`. Each line holds the hash of the one before, so `millrace audit verify FILE` names a removed, changed, reordered or truncated line. An existing file is continued.',
  config,
  examples: ['path: ./data/audit.jsonl', 'path: ./data/audit.csv\nformat: csv'],
  reload: 'restart',
  accepts: AUDIT_KINDS,
  delivery: 'required',
  make: (options, context) => {
    const path = resolve(context.baseDir, options.path);
    return new AuditSink({
      path,
      format: options.format ?? auditFormatOf(path),
      mode: context.mode,
      session: context.session,
      configurationHash: context.configurationHash ?? '',
      build: context.build ?? '',
      maxBytes: options.max_pending_bytes,
      state: context.state,
      log: context.log,
      fail: (error) => context.fail(error),
    });
  },
});
