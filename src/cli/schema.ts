import { writeFileSync } from 'node:fs';
import { builtins } from '../topology/builtins.js';
import { topologyJsonSchema } from '../topology/json-schema.js';
import { EXIT } from './exit-code.js';
import { printJson } from './output.js';
import { defineVerb, type Verb } from './verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    yargs
      .option('output', { alias: 'o', type: 'string', describe: 'File to write; default: stdout.' })
      .option('json', { type: 'boolean', default: true, describe: 'The schema is JSON in any case.' })
      .example(
        '$0 schema -o millrace.schema.json',
        'then put `# yaml-language-server: $schema=./millrace.schema.json` on top of a topology',
      ),
  run: ({ output }) => {
    const schema = topologyJsonSchema(builtins());
    if (output === undefined) printJson(schema);
    else writeFileSync(output, `${JSON.stringify(schema, null, 2)}\n`);
    return EXIT.done;
  },
});
