import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { newStrategy, newTopology, TEMPLATES, type Scaffold } from '../topology/new.js';
import { EXIT, type ExitCode } from './exit-code.js';
import { print, printError, printJson } from './output.js';
import { defineVerb, type Verb } from './verb.js';

const KINDS = ['topology', 'strategy'] as const;

export const verb: Verb = defineVerb({
  options: (yargs) =>
    yargs
      .positional('kind', { choices: KINDS, demandOption: true, describe: 'What to write.' })
      .positional('name', {
        type: 'string',
        demandOption: true,
        describe: 'Its name: lower-case letters, digits and -.',
      })
      .option('template', {
        choices: TEMPLATES,
        default: 'quickstart' as const,
        describe: 'Which topology to start from.',
      })
      .option('output', {
        alias: 'o',
        type: 'string',
        describe: 'File to write; default: named for it, in the current folder.',
      })
      .option('force', { type: 'boolean', default: false, describe: 'Replace a file that is there.' })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON.' })
      .example('$0 new topology my-desk --template replay', 'a topology that replays recorded data')
      .example('$0 new strategy breakout', 'a strategy to change'),
  run: ({ kind, name, template, output, force, json }) => {
    if (!/^[a-z][a-z0-9-]*$/.test(name)) {
      printError(
        `error: "${name}" is not a valid name.\nhelp: start with a lower-case letter; then letters, digits and -.`,
      );
      return EXIT.usage;
    }
    return write(kind === 'topology' ? newTopology(name, template) : newStrategy(name), output, force, json);
  },
});

function write(scaffold: Scaffold, output: string | undefined, force: boolean, json: boolean): ExitCode {
  const file = output ?? scaffold.file;
  if (existsSync(file) && !force) {
    printError(
      `error: ${file} is there already.\nhelp: choose another --output, or pass --force to replace it.`,
    );
    return EXIT.failed;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, scaffold.text);
  if (json) printJson({ file, next: scaffold.next(file) });
  else print([`wrote ${file}`, 'next:', ...scaffold.next(file).map((line) => `  ${line}`)].join('\n'));
  return EXIT.done;
}
