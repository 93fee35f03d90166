import type { OrderAnswer } from '../../engine/order-request.js';
import { EXIT } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, failed } from './client.js';
import { commandOptions } from './command-verb.js';

interface Cancelled {
  readonly cancelled: readonly OrderAnswer[];
}

export const verb: Verb = defineVerb({
  options: (yargs) =>
    commandOptions(
      yargs
        .positional('id', { type: 'string', describe: 'Order key, client order id or venue order id.' })
        .option('instrument', { type: 'string', conflicts: 'id', describe: 'All open orders of it.' })
        .option('all', {
          type: 'boolean',
          default: false,
          describe: 'All open orders. Trading goes on; `kill` also stops it.',
        })
        .check(({ id, instrument, all }) => {
          if ([id !== undefined, instrument !== undefined, all].filter(Boolean).length !== 1)
            throw new Error('name one order, or --instrument SYMBOL, or --all');
          return true;
        }),
    ),
  run: async (argv) => {
    const { id, instrument, reason } = argv;
    const path = id === undefined ? '/v1/cancel' : `/v1/orders/${encodeURIComponent(id)}/cancel`;
    const body = { reason, ...(instrument === undefined ? {} : { instrument }) };
    const reply = await call<Cancelled>(argv, 'POST', path, body);
    if (!reply.ok) return failed(reply, argv.json);
    const { cancelled } = reply.body;
    if (argv.json) printJson(reply.body);
    else if (cancelled.length === 0) print('no order is open');
    else
      for (const { orderKey, accepted, seq, reason: why } of cancelled)
        print(`${orderKey}  ${accepted ? `cancel requested at ${seq}` : `not cancelled: ${why}`}`);
    return cancelled.every(({ accepted }) => accepted) ? EXIT.done : EXIT.failed;
  },
});
