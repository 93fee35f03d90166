import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const BIN = resolve(import.meta.dirname, '../../dist/cli/main.js');
const folder = mkdtempSync(join(tmpdir(), 'millrace-steer-'));
const FILE = join(folder, 'desk.yaml');

const yaml = (fast: number, most: number, more = ''): string => `version: 1
name: desk
mode: paper
portfolio: { base_currency: USDT }
control: { listen: "127.0.0.1:0", calls_per_minute: 10000 }
instruments: { BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 } }
brokers: { sim: { type: paper, prices: ticks, cash: { USDT: 100000 } } }
sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000 } }, duration: 24h, rate: 20/s, pace: 60x }
  fills: { type: executions, broker: sim }
operators:
  ticks: { type: normalize, inputs: [market] }
  bars: { type: bars, inputs: [ticks], every: 10s }
  ema: { type: strategy, use: ema-cross, inputs: [bars, fills], params: { fast: ${fast}, slow: 12, quantity: 0.1 } }
  risk: { type: risk, inputs: [ema], limits: { max_position: ${most}, max_order_value: 50000 USDT } }
  pace: { type: throttle, inputs: [risk], orders: 5/s }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, inputs: ["*"], path: ./journal, delivery: required }
  audit: { type: audit, inputs: ["*"], path: ./audit.jsonl, delivery: required }
${more}`;

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The built program in a process of its own, without a terminal. */
function millrace(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ['--', BIN, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (out += String(text)));
    child.stderr.on('data', (text: Buffer) => (err += String(text)));
    child.on('close', (code) => done({ code, out, err }));
  });
}

const at = ['--topology', FILE];
const why = ['--reason', 'a test'];
const json = async (args: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await millrace([...args, ...at, '--json'])).out) as Record<string, unknown>;

let engine: ChildProcess;
let said = '';
let ended: Promise<number | null>;

