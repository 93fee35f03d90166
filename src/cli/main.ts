#!/usr/bin/env node
import { readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import yargs, { type Argv } from 'yargs';
import { COMMANDS } from './commands.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { printError } from './output.js';

const EXAMPLES: readonly (readonly [string, string])[] = [
  ['$0 new topology my-desk', 'write my-desk.yaml to start from'],
  ['$0 lint my-desk.yaml', 'find every mistake in it'],
  ['$0 graph my-desk.yaml --format svg -o desk.svg', 'draw it'],
  ['$0 list operators', 'see what there is'],
  ['$0 describe E301', 'understand an error'],
];

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

/** `running` is told when a verb starts: what is thrown before is a mistake of usage. */
function build(args: readonly string[], running: () => void, finish: (code: ExitCode) => void): Argv {
  let program = yargs([...args])
    .scriptName('millrace')
    .usage('$0 VERB [options]')
    .locale('en')
    .parserConfiguration({
      'camel-case-expansion': true,
      'strip-dashed': true,
      'duplicate-arguments-array': true,
      'parse-numbers': false,
      'dot-notation': false,
    })
    .wrap(Math.min(110, process.stdout.columns ?? 110));
  for (const { command, describe, load } of COMMANDS) {
    program = program.command(
      command,
      describe,
      async (inner: Argv) => (await load()).verb.options(inner).strict(),
      async (argv: Readonly<Record<string, unknown>>) => {
        const { verb } = await load();
        running();
        finish(await verb.run(argv));
      },
    );
  }
  for (const [line, meaning] of EXAMPLES) program = program.example(line, meaning);
  return program
    .completion('completion', 'Print a completion script for bash or zsh')
    .demandCommand(1, 'Name a verb.')
    .recommendCommands()
    .strict()
    .version(version())
    .help()
    .alias('h', 'help')
    .epilogue(
      'Exit codes: 0 done, 1 ran and failed, 64 usage, 69 unreachable,\n75 stopped but not drained, 78 bad configuration, 130 interrupted.',
    )
    .exitProcess(false)
    .fail(false);
}

/** Runs one command line and returns its exit code; never throws. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = EXIT.done;
  let started = false;
  const running = (): void => {
    started = true;
  };
  const finish = (result: ExitCode): void => {
    code = result;
  };
  try {
    await build(args, running, finish).parseAsync();
    return code;
  } catch (error) {
    return reportError(error, args, started);
  }
}

function reportError(error: unknown, args: readonly string[], started: boolean): ExitCode {
  if (process.env.MILLRACE_DEBUG !== undefined && error instanceof Error)
    printError(error.stack ?? error.message);
  if (error instanceof Error && !started && !('code' in error)) {
    const verb = COMMANDS.find(({ command }) => command.split(' ')[0] === args[0]);
    printError(
      `error: ${error.message}\nhelp: millrace ${verb === undefined ? '' : `${args[0] ?? ''} `}--help`,
    );
    return EXIT.usage;
  }
  const fields = (error ?? {}) as {
    readonly code?: unknown;
    readonly help?: unknown;
    readonly message?: unknown;
  };
  const named = typeof fields.code === 'string' ? ` ${fields.code}` : '';
  printError(`error${named}: ${typeof fields.message === 'string' ? fields.message : String(error)}`);
  printError(
    `help: ${typeof fields.help === 'string' && fields.help !== '' ? fields.help : 'set MILLRACE_DEBUG=1 to see where it comes from.'}`,
  );
  return named === ' INVALID_CONFIGURATION' ? EXIT.badConfiguration : EXIT.failed;
}

/** True when this file is the program itself, also through the link in node_modules/.bin. */
function isProgram(): boolean {
  const script = process.argv[1];
  try {
    return script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url);
  } catch {
    return false;
  }
}

if (isProgram()) {
  // A reader that closes the pipe early (`| head`) is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
  process.exitCode = await main(process.argv.slice(2));
}
