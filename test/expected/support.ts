import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { run } from '../../src/engine/run.js';
import type { RunSummary } from '../../src/engine/summary.js';
import { recordedTopology } from '../../src/engine/recorded-topology.js';
import { verifyJournal } from '../../src/engine/verify-journal.js';
import type { InputEvent } from '../../src/model/event.js';
import { readJournal, type RecordedEvent } from '../../src/sinks/journal/index.js';
import { formatText } from '../../src/topology/diagnostic.js';
import { loadTopology } from '../../src/topology/load.js';
import { sharedData } from '../support/shared-data.js';

const here = dirname(fileURLToPath(import.meta.url));
const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Folder of recorded market data, or undefined (with a printed reason). */
export const market: string | undefined = sharedData('market');

/** One fill as the venue reported it; `quantity` is signed. */
export interface SeenFill {
  readonly time: string;
  readonly quantity: number;
  readonly price: number;
  readonly fee: number;
}

export interface Outcome {
  readonly summary: RunSummary;
  readonly inputs: readonly InputEvent[];
  readonly children: readonly RecordedEvent[];
  readonly fills: readonly SeenFill[];
  /** Rows of equity.csv: engine time (ISO) and equity. Empty without a records sink. */
  readonly equity: readonly { readonly time: string; readonly equity: number }[];
}

/**
 * Runs topologies of this folder as a user would: YAML in, journal out, nothing else. Proves the journal afterwards.
 * `MARKET` and `OUT` are set to the recorded data and a folder of its own.
 */
export async function runFiles(files: readonly string[], set: readonly string[] = []): Promise<Outcome> {
  const out = mkdtempSync(join(tmpdir(), 'millrace-expected-'));
  onTestFinished(() => rmSync(out, { recursive: true, force: true }));
  const loaded = await loadTopology(
    files.map((file) => resolve(here, 'topologies', file)),
    { set, environment: { MARKET: market ?? '', OUT: out } },
  );
  if (loaded.topology === undefined) throw new Error(formatText(loaded.diagnostics, loaded.texts));
  const summary = await run(loaded.topology, { log: quiet });
  if (summary.error !== null) throw new Error(`${summary.error.code}: ${summary.error.message}`);
  const inputs: InputEvent[] = [];
  const children: RecordedEvent[] = [];
  const journal = readJournal(summary.journal ?? '');
  for (const frame of journal.frames()) {
    inputs.push(frame.input);
    children.push(...frame.children);
  }
  const { header } = journal;
  const topology = await recordedTopology(header, header.baseDir, undefined);
  const proof = await verifyJournal(journal, { topology, strict: true, log: quiet });
  if (!proof.identical) throw new Error(`the journal of ${files.join(' ')} does not verify`);
  return { summary, inputs, children, fills: fillsOf(inputs), equity: equityOf(join(out, 'records')) };
}

function fillsOf(inputs: readonly InputEvent[]): SeenFill[] {
  return inputs.flatMap((event) =>
    event.kind === 'execution' && event.report === 'fill' && event.fill !== undefined
      ? [
          {
            time: iso(event.at),
            quantity: event.fill.quantity.toNumber() * (event.side === 'sell' ? -1 : 1),
            price: event.fill.price.toNumber(),
            fee: event.fill.fee.toNumber(),
          },
        ]
      : [],
  );
}

function equityOf(folder: string): { time: string; equity: number }[] {
  let day: string | undefined;
  try {
    [day] = readdirSync(folder);
  } catch {
    return [];
  }
  const [head = '', ...rows] = readFileSync(join(folder, day ?? '', 'run_1', 'equity.csv'), 'utf8')
    .trim()
    .split('\n');
  const names = head.split(',');
  return rows.map((row) => {
    const cells = row.split(',');
    return { time: cells[names.indexOf('time')] ?? '', equity: Number(cells[names.indexOf('equity')]) };
  });
}

/** `2013-10-07T13:31:00.000Z` of engine time. */
export function iso(at: number): string {
  return new Date(at / 1000).toISOString();
}

/** Last equity that was sampled at or before a time. */
export function equityAt({ equity }: Outcome, time: string): number {
  return equity.filter((row) => row.time <= time).at(-1)?.equity ?? NaN;
}

/** Equity at the first sample after a time, else the last one: all events of that time were seen then. */
export function equityAfter({ equity }: Outcome, time: string): number {
  return (equity.find((row) => row.time > time) ?? equity.at(-1))?.equity ?? NaN;
}

/** Rows of a recorded CSV file (gzipped or not) as numbers; empty cells are NaN. */
export function rows(...path: string[]): number[][] {
  const file = readFileSync(join(market ?? '', ...path));
  const text = (path.at(-1) ?? '').endsWith('.gz')
    ? gunzipSync(file).toString('utf8')
    : file.toString('utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => (cell === '' ? NaN : Number(cell))));
}

/** Rows of a daily file, raw: their dates are texts like `20131008 00:00`. */
export function dailyRows(symbol: string): { date: number; open: number; close: number }[] {
  return gunzipSync(readFileSync(join(market ?? '', 'us-equity', 'daily', `${symbol}.csv.gz`)))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','))
    .map(([day = '', open, , , close]) => ({
      date: Number(day.slice(0, 8)),
      open: Number(open),
      close: Number(close),
    }));
}

/** What is published about a case. */
export function expected<T>(name: string): T {
  return JSON.parse(readFileSync(join(market ?? '', 'expected', `${name}.json`), 'utf8')) as T;
}
