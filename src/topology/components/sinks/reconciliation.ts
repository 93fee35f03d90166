import { resolve } from 'node:path';
import { z } from 'zod';
import { ReconciliationSink } from '../../../sinks/reconciliation/reconciliation-sink.js';
import { defineSink, type SinkSpec } from '../../spec.js';

const config: z.ZodObject<{ path: z.ZodDefault<z.ZodString>; max_pending_bytes: z.ZodDefault<z.ZodInt> }> =
  z.strictObject({
    path: z
      .string()
      .min(1)
      .default('./data/reconciliation_journal.tsv')
      .describe('File to append to; relative to the topology file.'),
    max_pending_bytes: z
      .int()
      .min(4096)
      .default(4 * 1024 * 1024)
      .describe('Bytes that may wait for a disk that does not write.'),
  });

export const reconciliationSpec: SinkSpec = defineSink({
  type: 'reconciliation',
  summary: 'Writes order changes and every difference found with a venue as tab-separated lines.',
  description:
    'One line per order change (`order_update`) and per difference between our books and a broker’s (`reconciliation`): time in microseconds, source, internal id, broker order id, symbol, status or resolution, and a note with both sides and the evidence.',
  config,
  examples: ['path: ./data/reconciliation_journal.tsv'],
  reload: 'restart',
  accepts: ['order', 'reconciliation'],
  delivery: 'best_effort',
  make: (options, context) =>
    new ReconciliationSink({
      path: resolve(context.baseDir, options.path),
      maxBytes: options.max_pending_bytes,
      fail: (error) => context.fail(error),
    }),
});
