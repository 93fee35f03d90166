import type { Verb } from '../verb.js';
import { defineCommand, yesOption } from './command-verb.js';

export const verb: Verb = defineCommand({
  options: (yargs) =>
    yesOption(yargs).positional('account', {
      type: 'string',
      demandOption: true,
      describe: 'The account, as the topology names it.',
    }),
  request: ({ account }) => ({ path: '/v1/arm', body: { account } }),
  confirm: ({ account }) => ({ type: account, about: `New orders of ${account} will be sent.` }),
});
