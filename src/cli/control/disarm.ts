import type { Verb } from '../verb.js';
import { defineCommand } from './command-verb.js';

export const verb: Verb = defineCommand({
  options: (yargs) => yargs.positional('account', { type: 'string', describe: 'Default: all accounts.' }),
  request: ({ account }) => ({ path: '/v1/disarm', ...(account === undefined ? {} : { body: { account } }) }),
});
