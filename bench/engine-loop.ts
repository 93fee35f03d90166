import { Engine } from '../src/engine/engine.js';
import { sessionInfo } from '../src/engine/session-info.js';
import type { InputEvent } from '../src/model/event.js';
import { benchTopology, type Shape } from './topology.js';
import { eventAt, inBatches, type Ticks } from './data.js';
import type { LoopResult } from './hand-loop.js';

const ignore = (): undefined => undefined;
let session = 0;

/** A fresh engine, open and started at the first event. */
export async function openEngine(shape: Shape, ticks: Ticks): Promise<Engine> {
  const topology = benchTopology(shape);
  const name = `bench${process.pid.toString(36)}${(session++).toString(36)}`;
  const engine = new Engine(topology, {
    session: name,
    info: sessionInfo(topology, name),
    log: { info: ignore, warn: ignore, error: ignore },
  });
  await engine.open();
  engine.start(eventAt(ticks, 0).at);
  return engine;
}

/** Everything through the complete loop. */
export function feedAll(engine: Engine, ticks: Ticks, symbols: readonly string[]): void {
  inBatches(
    ticks,
    (batch: readonly InputEvent[]) => {
      engine.feed(batch);
      engine.sinks.drain();
    },
    symbols,
  );
}

export async function closeEngine(engine: Engine): Promise<LoopResult> {
  await engine.stop('end');
  await engine.close();
  return {
    orders: engine.counters.children['dispatch'] ?? 0,
    equity: engine.state.portfolio.equity()?.toString() ?? 'unknown',
  };
}
