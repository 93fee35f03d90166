import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runFiles } from './support.js';

it('config/replay-csv.yaml trades on the example data', async () => {
  const out = mkdtempSync(join(tmpdir(), 'millrace-csv-'));
  onTestFinished(() => rmSync(out, { recursive: true, force: true }));
  const run = await runFiles(
    [resolve(import.meta.dirname, '../../config/replay-csv.yaml')],
    [`sinks.journal.path=${out}/journal`, `sinks.records.path=${out}/records`],
  );
  expect(run.summary).toMatchObject({ ended: 'end', drained: true, bad: {}, denied: {}, error: null });
  expect(run.summary.orders).toBeGreaterThan(10);
  expect(run.summary.fills).toBe(run.summary.orders);
  // 78 bars of five minutes a day, each as trade, bid and ask.
  expect(run.inputs.filter((input) => input.kind === 'bar')).toHaveLength(5 * 78 * 3);
});
