import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeOrder } from '../../../src/model/make.js';
import { ReconciliationSink } from '../../../src/sinks/reconciliation/reconciliation-sink.js';
import { Desk } from '../../engine/reconcile/desk.js';
import { dec } from '../../../src/model/decimal.js';

it('writes one line per order change and per difference, with both sides', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'logs', 'reconciliation_journal.tsv');
  const desk = new Desk();
  await desk.ready();
  desk.request('new', 'a');
  desk.deliver();
  desk.venue.move('USDT', dec(-5));
  await desk.reconciler.now();
  const sink = new ReconciliationSink({
    path,
    maxBytes: 65_536,
    fail: (error) => expect.fail(error.message),
  });
  await sink.open();
  sink.write(makeOrder({ ...desk.order('a'), reason: 'a\ttab' }));
  for (const one of desk.breaks) sink.write(one);
  await sink.close();
  const lines = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  expect(lines[0]).toEqual(['ts_us', 'source', 'internal_id', 'broker_order_id', 'symbol', 'status', 'note']);
  expect(lines[1]?.slice(1)).toEqual(['order_update', 'a', 'v1', 'BTCUSDT', 'accepted', 'a tab']);
  expect(lines.at(-1)?.slice(1)).toEqual([
    'reconciliation',
    'USDT',
    '',
    '',
    'open',
    'venue: BALANCE: ours 1000000; theirs 999995; fills and orders were compared just before',
  ]);
});
