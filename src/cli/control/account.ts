import { table } from '../format.js';
import { EXIT } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { call, controlOptions, failed } from './client.js';

export interface AccountRow {
  readonly account: string;
  readonly baseCurrency: string;
  readonly equity: string | null;
  readonly dayStartEquity: string | null;
  readonly realizedPnl: string;
  readonly unrealizedPnl: string | null;
  readonly fees: string;
  readonly maxDrawdown: number;
  readonly cash: Readonly<Record<string, string>>;
}

export const verb: Verb = defineVerb({
  options: (yargs) => controlOptions(yargs),
  run: async (argv) => {
    const reply = await call<{ readonly accounts: readonly AccountRow[] }>(argv, 'GET', '/v1/account');
    if (!reply.ok) return failed(reply, argv.json);
    if (argv.json) printJson(reply.body.accounts);
    else print(accountsText(reply.body.accounts));
    return EXIT.done;
  },
});

export function accountsText(accounts: readonly AccountRow[]): string {
  return table([
    ['account', 'equity', 'day start', 'realized', 'unrealized', 'fees', 'drawdown', 'cash'],
    ...accounts.map((a) => [
      a.account,
      `${a.equity ?? 'unknown'} ${a.baseCurrency}`,
      a.dayStartEquity ?? '-',
      a.realizedPnl,
      a.unrealizedPnl ?? 'unknown',
      a.fees,
      `${(a.maxDrawdown * 100).toFixed(2)} %`,
      Object.entries(a.cash)
        .map(([currency, amount]) => `${amount} ${currency}`)
        .join(', '),
    ]),
  ]);
}
