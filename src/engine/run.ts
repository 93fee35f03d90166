import { MillraceError } from '../model/reason.js';
import type { CheckedTopology } from '../topology/checked.js';
import { loadStrategies } from '../topology/load-strategies.js';
import type { Log } from '../topology/spec.js';
import { anchoredClock } from './clock.js';
import { openControl, type ControlSurface, type SurfaceOptions } from './control/surface.js';
import type { Engine } from './engine.js';
import { monotonicMs } from './guard.js';
import { recover } from './recover/recover.js';
import type { Reconcile } from './kill/killer.js';
import type { RunOptions } from './run-options.js';
import { Reload } from './reload/reload.js';
import { Runner } from './runner.js';
import { Safety } from './safety.js';
import { summarize, type RunSummary } from './summary.js';
import { watchUnhandled } from './unhandled.js';

export type { RunOptions } from './run-options.js';

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Runs a topology from open to close. Recorded sources bring their own time and run at their pace; as soon as one
 * source is pushed from outside, engine time is the wall clock.
 */
export async function run(checked: CheckedTopology, options: RunOptions = {}): Promise<RunSummary> {
  mayRun(checked, options);
  const topology = await loadStrategies(checked);
  const log = options.log ?? silent;
  const live = topology.sources.some((source) => source.spec.pushed === true);
  const wall = live ? anchoredClock() : undefined;
  const life = await recover(topology, {
    log,
    wall,
    ...(options.session === undefined ? {} : { session: options.session }),
    ...(options.resume === undefined ? {} : { resume: options.resume }),
  });
  const { engine } = life;
  const safety = new Safety({
    engine,
    wall,
    reconcile: reconcileWith(engine),
    ...(options.files === undefined ? {} : { files: options.files }),
  });
  const unwatch = watchUnhandled(({ code, message, help }) => engine.haltFromOutside(code, message, help));
  const started = monotonicMs();
  let reason = 'end';
  let failure: unknown;
  let drained = true;
  let control: ControlSurface | undefined;
  const runner = new Runner(life, options, wall, safety);
  try {
    // What was latched is known before a broker or feed opens.
    safety.begin();
    options.onOperations?.(safety.operations, safety);
    control = await openControl(controlOf(engine, safety, runner, options, live));
    if (control !== undefined) options.onControl?.(control.url);
    await life.open();
    await safety.opened();
    await options.onOpen?.(engine);
    reason = await runner.pump();
  } catch (error) {
    failure = error;
    engine.outbox.closeGate('INVARIANT', error instanceof Error ? error.message : String(error));
  }
  // Also after a failure: sources are released, open orders are cancelled if the topology says so, requests settle.
  try {
    if (engine.running) drained = await runner.stop(failure === undefined ? reason : 'failed');
  } catch (error) {
    failure ??= error;
    drained = false;
  }
  const seconds = (monotonicMs() - started) / 1000;
  try {
    await control?.close();
    await safety.close();
    await engine.close();
  } finally {
    unwatch();
    await life.end(failure === undefined && drained);
  }
  return summarize(engine, { reason, drained, seconds, failure: failure ?? engine.halted });
}

/** What the control surface acts on. */
function controlOf(
  engine: Engine,
  safety: Safety,
  runner: Runner,
  { reload }: RunOptions,
  live: boolean,
): SurfaceOptions {
  let begun = false;
  return {
    engine,
    live,
    operations: safety.operations,
    safety: () => safety.status(),
    phase: () => {
      begun ||= engine.running;
      if (!begun) return 'starting';
      if (!engine.running) return 'stopped';
      return runner.stopping ? 'stopping' : 'running';
    },
    shutdown: (by) => runner.shutdown(by),
    reload: reload === undefined ? undefined : new Reload(engine, reload),
  };
}

/** `mode: live` alone sends nothing: whoever starts it says so once more. */
function mayRun({ mode }: CheckedTopology, { live = false }: RunOptions): void {
  if (mode === 'live' && !live)
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      'the topology says mode: live, which sends real orders',
      'add --live (in code: live: true) if that is what you want, or set mode: paper',
    );
  if (mode !== 'live' && live)
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `--live was given, but the topology says mode: ${mode}`,
      'set mode: live in the topology, or leave --live out',
    );
}

/** Compares the books of brokers; the answer is why they do not agree. */
function reconcileWith(engine: Engine): Reconcile {
  return async (brokers) => {
    const results = await engine.reconcile(brokers);
    const wrong = results.filter(({ books }) => books !== 'agree');
    return wrong.map(({ broker, books, reason }) => `${broker} ${books}: ${reason}`).join('; ');
  };
}
