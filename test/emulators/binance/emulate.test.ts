import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execFileSync } from 'node:child_process';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { control, rest, TestSocket, type Json } from './socket.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
let child: ChildProcess | undefined;

beforeAll(() => {
  execFileSync(process.execPath, [join(root, 'scripts/ready.mjs')], { stdio: 'ignore' });
}, 180_000);
afterEach(() => child?.kill('SIGKILL'));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(...args: readonly string[]): {
  readonly first: Promise<string>;
  readonly ended: Promise<Ended>;
} {
  const process_ = spawn(process.execPath, [join(root, 'dist/cli/main.js'), 'emulate', ...args], {
    cwd: root,
  });
  child = process_;
  let [stdout, stderr] = ['', ''];
  process_.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const lines = createInterface({ input: process_.stdout });
  const first = new Promise<string>((done) => lines.once('line', done));
  lines.on('line', (line) => (stdout += `${line}\n`));
  const ended = new Promise<Ended>((done) =>
    process_.once('close', (code) => done({ code, stdout, stderr })),
  );
  return { first, ended };
}

it('prints one line of JSON when it is ready, serves, and ends cleanly on a signal', async () => {
  const { first, ended } = run(
    'binance',
    '--port',
    '0',
    '--json',
    '--symbols',
    'BTCUSDT=61000',
    '--rate',
    '200',
    '--balance',
    'USDT=777',
  );
  const ready = JSON.parse(await first) as Json;
  expect(Object.keys(ready)).toEqual(['venue', 'rest', 'stream', 'wsApi', 'control', 'apiKey', 'apiSecret']);
  const account = { apiKey: String(ready['apiKey']), apiSecret: String(ready['apiSecret']) };
  const { body } = await rest(
    String(ready['rest']),
    'GET',
    '/api/v3/account',
    { omitZeroBalances: 'true' },
    account,
  );
  expect(body.balances).toEqual([{ asset: 'USDT', free: '777.00000000', locked: '0.00000000' }]);
  const socket = await TestSocket.open(`${String(ready['stream'])}/ws/btcusdt@bookTicker`);
  expect(Number((await socket.next((m) => 'u' in m))['b'])).toBeGreaterThan(60_000);
  expect(await control(String(ready['control']), 'GET', '/market')).toMatchObject({
    running: true,
    rate: 200,
  });
  child?.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toHaveLength(2);
  await socket.closed;
});

it('begins with the faults of a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'));
  const file = join(folder, 'faults.yaml');
  writeFileSync(file, '- { kind: maintenance, operation: time, for_ms: 60000 }\n');
  const { first } = run('binance', '--json', '--faults', file, '--paused');
  const ready = JSON.parse(await first) as Json;
  expect((await rest(String(ready['rest']), 'GET', '/api/v3/time')).status).toBe(503);
  rmSync(folder, { recursive: true });
});

it.each([
  [['kraken'], 64, /binance/],
  [['binance', '--symbols', 'NOPE'], 78, /NOPE is not a pair/],
  [['binance', '--rate', 'fast'], 78, /--rate fast is not a number/],
  [['binance', '--balance', 'lots'], 78, /USDT=100000/],
])('refuses %j', async (args, expected, message) => {
  const { code, stderr } = await run(...args).ended;
  expect(stderr).toMatch(message);
  expect(code).toBe(expected);
});