beforeAll(async () => {
  writeFileSync(FILE, yaml(4, 5));
  engine = spawn(process.execPath, ['--', BIN, 'run', FILE, '--json'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  engine.stdout?.on('data', (text: Buffer) => (said += String(text)));
  let err = '';
  engine.stderr?.on('data', (text: Buffer) => (err += String(text)));
  ended = new Promise((done) => engine.on('close', done));
  const until = performance.now() + 50_000;
  while (!existsSync(join(folder, 'data/state/control.json'))) {
    if (performance.now() > until || engine.exitCode !== null) throw new Error(`no engine: ${err}`);
    await new Promise((again) => setTimeout(again, 50));
  }
});
afterAll(() => {
  engine.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('verbs that steer a running engine', () => {
  test('look', async () => {
    const status = await millrace(['status', ...at]);
    expect(status).toMatchObject({ code: 0, err: '' });
    expect(status.out).toMatch(/desk \(paper, running, pid \d+\)/);
    expect(status.out).toContain('ema-cross');
    const [full, top, orders, positions, account, limits] = await Promise.all([
      json(['status']),
      json(['top']),
      json(['orders']),
      json(['positions']),
      json(['account']),
      json(['limits']),
    ]);
    expect(full).toMatchObject({ trading: 'active', strategies: [{ name: 'ema', enabled: true }] });
    expect(top).toHaveProperty('status.name', 'desk');
    expect(Array.isArray(orders) && Array.isArray(positions)).toBe(true);
    expect(account).toMatchObject([{ account: 'sim', baseCurrency: 'USDT' }]);
    expect(limits).toMatchObject({ configured: [{ node: 'risk' }] });
    expect((await millrace(['orders', 'nothing', ...at])).code).toBe(1);
  });

  test('tap an output', async () => {
    const tapped = await millrace(['tap', 'ticks', '--max', '3', '--for', '20s', ...at]);
    expect(tapped.code).toBe(0);
    const lines = tapped.out.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[0] ?? '')).toHaveProperty('instrument', 'BTCUSDT');
    const wrong = await millrace(['tap', 'nothing', ...at]);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.err).toContain('NO_SUCH_NODE');
  });

  test('act, each with a reason', async () => {
    expect((await millrace(['pause', ...at])).code).toBe(64);
    const paused = await millrace(['pause', ...why, ...at]);
    expect(paused.code).toBe(0);
    expect(paused.out).toMatch(/done at \d+\ntrading: "active" -> "halted"/);
    expect((await millrace(['resume', ...why, ...at])).code).toBe(0);
    expect((await millrace(['arm', 'sim', ...why, ...at])).code).toBe(1);
    expect(
      (await millrace(['limits', 'tighten', 'max_order_value', '40000 USDT', ...why, ...at])).out,
    ).toContain('40000');
    expect((await millrace(['strategies', 'disable', 'ema', ...why, ...at])).code).toBe(0);
    expect((await millrace(['strategies', ...at])).out).toContain('disabled');
    expect((await millrace(['strategies', 'enable', 'ema', ...why, ...at])).code).toBe(0);
    expect((await millrace(['cancel', '--all', ...why, ...at])).code).toBe(0);
    expect((await millrace(['cancel', ...why, ...at])).code).toBe(64);
  });

  test('give a strategy other parameters, by version', async () => {
    const set = await json(['strategies', 'set', 'ema', 'fast=6', 'quantity=0.2', ...why]);
    expect(set).toMatchObject({ after: { parameters: { ema: { version: 1 } } } });
    expect(await json(['strategies'])).toMatchObject([
      { name: 'ema', parametersVersion: 1, parameters: { fast: 6, slow: 12, quantity: 0.2 } },
    ]);
    const wrong = await millrace(['strategies', 'set', 'ema', 'fast=none', ...why, ...at]);
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('params.fast');
  });

  test('reload what changed in the file, and refuse the rest with reasons', async () => {
    writeFileSync(FILE, yaml(5, 3));
    const dry = await millrace(['reload', '--dry-run', ...why, ...at]);
    expect(dry.out).toContain('risk: limit max_position 5 -> 3');
    expect(dry.out).toContain('not done: --dry-run');
    const done = await json(['reload', ...why]);
    expect(done).toMatchObject({
      changes: [expect.stringContaining('ema: parameters'), 'risk: limit max_position 5 -> 3'],
    });
    const status = await json(['status']);
    expect(status['configurationHash']).toBe(done['configurationHash']);
    expect((await json(['strategies']))[0 as never]).toMatchObject({
      parameters: { fast: 5, quantity: 0.1 },
    });
    writeFileSync(FILE, yaml(5, 3, 'seed: 9\n').replace('every: 10s', 'every: 20s'));
    const refused = await millrace(['reload', ...why, ...at]);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain('seed: takes effect only after a restart');
    expect(refused.err).toContain('operators.bars changed');
    writeFileSync(FILE, yaml(5, 3, 'nonsense: 1\n'));
    expect((await millrace(['reload', ...why, ...at])).err).toContain('nonsense');
    writeFileSync(FILE, yaml(5, 3));
    expect((await millrace(['reload', ...why, ...at])).out).toContain('nothing changed');
  });

  test('tokens: shown once, limited by role, revoked at once', async () => {
    const made = await millrace(['token', 'create', '--name', 'eve', '--role', 'view', ...at]);
    const token = made.out.trim();
    expect(token).toMatch(/^mlr_/);
    expect((await millrace(['token', 'list', ...at])).out).toMatch(/operator {2}admin[^]*eve {2}view/);
    const env = { MILLRACE_TOKEN: token };
    expect((await millrace(['status', ...at], env)).code).toBe(0);
    const refused = await millrace(['pause', ...why, ...at], env);
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.err).toContain('FORBIDDEN');
    expect((await millrace(['token', 'revoke', 'eve', ...at])).code).toBe(0);
    expect((await millrace(['status', ...at], env)).err).toContain('UNAUTHORIZED');
    expect(readFileSync(join(folder, 'data/state/tokens.json'), 'utf8')).not.toContain(token);
  });

  test('kill, release, flatten, shutdown; and the session replays', async () => {
    const killed = await millrace(['kill', ...why, ...at]);
    // Recorded input keeps no latch file; a live session does, which its own tests show.
    expect(killed.out).toContain('latched in MEMORY ONLY');
    expect(killed.out).toContain('verified: no order of it is open at the venue');
    expect(killed.code).toBe(0);
    expect((await millrace(['status', ...at])).out).toContain('KILLED global by operator: a test');
    const flat = await millrace(['flatten', ...why, ...at]);
    expect(flat.code, flat.err + flat.out).toBe(0);
    expect((await millrace(['release', ...why, ...at])).code).toBe(0);
    expect((await millrace(['shutdown', ...why, ...at])).code).toBe(0);
    expect(await ended).toBe(0);
    const { journal, ended: how } = JSON.parse(said) as { journal: string; ended: string };
    expect(how).toBe('shutdown');
    const replayed = await millrace(['replay', journal, '--verify']);
    expect(replayed.code, replayed.err).toBe(0);
    expect(replayed.out).toContain('identical');
    const audit = readFileSync(join(folder, 'audit.jsonl'), 'utf8');
    for (const action of ['pause', 'kill', 'set_parameter', 'reload', 'release', 'flatten'])
      expect(audit).toContain(`control_${action}`);
  });

  test('nobody there: 69, and a kill is left as a file', async () => {
    const gone = await millrace(['status', ...at]);
    expect(gone.code).toBe(69);
    expect(gone.err).toContain('is it running?');
    const killed = await millrace(['kill', ...why, ...at]);
    expect(killed.code).toBe(69);
    expect(killed.err).toContain('killed by file instead');
    expect(JSON.parse(readFileSync(join(folder, 'data/state/KILL'), 'utf8'))).toMatchObject({
      scope: 'global',
      reason: 'a test',
    });
    const away = await millrace(['status', '--url', 'http://example.org:9465']);
    expect(away).toMatchObject({ code: 69 });
    expect(away.err).toContain('a token would travel in the open');
  });
});
