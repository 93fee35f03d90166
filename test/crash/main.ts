import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '../../src/model/random.js';
import { compare } from './compare.js';
import { askVenue } from './ask.js';

/**
 * `npm run test:crash -- [--kills N] [--seed S] [--keep]`: the built engine in a process of its own trades on an exchange
 * in another one, and is killed again and again: at any time, in the middle of a journal write, and between the record
 * that is written ahead and the order. Sometimes its disk is full or read-only before. In the end nothing may be lost,
 * sent twice or counted twice, to the last digit.
 */
const option = (name: string, otherwise: number): number => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const here = fileURLToPath(new URL('.', import.meta.url));
const root = join(here, '..', '..');
const kills = option('kills', 30);
const seed = option('seed', Date.now() & 0xffff);
const random = seededRandom(seed);
const folder = mkdtempSync(join(tmpdir(), 'millrace-crash-'));

const topology = (port: number): string =>
  `
version: 1
name: crash
mode: live
state_dir: ./state
plugins: ['${join(here, 'broker.ts')}']
portfolio: { base_currency: USDT, marks: mid }
accounts: { crash: { balances: derived } }
instruments:
  COIN: { asset_class: equity, quote: USDT, tick_size: 0.1, lot_size: 0.001 }
brokers:
  venue: { type: crash_exchange, port: ${port} }
sources:
  market: { type: market_data, broker: venue, instruments: [COIN], emit: [quote] }
  fills: { type: executions, broker: venue }
operators:
  busy: { type: strategy, use: '${join(here, 'strategy.ts')}', inputs: [market, fills] }
  risk: { type: risk, inputs: [busy], limits: { max_open_orders: 20 } }
  pace: { type: throttle, inputs: [risk], orders: 100/s }
sinks:
  orders: { type: orders, broker: venue, inputs: [pace] }
  journal: { type: journal, path: ./journal, delivery: required, flush: 10ms }
  audit: { type: audit, inputs: ['*'], path: ./audit.jsonl, delivery: required }
recovery: { snapshot_events: 1000 }
reconcile: { grace: 300ms, settle: 20ms, retry_initial: 100ms, timeout: 2s }
shutdown: { drain: 5s, open_orders: cancel }
`;

/** Where the next life ends. */
function fault(): string {
  const early = random() < 0.2 ? 'early-' : '';
  const dice = random();
  const bytes = early === '' ? Math.floor(random() * 40_000) : 1_000 + Math.floor(random() * 20_000);
  if (dice < 0.3) return `${early}time:${20 + Math.floor(random() * 900)}`;
  if (dice < 0.6) return `${early}bytes:${bytes}:half`;
  if (dice < 0.9) return `${early}bytes:${bytes}:after`;
  if (dice < 0.95) return `${early}full:${bytes}:${5 + Math.floor(random() * 40)}`;
  return `${early}readonly:${bytes}`;
}

function engine(
  crash: string,
  args: readonly string[],
): Promise<{ readonly signal: string | null; readonly text: string }> {
  const built = process.env['MILLRACE_DIST'] ?? 'dist';
  const command = ['--import', join(here, 'faults.mjs'), join(root, built, 'cli', 'main.js')];
  const child = spawn(
    process.execPath,
    [...command, 'run', join(folder, 'topology.yaml'), '--live', ...args],
    { env: { ...process.env, CRASH: crash, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (data: Buffer) => (text += data.toString()));
  const limit = setTimeout(() => child.kill('SIGTERM'), 60_000);
  return new Promise((resolve) =>
    child.on('close', (_code, signal) => {
      clearTimeout(limit);
      resolve({ signal, text });
    }),
  );
}

async function startVenue(): Promise<{ readonly venue: ChildProcess; readonly port: number }> {
  const jiti = join(root, 'node_modules', 'jiti', 'lib', 'jiti-cli.mjs');
  const venue = spawn(process.execPath, [jiti, join(here, 'venue.ts'), String(seed)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: venue.stdout })) return { venue, port: Number(line) };
  throw new Error('the exchange did not start');
}

async function main(): Promise<boolean> {
  const { venue, port } = await startVenue();
  try {
    mkdirSync(join(folder, 'state'), { recursive: true });
    writeFileSync(join(folder, 'topology.yaml'), topology(port));
    let killed = 0;
    let brokenDisk = false;
    for (let life = 1; killed < kills; life++) {
      const crash = fault();
      brokenDisk ||= /full|readonly/.test(crash);
      const { signal, text } = await engine(crash, []);
      if (signal !== 'SIGKILL') {
        console.error(`life ${life} (${crash}) ended by itself:\n${text}`);
        return false;
      }
      killed++;
      if (process.stderr.isTTY || killed % 10 === 0) console.error(`killed ${killed} of ${kills} (${crash})`);
    }
    const last = await engine('', ['--for', '3s']);
    if (last.signal !== null || !/life/.test(last.text)) console.error(last.text);
    const problems = await compare(folder, await askVenue(port, 'everything'), brokenDisk);
    for (const problem of problems.wrong) console.error(`WRONG: ${problem}`);
    console.log(`${kills} kills, seed ${seed}: ${problems.told}`);
    if (problems.wrong.length > 0) console.error(last.text);
    return problems.wrong.length === 0;
  } finally {
    venue.kill();
  }
}

const good = await main();
if (good && !process.argv.includes('--keep')) rmSync(folder, { recursive: true, force: true });
else console.error(`kept: ${folder}`);
process.exitCode = good ? 0 : 1;
