import type { Argv } from 'yargs';
import type { By, Operations } from '../engine/operations.js';
import type { RunSummary } from '../engine/summary.js';
import type { CheckedTopology } from '../topology/checked.js';
import type { Log } from '../model/component.js';
import { parseDuration } from '../model/units.js';
import { MillraceError } from '../model/reason.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { LOG_LEVELS, makeLog, type LogThreshold } from './log.js';
import { print, printJson } from './output.js';
import { Progress } from './progress.js';
import { summaryText } from './summary.js';
import { load, type TopologyArguments } from './topology-options.js';

export interface RunArguments extends TopologyArguments {
  readonly for?: string;
  readonly logLevel: LogThreshold;
  readonly session?: string;
  /** `run` only. */
  readonly resume?: boolean | undefined;
}

/** What `run` adds to a run on the terminal. */
export interface RunExtras {
  /** Accounts of live brokers are armed at the start by this actor, for this reason. */
  readonly arm?: By;
}

export function runOptions<T>(yargs: Argv<T>): Argv<T & Omit<RunArguments, keyof TopologyArguments>> {
  return yargs
    .option('for', { type: 'string', describe: 'Stop after this wall time, for example 30s or 2h.' })
    .option('session', {
      type: 'string',
      describe: 'Session id; default: a new one. Part of client order ids.',
    })
    .option('log-level', {
      choices: LOG_LEVELS,
      default: 'info' as const,
      describe: 'Least level that is logged.',
    }) as unknown as Argv<T & Omit<RunArguments, keyof TopologyArguments>>;
}

export function resumeOption<T>(yargs: Argv<T>): Argv<T> {
  return yargs.option('resume', {
    type: 'boolean',
    describe:
      'Go on from the run before (live does so by itself); --no-resume begins anew. Default: recovery.resume of the topology.',
  });
}

const SESSION = /^[a-z0-9]{1,16}$/;

/** Runs a checked topology on the terminal: progress, signals, summary, exit code. */
export async function runOnTerminal(
  topology: CheckedTopology,
  argv: RunArguments,
  { arm }: RunExtras = {},
): Promise<ExitCode> {
  const forMicros = argv.for === undefined ? undefined : parseDuration(argv.for);
  if (argv.for !== undefined && forMicros === undefined) {
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `--for ${argv.for} is not a duration`,
      'write for example --for 30s',
    );
  }
  if (argv.session !== undefined && !SESSION.test(argv.session)) {
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `--session ${argv.session} is not a session id`,
      'use 1 to 16 lower-case letters and digits: it is part of every client order id',
    );
  }
  const { run } = await import('../engine/run.js');
  const abort = new AbortController();
  const release = onSignals(abort, topology);
  const kill = onKillSignal();
  const screen = {
    isTTY: process.stderr.isTTY && !argv.json,
    get columns(): number {
      return process.stderr.columns ?? 100;
    },
    write: (text: string) => process.stderr.write(text),
  };
  const progress = new Progress(screen);
  let summary: RunSummary;
  let steer: Operations | undefined;
  try {
    summary = await run(topology, {
      log: above(makeLog(argv.logLevel), progress),
      signal: abort.signal,
      live: topology.mode === 'live',
      reload: () => load(argv),
      onProgress: (engine) => progress.update(engine),
      onOperations: (operations) => {
        kill.ready(operations);
        steer = operations;
      },
      onOpen: (engine) => {
        if (arm === undefined) return;
        for (const account of engine.state.control.accountsToArm()) void steer?.arm(account, arm);
      },
      ...(argv.session === undefined ? {} : { session: argv.session }),
      ...(argv.resume === undefined ? {} : { resume: argv.resume ? 'always' : 'never' }),
      ...(forMicros === undefined ? {} : { forMs: forMicros / 1000 }),
    });
  } finally {
    release();
    kill.release();
    progress.clear();
  }
  if (argv.json) printJson(summary);
  else print(summaryText(summary, argv.files));
  if (summary.error !== null)
    return summary.error.code === 'INVALID_CONFIGURATION' ? EXIT.badConfiguration : EXIT.failed;
  return summary.drained ? EXIT.done : EXIT.notDrained;
}

/** A log whose lines stand above the live view. */
function above(log: Log, progress: Progress): Log {
  const cleared =
    (level: 'info' | 'warn' | 'error'): Log['info'] =>
    (message, fields) => {
      progress.clear();
      log[level](message, fields);
    };
  return { info: cleared('info'), warn: cleared('warn'), error: cleared('error') };
}

/** First Ctrl-C or SIGTERM: stop in order. Second: stop now. */
function onSignals(abort: AbortController, topology: CheckedTopology): () => void {
  const stop = (): void => {
    if (abort.signal.aborted) process.exit(EXIT.interrupted);
    abort.abort();
    const { drain, openOrders } = topology.shutdown;
    process.stderr.write(
      `\nstopping: draining for at most ${drain / 1_000_000} s, open orders: ${openOrders}; press Ctrl-C again to stop now.\n`,
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return () => {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  };
}

/** SIGUSR2 kills trading; the run goes on, so that cancels are sent and verified. Also before anything is open. */
function onKillSignal(): { readonly ready: (operations: Operations) => void; readonly release: () => void } {
  let operations: Operations | undefined;
  let asked = false;
  const by = { actor: 'signal', reason: 'SIGUSR2' };
  const kill = (): void => {
    asked = true;
    if (operations === undefined) return;
    process.stderr.write('\nSIGUSR2: killing trading; release it with a reason when it is safe.\n');
    void operations.kill(by).then(({ latch, verified, why }) => {
      const venue = verified ? 'no order is open at the venue' : `NOT VERIFIED at the venue: ${why}`;
      process.stderr.write(`killed; latched: ${latch.on}; ${venue}.\n`);
    });
  };
  process.on('SIGUSR2', kill);
  return {
    ready: (made) => {
      operations = made;
      if (asked) kill();
    },
    release: () => void process.off('SIGUSR2', kill),
  };
}
