import type { ReloadAnswer } from '../../engine/reload/reload.js';
import { EXIT } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, failed } from './client.js';
import { commandOptions } from './command-verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    commandOptions(
      yargs.option('dry-run', { type: 'boolean', default: false, describe: 'Only say what would change.' }),
    ),
  run: async (argv) => {
    // Dashed names are read in camel case, which the types do not know.
    const { dryRun: dry } = argv as unknown as { readonly dryRun: boolean };
    const body = { reason: argv.reason, dry_run: dry };
    const reply = await call<ReloadAnswer>(argv, 'POST', '/v1/reload', body);
    if (!reply.ok) return failed(reply, argv.json);
    const { changes, dryRun, seq } = reply.body;
    if (argv.json) printJson(reply.body);
    else if (changes.length === 0) print('nothing changed');
    else print([...changes, dryRun ? 'not done: --dry-run' : `done at ${seq ?? ''}`].join('\n'));
    return EXIT.done;
  },
});
