import { EXIT } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, controlOptions, failed } from './client.js';
import { statusText, type StatusBody } from './status-text.js';

export const verb: Verb = defineVerb({
  options: (yargs) => controlOptions(yargs),
  run: async (argv) => {
    const reply = await call<StatusBody>(argv, 'GET', '/v1/status');
    if (!reply.ok) return failed(reply, argv.json);
    if (argv.json) printJson(reply.body);
    else print(statusText(reply.body).join('\n'));
    return EXIT.done;
  },
});
