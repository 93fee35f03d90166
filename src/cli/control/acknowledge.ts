import type { Verb } from '../verb.js';
import { defineCommand } from './command-verb.js';

export const verb: Verb = defineCommand({
  options: (yargs) =>
    yargs.positional('target', {
      type: 'string',
      demandOption: true,
      describe: 'A broker whose differences are accepted, or protection:NAME.',
    }),
  request: ({ target }) => ({ path: '/v1/acknowledge', body: { target } }),
});
