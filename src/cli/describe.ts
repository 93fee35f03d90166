import { builtins } from '../topology/builtins.js';
import { describeJson, describeText, findDescribed } from '../topology/describe.js';
import { EXIT } from './exit-code.js';
import { print, printError, printJson } from './output.js';
import { defineVerb, type Verb } from './verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    yargs
      .positional('name', {
        type: 'string',
        demandOption: true,
        describe: 'A component (bars, sinks.journal) or a code (E301, MAX_POSITION).',
      })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON.' }),
  run: ({ name, json }) => {
    const found = findDescribed(name, builtins());
    if (found.items.length === 0) {
      printError(`error: there is no component or code "${name}".\nhelp: ${found.help}`);
      return EXIT.usage;
    }
    if (json) printJson(found.items.map(describeJson));
    else print(found.items.map(describeText).join('\n\n'));
    return EXIT.done;
  },
});
