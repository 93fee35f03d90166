import { cpSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/engine/run.js';
import type { RunSummary } from '../../src/engine/summary.js';
import { formatText } from '../../src/topology/diagnostic.js';
import { verifyJournal } from '../../src/engine/verify-journal.js';
import { readJournal } from '../../src/sinks/journal/index.js';
import { loadTopology } from '../../src/topology/load.js';
import { folder } from '../topology/fixtures.js';

const root = resolve(import.meta.dirname, '../..');

/** Runs a topology of the repository from a copy of its folder, so that nothing is written beside it. */
async function runCopy(
  path: string,
  file: string,
  set: readonly string[] = [],
): Promise<{ dir: string; summary: RunSummary }> {
  const dir = join(folder({}), 'copy');
  cpSync(join(root, path), dir, { recursive: true });
  const { topology, diagnostics, texts } = await loadTopology([join(dir, file)], { set });
  if (topology === undefined) throw new Error(formatText(diagnostics, texts));
  return { dir, summary: await run(topology, { session: 'test' }) };
}

test('the plugin: own source, operator, sink and broker in one topology that trades', async () => {
  const { dir, summary } = await runCopy('examples/plugin', 'topology.yaml');
  expect({ ended: summary.ended, error: summary.error, events: summary.events > 2000 }).toEqual({
    ended: 'end',
    error: null,
    events: true,
  });
  expect([summary.orders, summary.fills, summary.denied]).toEqual([16, 16, {}]);
  const lines = readFileSync(join(dir, 'fills.txt'), 'utf8').trimEnd().split('\n');
  expect(lines).toHaveLength(summary.fills);
  expect(lines[0]).toMatch(/^2025-01-01T00:\d\d:\d\d\.\d{6}Z (buy|sell) [24] GOLD at \d+(\.\d)?$/);
});

test('the first strategy trades', async () => {
  const { summary } = await runCopy('examples/strategies', 'first.yaml');
  expect([summary.ended, summary.orders, summary.fills, summary.denied, summary.equity]).toEqual([
    'end',
    14,
    14,
    {},
    '99995.4710155',
  ]);
});

test('the bracket: each entry has a target and a stop, one of them closes it; its journal verifies', async () => {
  const { summary } = await runCopy('examples/strategies', 'bracket.yaml');
  const children = [...readJournal(summary.journal ?? '').frames()].flatMap((frame) => frame.children);
  const sent = children.flatMap((child) =>
    child.kind === 'intent' && child.source === 'manage' && child.intent.action === 'new'
      ? [child.intent.side]
      : [],
  );
  const held = children.filter((child) => child.kind === 'queued' && child.intent.action === 'new');
  const bought = sent.filter((side) => side === 'buy').length;
  expect([summary.ended, summary.denied, summary.fills, bought]).toEqual(['end', {}, 24, 12]);
  expect(held.length).toBe(2 * bought);
  expect(summary.positions.map(({ quantity }) => Number(quantity))).toEqual([0]);
  expect((await verifyJournal(summary.journal ?? '')).identical).toBe(true);
});

test('the synthetic market is the same good session every time, at any pace', async () => {
  const at = (pace: string): Promise<{ summary: RunSummary }> =>
    runCopy('config', 'synthetic.yaml', [`sources.market.pace=${pace}`]);
  const { summary } = await at('max');
  expect({
    ended: summary.ended,
    orders: summary.orders,
    fills: summary.fills,
    queued: summary.queued,
    denied: summary.denied,
    positions: summary.positions
      .map((p) => `${p.instrument} ${p.quantity} ${p.realizedPnl} ${p.fees}`)
      .sort(),
    pnl: Number(summary.pnl).toFixed(2),
  }).toEqual({
    ended: 'end',
    orders: 38,
    fills: 38,
    queued: 10,
    denied: { MAX_GROSS_EXPOSURE: 3, MAX_ORDER_VALUE: 1 },
    positions: ['BTCUSDT 0.2 775.46 135.71346', 'ETHUSDT 4 -736.92 159.80282', 'SOLUSDT 70 -137.2 101.48075'],
    pnl: '737.42',
  });
  const paced = await at('20000x');
  expect(paced.summary.digest).toBe(summary.digest);
});
