import { table } from '../format.js';
import { EXIT } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, controlOptions, failed } from './client.js';

export interface PositionRow {
  readonly account: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly averagePrice: string;
  readonly mark: number | null;
  readonly realizedPnl: string;
}

export const verb: Verb = defineVerb({
  options: (yargs) =>
    controlOptions(yargs).option('account', { type: 'string', describe: 'Only of this account.' }),
  run: async (argv) => {
    const query = argv.account === undefined ? '' : `?account=${encodeURIComponent(argv.account)}`;
    const reply = await call<{ readonly positions: readonly PositionRow[] }>(
      argv,
      'GET',
      `/v1/positions${query}`,
    );
    if (!reply.ok) return failed(reply, argv.json);
    if (argv.json) printJson(reply.body.positions);
    else print(positionsText(reply.body.positions));
    return EXIT.done;
  },
});

export function positionsText(positions: readonly PositionRow[]): string {
  if (positions.length === 0) return 'no positions';
  return table([
    ['instrument', 'account', 'position', 'average', 'mark', 'realized'],
    ...positions.map((p) => [
      p.instrument,
      p.account,
      p.quantity,
      p.averagePrice,
      p.mark === null ? '-' : String(p.mark),
      p.realizedPnl,
    ]),
  ]);
}
