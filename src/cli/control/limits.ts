import type { ControlAnswer } from '../../engine/control-turns.js';
import { EXIT } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, controlOptions, failed } from './client.js';
import { changes } from './command-verb.js';

interface Limits {
  readonly configured: readonly {
    readonly node: string;
    readonly limits: Readonly<Record<string, unknown>>;
  }[];
  readonly changed: Readonly<Record<string, string>>;
}

export const verb: Verb = defineVerb({
  options: (yargs) =>
    controlOptions(
      yargs
        .positional('action', {
          choices: ['list', 'tighten', 'loosen'] as const,
          default: 'list' as const,
          describe: 'loosen needs the role admin.',
        })
        .positional('limit', { type: 'string', describe: 'max_position, or max_position.BTCUSDT.' })
        .positional('value', { type: 'string', describe: '0.5, 500 USDT or 5%.' })
        .option('reason', { type: 'string', describe: 'Why, for tighten and loosen.' })
        .check(({ action, limit, value, reason }) => {
          if (action !== 'list' && (limit === undefined || value === undefined || reason === undefined))
            throw new Error(`${action} needs a limit, a value and --reason`);
          return true;
        }),
    ),
  run: async (argv) => {
    if (argv.action !== 'list') {
      const { limit, value, reason } = argv;
      const body = { limit, value, reason };
      const reply = await call<ControlAnswer>(argv, 'POST', `/v1/limits/${argv.action}`, body);
      if (!reply.ok) return failed(reply, argv.json);
      if (argv.json) printJson(reply.body);
      else print([`done at ${reply.body.seq}`, ...changes(reply.body.before, reply.body.after)].join('\n'));
      return EXIT.done;
    }
    const reply = await call<Limits>(argv, 'GET', '/v1/limits');
    if (!reply.ok) return failed(reply, argv.json);
    if (argv.json) printJson(reply.body);
    else {
      for (const { node, limits } of reply.body.configured)
        for (const [limit, value] of Object.entries(limits)) print(`${node}  ${limit}  ${text(value)}`);
      for (const [limit, value] of Object.entries(reply.body.changed))
        print(`changed while running  ${limit}  ${value}`);
    }
    return EXIT.done;
  },
});

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
