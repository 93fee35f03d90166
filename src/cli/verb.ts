import type { Argv } from 'yargs';
import type { ExitCode } from './exit-code.js';

/** What a verb's file exports as `verb`: its options, and what it does with them. */
export interface Verb {
  options(yargs: Argv): Argv;
  run(argv: Readonly<Record<string, unknown>>): Promise<ExitCode> | ExitCode;
}

/** Keeps the types of the options between `options` and `run`. */
export function defineVerb<T>(verb: {
  options(yargs: Argv): Argv<T>;
  run(argv: T): Promise<ExitCode> | ExitCode;
}): Verb {
  return {
    options: (yargs) => verb.options(yargs),
    run: (argv) => verb.run(argv as T),
  };
}

/** A row of the command table: cheap to make, so that `--help` loads no verb. */
export interface Command {
  readonly command: string;
  readonly describe: string;
  readonly load: () => Promise<{ readonly verb: Verb }>;
}
