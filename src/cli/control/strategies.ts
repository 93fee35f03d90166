import { EXIT } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, controlOptions, failed } from './client.js';

interface Strategy {
  readonly name: string;
  readonly use: string;
  readonly version: string;
  readonly enabled: boolean;
  readonly errors: number;
  readonly intents: number;
}

export const verb: Verb = defineVerb({
  options: (yargs) =>
    controlOptions(
      yargs
        .positional('action', {
          choices: ['list', 'enable', 'disable'] as const,
          default: 'list' as const,
          describe: 'What to do.',
        })
        .positional('name', { type: 'string', describe: 'Name of the strategy in the topology.' })
        .option('reason', { type: 'string', describe: 'Why, for enable and disable.' })
        .check(({ action, name, reason }) => {
          if (action !== 'list' && (name === undefined || reason === undefined))
            throw new Error(`${action} needs the name of a strategy and --reason`);
          return true;
        }),
    ),
  run: async (argv) => {
    if (argv.action !== 'list') {
      const path = `/v1/strategies/${encodeURIComponent(argv.name ?? '')}/${argv.action}`;
      const reply = await call<{ readonly seq: number }>(argv, 'POST', path, { reason: argv.reason ?? '' });
      if (!reply.ok) return failed(reply, argv.json);
      if (argv.json) printJson(reply.body);
      else print(`${argv.action}d ${argv.name ?? ''} at ${reply.body.seq}`);
      return EXIT.done;
    }
    const reply = await call<{ readonly strategies: readonly Strategy[] }>(argv, 'GET', '/v1/strategies');
    if (!reply.ok) return failed(reply, argv.json);
    if (argv.json) printJson(reply.body.strategies);
    else
      for (const { name, use, version, enabled, errors, intents } of reply.body.strategies)
        print(
          `${name}  ${use} ${version}  ${enabled ? 'enabled' : 'disabled'}  ${intents} intents, ${errors} errors`,
        );
    return EXIT.done;
  },
});
