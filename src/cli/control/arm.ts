import type { Verb } from '../verb.js';
import { defineCommand } from './command-verb.js';

export const verb: Verb = defineCommand({
  options: (yargs) =>
    yargs.positional('account', {
      type: 'string',
      demandOption: true,
      describe: 'The account, as the topology names it.',
    }),
  request: ({ account }) => ({ path: '/v1/arm', body: { account } }),
});
