import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { millrace, ready, ROOT, start } from './support/program.js';

const EMULATED = [
  ...['--emulate', 'binance', '--emulator', 'symbols=BTCUSDT,ETHUSDT,SOLUSDT'],
  ...['--emulator', 'balance=USDT=100000,BTC=1,ETH=10,SOL=100', '--emulator', 'rate=500'],
];
const QUICKSTART = ['run', 'config/quickstart.yaml', ...EMULATED, '--log-level', 'warn'];
const folders: string[] = [];
let folder = '';

beforeAll(ready, 120_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-emulated-'));
  folders.push(folder);
  mkdirSync(join(folder, 'config'));
  for (const file of ['quickstart.yaml', 'binance-live.yaml'])
    copyFileSync(join(ROOT, 'config', file), join(folder, 'config', file));
});
afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true, force: true });
});

test('npm start: trades on an emulated venue, ends by itself, and its journal replays identically', async () => {
  const ran = await millrace(folder, [...QUICKSTART, '--for', '8s', '--json', '--session', 'emu1']);
  expect(ran.code, ran.err).toBe(0);
  const summary = JSON.parse(ran.out) as Record<string, unknown>;
  expect(summary).toMatchObject({ mode: 'live', ended: 'duration', drained: true, error: null });
  expect(summary['orders']).toBeGreaterThan(5);
  expect(summary['fills']).toBeGreaterThan(0);

  const replay = await millrace(folder, ['replay', 'data/journal/emu1', '--verify']);
  expect(replay.code, replay.out + replay.err).toBe(0);
  expect(replay.out).toContain('identical: every input gave the recorded decisions.');

  const cat = await millrace(folder, ['journal', 'cat', 'data/journal/emu1', '--kind', 'control']);
  const armed = cat.out.split('\n').filter((line) => line.includes('"action":"arm"'));
  expect(armed).toHaveLength(1);
  expect(JSON.parse(armed[0] ?? '{}')).toMatchObject({
    actor: 'emulator',
    target: 'binance',
    reason: 'every broker is the emulated venue of this run',
  });
  const whole = await millrace(folder, ['journal', 'cat', 'data/journal/emu1']);
  expect(whole.out.slice(0, whole.out.indexOf('\n'))).toContain('api_key: \\"***\\"');
}, 120_000);

test('Ctrl-C ends run and venue in order', async () => {
  const { child, done, said } = start(folder, QUICKSTART);
  while (!readdirSync(folder).includes('data') && child.exitCode === null) await pause(50);
  await pause(1_500);
  child.kill('SIGINT');
  const { code, out } = await done;
  expect(code, said()).toBe(0);
  expect(out).toContain('quickstart (live)');
}, 120_000);

test('it runs on nothing but the venue it started', async () => {
  const other = await millrace(folder, ['run', 'config/binance-live.yaml', ...EMULATED]);
  expect(other.code, other.err).toBe(78);
  expect(other.err).toContain(
    '--emulate runs on the emulated venue alone, and broker "binance" is another one',
  );
  for (const address of ['https://api.binance.com', 'http://127.0.0.1:1']) {
    const moved = await millrace(folder, [...QUICKSTART, '--set', `brokers.binance.urls.rest=${address}`]);
    expect(moved.code, moved.err).toBe(78);
    expect(moved.err).toContain('broker "binance" is another one');
  }
  const both = await millrace(folder, [...QUICKSTART, '--live']);
  expect(both.code).toBe(78);
  expect(both.err).toContain('--live sends real orders and --emulate sends none');
  expect(readdirSync(folder)).toEqual(['config']);
}, 120_000);

test('live refuses without --live, and without a venue that can be checked', async () => {
  const keys = { BINANCE_API_KEY: 'dummy-key-1234', BINANCE_SECRET_KEY: 'dummy-secret-canary-1234' };
  const unsaid = await millrace(folder, ['run', 'config/binance-live.yaml'], keys);
  expect(unsaid.code).toBe(78);
  expect(unsaid.err).toContain('add --live if that is what you want');
  const nobody = ['rest=http://127.0.0.1:9', 'streams=ws://127.0.0.1:9', 'ws_api=ws://127.0.0.1:9/ws-api/v3'];
  const sets = nobody.flatMap((url) => ['--set', `brokers.binance.urls.${url}`]);
  const unchecked = await millrace(folder, ['run', 'config/binance-live.yaml', '--live', ...sets], keys);
  expect(unchecked.code, unchecked.err).toBe(69);
  expect(unchecked.err).toMatch(/^fail +binance: reach +Binance could not be reached/m);
  expect(unchecked.err).toContain('nothing was started');
  expect(unchecked.out + unchecked.err).not.toContain('canary');
  expect(readdirSync(folder)).toEqual(['config']);
}, 120_000);

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
