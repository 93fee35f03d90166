import { builtins } from '../topology/builtins.js';
import { listJson, listText } from '../topology/list.js';
import { SECTIONS } from '../topology/registry.js';
import { EXIT } from './exit-code.js';
import { print, printJson } from './output.js';
import { defineVerb, type Verb } from './verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    yargs
      .positional('section', { choices: SECTIONS, describe: 'Only these.' })
      .option('json', { type: 'boolean', default: false, describe: 'Print JSON.' }),
  run: ({ section, json }) => {
    const sections = section === undefined ? SECTIONS : [section];
    if (json) printJson(listJson(builtins(), sections));
    else print(listText(builtins(), sections));
    return EXIT.done;
  },
});
