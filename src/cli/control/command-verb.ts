import type { Argv } from 'yargs';
import type { ControlAnswer, ControlSnapshot } from '../../engine/control-turns.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, controlOptions, failed, type ControlOptions } from './client.js';

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
}): Verb {
  return defineVerb<T>({
    options: (yargs) => command.options(commandOptions(yargs)),
    run: async (argv): Promise<ExitCode> => {
      const { path, body } = command.request(argv);
      const reply = await call<ControlAnswer>(argv, 'POST', path, { ...body, reason: argv.reason });
      if (!reply.ok) return failed(reply, argv.json);
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
