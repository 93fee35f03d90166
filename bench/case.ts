import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTicks, SYMBOL, type Ticks } from './data.js';
import { closeEngine, feedAll, openEngine } from './engine-loop.js';
import { handLoop } from './hand-loop.js';
import { recovery } from './recovery.js';
import type { Shape } from './topology.js';

/** One case, alone in its process, so that no case warms up or slows another: `node case.js NAME REPS`. */
export interface CaseResult {
  readonly name: string;
  readonly what: string;
  readonly events: number;
  /** Nanoseconds per event, sorted. */
  readonly ns: readonly number[];
  readonly orders: number;
  readonly equity: string;
  readonly rssMb: number;
}

const one = [SYMBOL];
const many = Array.from({ length: 500 }, (_, i) => `S${i}`);

const SHAPES: Readonly<Record<string, Shape>> = {
  engine: { symbols: one, on: 'quotes' },
  bars: { symbols: one, on: 'bars' },
  bars500: { symbols: many, on: 'bars' },
  idle20: { symbols: one, on: 'quotes', idle: 20 },
};

async function measure(name: string, ticks: Ticks): Promise<{ ns: number; orders: number; equity: string }> {
  const timed = async (run: () => unknown): Promise<number> => {
    const start = process.hrtime.bigint();
    await run();
    return Number(process.hrtime.bigint() - start) / ticks.count;
  };
  if (name === 'hand') {
    let result = { orders: 0, equity: '' };
    const ns = await timed(async () => {
      result = await handLoop(ticks);
    });
    return { ns, ...result };
  }
  const encoding = name === 'binary' || name === 'jsonl' ? name : undefined;
  const folder = encoding === undefined ? undefined : mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const shape: Shape =
    encoding === undefined || folder === undefined
      ? (SHAPES[name] as Shape)
      : { symbols: one, on: 'quotes', journal: { encoding, path: folder } };
  try {
    const engine = await openEngine(shape, ticks);
    const ns = await timed(() => feedAll(engine, ticks, shape.symbols));
    return { ns, ...(await closeEngine(engine)) };
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Ten million events through one engine; the largest resident set on the way. */
async function memory(
  ticks: Ticks,
): Promise<{ ns: number; orders: number; equity: string; events: number; rssMb: number }> {
  const engine = await openEngine(SHAPES['engine'] as Shape, ticks);
  const rounds = Math.ceil(10_000_000 / ticks.count);
  const span = (ticks.at[ticks.count - 1] as number) - (ticks.at[0] as number) + 1_000_000;
  globalThis.gc?.(); // what reading the file left behind is not the engine's
  let peak = 0;
  const start = process.hrtime.bigint();
  for (let round = 0; round < rounds; round++) {
    feedAll(engine, ticks, one);
    for (let i = 0; i < ticks.count; i++) ticks.at[i] = (ticks.at[i] as number) + span;
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  const events = rounds * ticks.count;
  const ns = Number(process.hrtime.bigint() - start) / events;
  return { ns, events, rssMb: Math.round(peak / 1e6), ...(await closeEngine(engine)) };
}

const [name = 'engine', reps = '5'] = process.argv.slice(2);
// The memory case repeats a short stretch: it measures the engine, not the columns.
const LIMITS: Readonly<Record<string, number>> = { memory: 100_000, recovery: 1_000_000 };
const ticks = await loadTicks(LIMITS[name] ?? Infinity);
const ns: number[] = [];
let last = { orders: 0, equity: '' };
let events = ticks.count;
let rssMb: number;
if (name === 'memory') {
  const result = await memory(ticks);
  ns.push(result.ns);
  ({ events, rssMb } = result);
  last = result;
} else if (name === 'recovery') {
  const result = await recovery(ticks);
  ns.push(result.ns);
  ({ events } = result);
  last = result;
  console.error(`a snapshot held the loop for ${result.pauseMs.toFixed(2)} ms`);
  rssMb = Math.round(process.memoryUsage.rss() / 1e6);
} else {
  for (let i = 0; i < Number(reps) + 1; i++) {
    const result = await measure(name, ticks);
    if (i > 0) ns.push(result.ns); // the first round warms up
    last = result;
    globalThis.gc?.();
  }
  rssMb = Math.round(process.memoryUsage.rss() / 1e6);
}
const result: CaseResult = {
  name,
  what: ticks.what,
  events,
  ns: ns.sort((a, b) => a - b),
  orders: last.orders,
  equity: last.equity,
  rssMb,
};
console.log(JSON.stringify(result));
