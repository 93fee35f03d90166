import type { Verb } from '../verb.js';
import { defineCommand } from './command-verb.js';

export const verb: Verb = defineCommand({
  options: (yargs) => yargs,
  request: () => ({ path: '/v1/shutdown' }),
  more: () => ['it drains now: `run` says how that went'],
});
