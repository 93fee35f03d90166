import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { run } from '../../src/engine/run.js';
import { readJournal } from '../../src/sinks/journal/index.js';
import { loadTopology } from '../../src/topology/load.js';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

const TOPOLOGY = `
version: 1
name: end
mode: replay
instruments: { X: {} }
sources:
  ticks:
    type: replay
    path: ./ticks_20240808.csv
    csv: { kind: trade, instrument: X, time: { column: 0, format: s_since_midnight }, columns: { price: 1, size: 2 } }
operators:
  bars: { type: bars, inputs: [ticks], every: 1m }
sinks:
  journal: { type: journal, path: ./journal }
`;

/** Starts and counts of the bars, and the time of the last turn, in seconds of the day. */
async function barsOf(rows: readonly (readonly number[])[], ...set: string[]): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-end-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'ticks_20240808.csv'), rows.map((row) => `${row.join(',')}\n`).join(''));
  writeFileSync(join(folder, 'end.yaml'), TOPOLOGY);
  const { topology, diagnostics } = await loadTopology([join(folder, 'end.yaml')], { set });
  expect(diagnostics.filter((item) => item.severity === 'error')).toEqual([]);
  if (topology === undefined) return undefined;
  const { journal, error } = await run(topology, { log: quiet });
  expect(error).toBeNull();
  const ofDay = (at: number): number => (at / 1e6) % 86_400;
  const bars: string[] = [];
  let last = 0;
  for (const { input, children } of readJournal(journal ?? '').frames()) {
    last = ofDay(input.at);
    for (const child of children)
      if (child.kind === 'bar') bars.push(`${ofDay(child.start)}: ${child.count} at ${ofDay(child.at)}`);
  }
  return { bars, last };
}

const ROWS = [
  [34_200, 100, 1],
  [34_230, 101, 1],
  [34_290, 102, 1],
];

it('a bar that the data does not reach the end of is not a bar', async () => {
  expect(await barsOf(ROWS)).toEqual({ bars: ['34200: 2 at 34260'], last: 34_290 });
});

it('data that is said to go on to a time completes the bar that ends there', async () => {
  const both = ['34200: 2 at 34260', '34260: 1 at 34320'];
  expect(await barsOf(ROWS, 'sources.ticks.to=2024-08-08T09:32:00Z')).toEqual({ bars: both, last: 34_320 });
  expect(await barsOf(ROWS, 'sources.ticks.to=2024-08-08T09:31:59Z')).toEqual({
    bars: ['34200: 2 at 34260'],
    last: 34_290,
  });
  // What is due by then happens; engine time does not jump to the end of the century.
  expect(await barsOf(ROWS, 'sources.ticks.to=2099-01-01')).toEqual({ bars: both, last: 34_320 });
});

it('data that is kept to a session goes on to its close', async () => {
  const rows = [...ROWS, [57_590, 103, 4], [57_601, 104, 8]];
  const result = await barsOf(rows, 'sources.ticks.csv.session=09:30-16:00');
  expect(result).toEqual({
    bars: ['34200: 2 at 34260', '34260: 1 at 34320', '57540: 1 at 57600'],
    last: 57_600,
  });
});
