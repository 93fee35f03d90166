import { EXIT } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, failed } from './client.js';
import { commandOptions } from './command-verb.js';

export const verb: Verb = defineVerb({
  options: (yargs) =>
    commandOptions(
      yargs.positional('brokers', { type: 'string', array: true, describe: 'Default: all real ones.' }),
    ),
  run: async (argv) => {
    const brokers = argv.brokers ?? [];
    const body = { reason: argv.reason, ...(brokers.length === 0 ? {} : { brokers }) };
    const reply = await call<{ readonly clean: boolean; readonly why: string }>(
      argv,
      'POST',
      '/v1/reconcile',
      body,
    );
    if (!reply.ok) return failed(reply, argv.json);
    const { clean, why } = reply.body;
    if (argv.json) printJson(reply.body);
    else print(clean ? 'the books agree' : `the books do not agree: ${why}`);
    return clean ? EXIT.done : EXIT.failed;
  },
});
