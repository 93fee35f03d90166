import { table } from '../format.js';
import { EXIT } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, controlOptions, failed } from './client.js';

interface Row {
  readonly orderKey: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly instrument: string;
  readonly side: string;
  readonly type: string;
  readonly quantity: string;
  readonly filled: string;
  readonly limitPrice?: string;
  readonly state: string;
  readonly reason: string;
}

export const verb: Verb = defineVerb({
  options: (yargs) =>
    controlOptions(
      yargs
        .positional('id', { type: 'string', describe: 'One order: order key, client or venue order id.' })
        .option('status', {
          type: 'string',
          default: 'open',
          describe: 'open, closed, or one state: filled, rejected, unknown ...',
        })
        .option('instrument', { type: 'string', describe: 'Only of this symbol.' })
        .option('strategy', { type: 'string', describe: 'Only of this strategy.' }),
    ),
  run: async (argv) => {
    if (argv.id !== undefined) {
      const reply = await call<Row>(argv, 'GET', `/v1/orders/${encodeURIComponent(argv.id)}`);
      if (!reply.ok) return failed(reply, argv.json);
      if (argv.json) printJson(reply.body);
      else print(table(Object.entries(reply.body).map(([name, value]) => [name, text(value)])));
      return EXIT.done;
    }
    const query = new URLSearchParams({ status: argv.status });
    if (argv.instrument !== undefined) query.set('instrument', argv.instrument);
    if (argv.strategy !== undefined) query.set('strategy', argv.strategy);
    const reply = await call<{ readonly orders: readonly Row[] }>(
      argv,
      'GET',
      `/v1/orders?${query.toString()}`,
    );
    if (!reply.ok) return failed(reply, argv.json);
    const { orders } = reply.body;
    if (argv.json) printJson(orders);
    else if (orders.length === 0) print('no orders');
    else
      print(
        table([
          ['order', 'state', 'side', 'quantity', 'filled', 'instrument', 'type', 'limit', 'venue id'],
          ...orders.map((o) => [
            o.orderKey,
            o.state,
            o.side,
            o.quantity,
            o.filled,
            o.instrument,
            o.type,
            o.limitPrice ?? '-',
            o.venueOrderId || '-',
          ]),
        ]),
      );
    return EXIT.done;
  },
});

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
