import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAULT_KINDS, type FaultKind } from '../../src/emulators/binance/faults/spec.js';
import { runCampaign } from './campaign.js';

/**
 * `npm run test:faults -- [--orders N] [--seed S] [--minutes M] [--runs R | --each] [--kinds a,b] [--every MS] [--orders-by rest] [--keep]`:
 * the engine trades live on the emulated exchange over real sockets while every fault the emulator has is injected at
 * random; afterwards everything must be equal to the last digit. `--runs` takes as many seeds, from `--seed` on; `--each`
 * takes one kind of fault at a time.
 */
const text = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
};
const number = (name: string, otherwise: number): number => Number(text(name) ?? otherwise);

const first = number('seed', Date.now() & 0xffff);
const runs = number('runs', 1);
const orders = number('orders', 1_000);
const minutes = number('minutes', 10);
const every = number('every', 400);
const ordersBy = text('orders-by') === 'rest' ? 'rest' : 'ws';
const kinds = text('kinds')
  ?.split(',')
  .map((name) => {
    const kind = FAULT_KINDS.find((known) => known === name);
    if (kind === undefined && name !== '') throw new Error(`${name} is not one of ${FAULT_KINDS.join(', ')}`);
    return kind;
  })
  .filter((kind): kind is FaultKind => kind !== undefined);

/** Each kind for itself, or all that were given together. */
const mixes: readonly (readonly FaultKind[] | undefined)[] = process.argv.includes('--each')
  ? (kinds ?? FAULT_KINDS).map((kind) => [kind])
  : Array.from({ length: runs }, () => kinds);

let seed = first - 1;
for (const mix of mixes) {
  seed++;
  const folder = mkdtempSync(join(tmpdir(), 'millrace-faults-'));
  const again = [
    `npm run test:faults -- --orders ${orders} --seed ${seed} --minutes ${minutes}`,
    mix === undefined ? '' : `--kinds ${mix.join(',')}`,
    every === 400 ? '' : `--every ${every}`,
    ordersBy === 'ws' ? '' : '--orders-by rest',
  ].filter((part) => part !== '');
  const options = { seed, orders, longest: minutes * 60_000, folder, ordersBy, every } as const;
  const result = await runCampaign(mix === undefined ? options : { ...options, kinds: mix });
  const { wrong, fills, requests, turns, figures, injected, denied, seconds } = result;
  const all = Object.values(injected).reduce((sum, count) => sum + count, 0);
  console.log(
    `seed ${seed}${mix?.length === 1 ? ` (${mix[0] ?? ''})` : ''}: ${result.orders} orders, ${fills} fills, ${requests} requests, ${turns} turns, ${all} injections, ${seconds.toFixed(0)} s; ${JSON.stringify(figures)}`,
  );
  if (wrong.length === 0) {
    if (!process.argv.includes('--keep')) rmSync(folder, { recursive: true, force: true });
    continue;
  }
  process.exitCode = 1;
  console.error(`FAILED, first difference: ${wrong[0] ?? ''}`);
  for (const line of wrong.slice(1, 15)) console.error(`  ${line}`);
  if (wrong.length > 15) console.error(`  and ${wrong.length - 15} more`);
  console.error(`injected: ${JSON.stringify(injected)}; denied: ${JSON.stringify(denied)}`);
  console.error(`again: ${again.join(' ')}\nkept: ${folder} (journal, log.txt, faults.json, requests.json)`);
}
process.exit();
