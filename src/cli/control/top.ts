import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT, type ExitCode } from '../exit-code.js';
import { print, printJson } from '../output.js';
import { defineVerb, type Verb } from '../verb.js';
import { accountsText, type AccountRow } from './account.js';
import { call, controlOptions, failed, type ControlOptions, type Reply } from './client.js';
import { positionsText, type PositionRow } from './positions.js';
import { statusText, type StatusBody } from './status-text.js';

interface Seen {
  readonly status: StatusBody;
  readonly accounts: readonly AccountRow[];
  readonly positions: readonly PositionRow[];
}

export const verb: Verb = defineVerb({
  options: (yargs) =>
    controlOptions(yargs).option('every', {
      type: 'number',
      default: 1,
      describe: 'Seconds between two looks, on a terminal.',
    }),
  run: async (argv) => {
    if (argv.json || !process.stdout.isTTY) {
      const reply = await look(argv);
      if (!reply.ok) return failed(reply, argv.json);
      if (argv.json) printJson(reply.body);
      else print(screen(reply.body, undefined).join('\n'));
      return EXIT.done;
    }
    return watch(argv, Math.max(0.5, argv.every) * 1_000);
  },
});

async function look(argv: ControlOptions): Promise<Reply<Seen>> {
  const status = await call<StatusBody>(argv, 'GET', '/v1/status');
  if (!status.ok) return status;
  const [accounts, positions] = await Promise.all([
    call<{ readonly accounts: readonly AccountRow[] }>(argv, 'GET', '/v1/account'),
    call<{ readonly positions: readonly PositionRow[] }>(argv, 'GET', '/v1/positions'),
  ]);
  if (!accounts.ok) return accounts;
  if (!positions.ok) return positions;
  return {
    ok: true,
    body: {
      status: status.body,
      accounts: accounts.body.accounts,
      positions: positions.body.positions,
    },
  };
}

const screen = ({ status, accounts, positions }: Seen, rate: number | undefined): readonly string[] => [
  ...statusText(status),
  '',
  ...(rate === undefined ? [] : [`${Math.round(rate).toLocaleString('en-US')} turns/s`, '']),
  accountsText(accounts),
  '',
  positionsText(positions),
];

/** Redraws in place until Ctrl-C. Numbers that are not new are said to be old. */
async function watch(argv: ControlOptions, everyMs: number): Promise<ExitCode> {
  let last: { readonly seen: Seen; readonly at: number } | undefined;
  for (;;) {
    const reply = await look(argv);
    if (!reply.ok && last === undefined) return failed(reply, false);
    const now = performance.now();
    const lines = reply.ok
      ? screen(reply.body, last && ((reply.body.status.seq - last.seen.status.seq) * 1_000) / (now - last.at))
      : [`NO ANSWER for ${((now - (last?.at ?? now)) / 1_000).toFixed(0)} s: ${reply.message}`];
    if (reply.ok) last = { seen: reply.body, at: now };
    const width = process.stdout.columns ?? 100;
    const shown = lines.flatMap((line) => line.split('\n')).map((line) => line.slice(0, width));
    print(`\u001b[H\u001b[2J${shown.slice(0, Math.max(5, (process.stdout.rows ?? 50) - 1)).join('\n')}`);
    await sleep(everyMs);
  }
}
