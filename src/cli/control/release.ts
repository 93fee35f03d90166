import type { Verb } from '../verb.js';
import { defineCommand, scopeOf, scopeOptions } from './command-verb.js';

export const verb: Verb = defineCommand({
  options: (yargs) => scopeOptions(yargs),
  request: (argv) => ({ path: '/v1/release', body: { scope: scopeOf(argv) } }),
  more: () => ['trading stays halted until `millrace resume`'],
});
