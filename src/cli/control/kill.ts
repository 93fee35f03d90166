import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { ControlAnswer } from '../../engine/control-turns.js';
import type { KillAnswer } from '../../engine/kill/killer.js';
import { writeSentinel } from '../../engine/kill/sentinel.js';
import { GLOBAL, parseScope } from '../../model/scope.js';
import type { Verb } from '../verb.js';
import { addressGiven, stateDirOf } from './client.js';
import { defineCommand, scopeOf, scopeOptions, yesOption, type CommandOptions } from './command-verb.js';

const killed = (answer: ControlAnswer): KillAnswer => answer as KillAnswer;

export const verb: Verb = defineCommand({
  options: (yargs) =>
    scopeOptions(yesOption(yargs)).option('wait', {
      type: 'number',
      default: 10,
      describe: 'Seconds to wait for the venue to say that nothing is open; at most 60.',
    }),
  request: (argv) => ({
    path: '/v1/kill',
    body: { scope: scopeOf(argv), waitMs: waitMs(argv) },
  }),
  // The engine itself answers at the latest 10 s after the wait.
  patience: (argv) => waitMs(argv) + 12_000,
  confirm: (argv) => ({
    type: 'kill',
    about: `Killing ${scopeOf(argv)}: open orders are cancelled, positions stay.`,
  }),
  more: (answer) => {
    const { latch, verified, why, open, reconciliation } = killed(answer);
    return [
      latch.on === 'disk' ? 'latched on disk' : `latched in MEMORY ONLY: ${latch.why}`,
      verified
        ? 'verified: no order of it is open at the venue'
        : `NOT VERIFIED: ${why}${open.length === 0 ? '' : `; ${open.length} open`}; it goes on`,
      `books: ${reconciliation}`,
      'positions stay: `millrace flatten` closes them; `millrace release` when it is safe',
    ];
  },
  complete: (answer) => killed(answer).verified && answer.refused === undefined,
  without: (argv, { code, message }) => (UNDERSTOOD.has(code) ? [] : bySentinel(argv, message)),
});

/** Answers of the right engine to a call that somebody has to mend; after any other, the kill goes by file. */
const UNDERSTOOD: ReadonlySet<string> = new Set(['BAD_REQUEST', 'TOKEN_IN_URL', 'FORBIDDEN']);

/** Milliseconds to wait for the venue. */
function waitMs({ wait }: { readonly wait: number }): number {
  return Number.isFinite(wait) ? Math.round(Math.min(60, Math.max(0, wait)) * 1000) : 10_000;
}

/** No server kills: the file in the state folder is what a running engine, and the next one, looks for. */
function bySentinel(
  argv: CommandOptions & { readonly account?: string | undefined; readonly strategy?: string | undefined },
  why: string,
): readonly string[] {
  const url = argv.stateDir === undefined && argv.topology === undefined ? addressGiven(argv) : undefined;
  if (url !== undefined)
    return [
      'NOTHING WAS KILLED: where the engine of this address keeps its state is not known. On its machine, use',
      '`millrace kill --state-dir DIR`, `touch DIR/KILL` or `kill -USR2 PID`.',
    ];
  const scope = parseScope(scopeOf(argv)) ?? GLOBAL;
  const order = { scope, actor: `${userInfo().username} (file)`, reason: argv.reason };
  try {
    const folder = stateDirOf(argv);
    const known = existsSync(folder);
    const path = writeSentinel(folder, order);
    return [
      `${why}`,
      ...(known ? [] : [`CAUTION: ${folder} was not there, so no engine runs on it: is it the right one?`]),
      `killed by file instead: ${path} was written. An engine that runs on this state folder is killed within a`,
      'second; one that starts there is killed from its first turn. Nothing was verified: look at the venue.',
    ];
  } catch (error) {
    return [`the kill file could not be written either: ${(error as Error).message}; use kill -USR2 PID`];
  }
}
