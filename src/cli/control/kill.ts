import { userInfo } from 'node:os';
import type { ControlAnswer } from '../../engine/control-turns.js';
import type { KillAnswer } from '../../engine/kill/killer.js';
import { writeSentinel } from '../../engine/kill/sentinel.js';
import { GLOBAL, parseScope } from '../../model/scope.js';
import type { Verb } from '../verb.js';
import { stateDirOf } from './client.js';
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
    body: { scope: scopeOf(argv), waitMs: Math.round(Math.min(60, Math.max(0, argv.wait)) * 1000) },
  }),
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
  complete: (answer) => killed(answer).verified,
  without: (argv, why) => bySentinel(argv, why),
});

/** No server answers: the file in the state folder is what a running engine, and the next one, looks for. */
function bySentinel(
  argv: CommandOptions & { readonly account?: string | undefined; readonly strategy?: string | undefined },
  why: string,
): readonly string[] {
  const scope = parseScope(scopeOf(argv)) ?? GLOBAL;
  const order = { scope, actor: `${userInfo().username} (file)`, reason: argv.reason };
  try {
    const path = writeSentinel(stateDirOf(argv), order);
    return [
      `${why}`,
      `killed by file instead: ${path} was written. An engine that runs on this state folder is killed within a`,
      'second; one that starts there is killed from its first turn. Nothing was verified: look at the venue.',
    ];
  } catch (error) {
    return [`the kill file could not be written either: ${(error as Error).message}; use kill -USR2 PID`];
  }
}
