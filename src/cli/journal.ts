import { catJournal } from '../sinks/journal/cat.js';
import { EXIT } from './exit-code.js';
import { printError } from './output.js';
import { defineVerb, type Verb } from './verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    yargs
      .positional('action', {
        choices: ['cat'] as const,
        demandOption: true,
        describe: 'cat: print as JSON lines, each with its checksum.',
      })
      .positional('path', {
        type: 'string',
        demandOption: true,
        describe: 'Folder of a session, or one segment.',
      })
      .option('kind', {
        type: 'string',
        array: true,
        nargs: 1,
        default: [] as string[],
        describe: 'Only records of this kind; may be repeated.',
      })
      .option('from', {
        type: 'string',
        describe: 'First position: a number, or a time such as 2024-08-08T23:54Z.',
      })
      .option('to', { type: 'string', describe: 'Last position.' })
      .option('json', { type: 'boolean', default: true, describe: 'The output is JSON lines in any case.' })
      .example('$0 journal cat data/journal/SESSION --kind order --kind denied', 'what became of orders'),
  run: ({ path, kind, from, to }) => {
    const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const tail = catJournal(path, (line) => process.stdout.write(`${line}\n`), { kinds: kind, ...range });
    const torn = tail?.torn;
    if (torn !== undefined) printError(`warning JOURNAL_TORN: ${path} ends inside a record: ${torn.reason}`);
    return EXIT.done;
  },
});
