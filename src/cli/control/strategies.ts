import { parse } from 'yaml';
import type { ControlAnswer } from '../../engine/control-turns.js';
import { EXIT } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, controlOptions, failed } from './client.js';
import { changes } from './command-verb.js';

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
          choices: ['list', 'enable', 'disable', 'set'] as const,
          default: 'list' as const,
          describe: 'What to do.',
        })
        .positional('name', { type: 'string', describe: 'Name of the strategy in the topology.' })
        .positional('values', {
          type: 'string',
          array: true,
          describe: 'For set: PARAMETER=VALUE, as under params:.',
        })
        .option('reason', { type: 'string', describe: 'Why, for enable, disable and set.' })
        .check(({ action, name, values = [], reason }) => {
          if (action !== 'list' && (name === undefined || reason === undefined))
            throw new Error(`${action} needs the name of a strategy and --reason`);
          if (action === 'set' && (values.length === 0 || !values.every((one) => /^\w+=/.test(one))))
            throw new Error('set needs PARAMETER=VALUE');
          return true;
        }),
    ),
  run: async (argv) => {
    if (argv.action !== 'list') {
      const action = argv.action === 'set' ? 'parameters' : argv.action;
      const path = `/v1/strategies/${encodeURIComponent(argv.name ?? '')}/${action}`;
      const body = {
        reason: argv.reason ?? '',
        ...(argv.action === 'set' ? { parameters: valuesOf(argv.values ?? []) } : {}),
      };
      const reply = await call<ControlAnswer>(argv, 'POST', path, body);
      if (!reply.ok) return failed(reply, argv.json);
      const { seq, before, after } = reply.body;
      if (argv.json) printJson(reply.body);
      else print([`done at ${seq}`, ...changes(before, after)].join('\n'));
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

/** `fast=8` as YAML would read it. */
const valuesOf = (values: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    values.map((one) => {
      const at = one.indexOf('=');
      return [one.slice(0, at), parse(one.slice(at + 1)) as unknown];
    }),
  );
