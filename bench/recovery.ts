import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recover } from '../src/engine/recover/recover.js';
import { SnapshotStore } from '../src/engine/recover/snapshots.js';
import { nodeFiles } from '../src/sinks/file-port.js';
import { readJournal } from '../src/sinks/journal/index.js';
import { SYMBOL, type Ticks } from './data.js';
import { closeEngine, feedAll, openEngine } from './engine-loop.js';
import { benchTopology, type Shape } from './topology.js';

export interface RecoveryResult {
  /** Nanoseconds an event of the journal, from the start of recovery until the engine could open its brokers. */
  readonly ns: number;
  readonly events: number;
  readonly orders: number;
  readonly equity: string;
  /** Longest step of taking a snapshot, in milliseconds. */
  readonly pauseMs: number;
}

const quiet = (): undefined => undefined;

/** A session that was killed behind its last turn, and the restart that goes on from it. */
export async function recovery(ticks: Ticks): Promise<RecoveryResult> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  try {
    const shape: Shape = { symbols: [SYMBOL], on: 'quotes', journal: { encoding: 'binary', path: folder } };
    const engine = await openEngine(shape, ticks);
    feedAll(engine, ticks, shape.symbols);
    const hash = engine.state.hash();
    const session = engine.sinks.journal?.path ?? '';
    await engine.sinks.close(false);
    await closeEngine(engine);
    const last = readJournal(session).segments.at(-1) ?? '';
    truncateSync(last, statSync(last).size - 8); // inside its end mark: as after a kill
    const start = process.hrtime.bigint();
    const life = await recover(benchTopology(shape), {
      log: { info: quiet, warn: quiet, error: (message) => console.error(message) },
      wall: undefined,
      resume: 'always',
    });
    const took = Number(process.hrtime.bigint() - start);
    if (life.kind !== 'refed' || life.engine.state.hash() !== hash)
      throw new Error(`the session was not recovered as it was: ${life.kind}`);
    const store = new SnapshotStore(nodeFiles, folder, 'bench');
    const began = process.hrtime.bigint();
    const snapshot = store.take(life.engine.state, new Map());
    const pauseMs = Number(process.hrtime.bigint() - began) / 1e6;
    await store.write('snapshot.json', snapshot);
    const events = life.engine.driver.seq;
    await life.engine.close();
    await life.end(false);
    return {
      ns: took / events,
      events,
      orders: life.engine.counters.children['dispatch'] ?? 0,
      equity: life.engine.state.portfolio.equity()?.toString() ?? 'unknown',
      pauseMs,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
