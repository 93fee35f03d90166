import type { Argv } from 'yargs';
import type { ControlAnswer, ControlSnapshot } from '../../engine/control-turns.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { print, printError, printJson } from '../output.js';
import { confirmed } from './confirm.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, controlOptions, failed, type ControlOptions, type Reply } from './client.js';

export interface CommandOptions extends ControlOptions {
  readonly reason: string;
}

/** Options of every verb that changes something. */
export function commandOptions<T>(yargs: Argv<T>): Argv<T & CommandOptions> {
  return controlOptions(yargs).option('reason', {
    type: 'string',
    demandOption: true,
    describe: 'Why: recorded with who asked.',
  });
}

type Failure = Extract<Reply<unknown>, { ok: false }>;

/** What a command changed, one line a change. */
export function changes(before: ControlSnapshot, after: ControlSnapshot): readonly string[] {
  const lines: string[] = [];
  const note = (what: string, was: unknown, is: unknown): void => {
    const [old, now] = [JSON.stringify(was), JSON.stringify(is)];
    if (old !== now) lines.push(`${what}: ${old} -> ${now}`);
  };
  note('trading', before.trading, after.trading);
  note('armed', before.armed, after.armed);
  note(
    'latches',
    before.latches.map((one) => one.scope),
    after.latches.map((one) => one.scope),
  );
  note('disabled strategies', before.disabled, after.disabled);
  note('limits', before.limits, after.limits);
  note('parameters', before.parameters, after.parameters);
  note('configuration', before.configurationHash, after.configurationHash);
  return lines.length === 0 ? ['nothing changed'] : lines;
}

/** A verb that sends one command and shows what it changed. */
export function defineCommand<T extends CommandOptions>(command: {
  options(yargs: Argv<CommandOptions>): Argv<T>;
  /** Path and body; `reason` is added. */
  request(argv: T): { readonly path: string; readonly body?: Readonly<Record<string, unknown>> };
  /** Further lines for people. */
  more?(answer: ControlAnswer): readonly string[];
  /** False: it was carried out, but not to its end. */
  complete?(answer: ControlAnswer): boolean;
  /** Asked first on a terminal when the engine is live; the text the user has to type, and what it is about. */
  confirm?(argv: T): { readonly type: string; readonly about: string };
  /** How long to wait for the answer, milliseconds. */
  patience?(argv: T): number;
  /** It was not carried out, as far as is known: what can still be done, as the lines that say so. */
  without?(argv: T, why: Failure): readonly string[];
}): Verb {
  return defineVerb<T>({
    options: (yargs) => command.options(commandOptions(yargs)),
    run: async (argv): Promise<ExitCode> => {
      const { path, body } = command.request(argv);
      const ask = command.confirm?.(argv);
      if (ask !== undefined && !(await confirmed(argv, ask))) {
        printError('nothing was done.');
        return EXIT.failed;
      }
      const reply = await call<ControlAnswer>(
        argv,
        'POST',
        path,
        { ...body, reason: argv.reason },
        command.patience?.(argv),
      );
      if (!reply.ok) {
        const code = failed(reply, argv.json);
        for (const line of command.without?.(argv, reply) ?? []) printError(line);
        return code;
      }
      const answer = reply.body;
      if (argv.json) printJson(answer);
      else
        print(
          [
            `done at ${answer.seq}`,
            ...changes(answer.before, answer.after),
            ...(command.more?.(answer) ?? []),
          ].join('\n'),
        );
      return command.complete?.(answer) === false ? EXIT.failed : EXIT.done;
    },
  });
}

/** For verbs that ask on a terminal. */
export function yesOption<T>(yargs: Argv<T>): Argv<T & { readonly yes: boolean }> {
  return yargs.option('yes', { type: 'boolean', default: false, describe: 'Do not ask on a terminal.' });
}

const plain = (yargs: Argv<CommandOptions>): Argv<CommandOptions> => yargs;

/** A command without options of its own. */
export const simpleCommand = (path: string): Verb =>
  defineCommand({ options: plain, request: () => ({ path }) });

/** What a kill, release or flatten is about. */
export interface ScopeOptions {
  readonly account?: string | undefined;
  readonly strategy?: string | undefined;
}

export function scopeOptions<T>(yargs: Argv<T>): Argv<T & ScopeOptions> {
  return yargs
    .option('account', { type: 'string', describe: 'Only this account.' })
    .option('strategy', { type: 'string', conflicts: 'account', describe: 'Only this strategy.' });
}

export function scopeOf({ account, strategy }: ScopeOptions): string {
  if (account !== undefined) return `account:${account}`;
  return strategy === undefined ? 'global' : `strategy:${strategy}`;
}
