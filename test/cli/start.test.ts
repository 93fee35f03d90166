import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const BIN = join(ROOT, 'dist/cli/main.js');
const QUICKSTART = ['run', 'config/synthetic.yaml', '--log-level', 'warn'];
let folder: string;
let children: ChildProcess[] = [];

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'scripts/ready.mjs')], { stdio: 'ignore' });
}, 120_000);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-start-'));
  mkdirSync(join(folder, 'config'));
  copyFileSync(join(ROOT, 'config/synthetic.yaml'), join(folder, 'config/synthetic.yaml'));
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  rmSync(folder, { recursive: true, force: true });
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
function millrace(...args: readonly string[]): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--', BIN, ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 30_000,
  });
  return { code: status, out: stdout, err: stderr };
}
/** Starts the program and resolves when its audit trail is locked. */
async function started(...args: readonly string[]): Promise<{ child: ChildProcess; done: Promise<Ran> }> {
  const child = spawn(process.execPath, ['--', BIN, ...args], { cwd: folder });
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (data) => (out += String(data)));
  child.stderr.on('data', (data) => (err += String(data)));
  const done = new Promise<Ran>((ended) => child.on('exit', (code) => ended({ code, out, err })));
  while (!existsSync(lock()) && child.exitCode === null) await new Promise((tick) => setTimeout(tick, 20));
  await new Promise((tick) => setTimeout(tick, 300));
  return { child, done };
}
const lock = (): string => join(folder, 'data/audit.jsonl.lock');
const data = (): string[] => readdirSync(join(folder, 'data')).sort();
const QUICK = ['--set', 'sources.market.pace=max', '--set', 'sources.market.duration=10m'];

describe('a second run in one folder', () => {
  test('is refused while the first lives, and leaves nothing; the first goes on', async () => {
    const { child, done } = await started(...QUICKSTART, '--for', '4s');
    const second = millrace(...QUICKSTART);
    expect(second.code, second.err).toBe(78);
    expect(second.out).toMatch(
      /^failed: INVALID_CONFIGURATION: the audit trail .*audit\.jsonl is in use by session \w+, process \d+ on /m,
    );
    expect(second.out).toContain(`process ${child.pid ?? 0} on `);
    expect(second.out).toMatch(/^help: wait until that run has ended or give this one another path; /m);
    expect(second.out).not.toContain('replay');
    expect(readdirSync(join(folder, 'data/journal')).length).toBe(1);
    const first = await done;
    expect(first.code, first.err).toBe(0);
    expect(data()).toEqual(['audit.jsonl', 'journal', 'records']);
    const [journal = ''] = readdirSync(join(folder, 'data/journal'));
    expect(millrace('replay', `data/journal/${journal}`, '--verify').code).toBe(0);
    expect(millrace('audit', 'verify', 'data/audit.jsonl').out).toContain('intact, ');
  });

  test('takes over what a killed run left, with a warning', async () => {
    const { child, done } = await started(...QUICKSTART);
    child.kill('SIGKILL');
    await done;
    expect(data()).toContain('audit.jsonl.lock');
    const next = millrace(...QUICKSTART, ...QUICK);
    expect(next.code, next.err).toBe(0);
    expect(next.err).toMatch(
      /was left locked by session \w+ \(process \d+\), which is no more: taken over\./,
    );
    expect(data()).not.toContain('audit.jsonl.lock');
    expect(millrace('audit', 'verify', 'data/audit.jsonl').out).toContain('intact, ');
  });

  test('finds no lock after Ctrl-C', async () => {
    const { child, done } = await started(...QUICKSTART);
    child.kill('SIGINT');
    const ended = await done;
    expect(ended.code, ended.err).toBe(0);
    expect(data()).not.toContain('audit.jsonl.lock');
  });

  test('with the same session id is refused', () => {
    const args = [...QUICKSTART, ...QUICK, '--session', 'same'];
    expect(millrace(...args).code).toBe(0);
    const again = millrace(...args);
    expect(again.code, again.err).toBe(78);
    expect(again.out).toContain('help: every session writes to a folder of its own; ');
    expect(readdirSync(join(folder, 'data/journal'))).toEqual(['same']);
  });
});

describe('a start that fails: exit 78, what to do, and nothing left behind', () => {
  test.each([
    ['journal', 'path', './file', 'a part of this path is a file'],
    ['audit', 'path', './config', 'this is a folder: give the path of a file'],
    ['records', 'path', './file', 'a part of this path is a file'],
  ])('%s.%s=%s', (sink, option, value, help) => {
    writeFileSync(join(folder, 'file'), '');
    const ran = millrace(...QUICKSTART, '--set', `sinks.${sink}.${option}=${value}`);
    expect(ran.code, ran.err).toBe(78);
    expect(ran.out).toContain('failed: INVALID_CONFIGURATION: ');
    expect(ran.out).toContain(`help: ${help}`);
    expect(ran.out).not.toMatch(/replay|journal cat|market time/);
    expect(ran.out.match(/^ {2}npx millrace /gm)?.length).toBe(2);
    // The audit trail keeps what it was told; nothing else is left.
    const rest = sink === 'records' ? ['config', 'data', 'file'] : ['config', 'file'];
    expect(readdirSync(folder).sort()).toEqual(rest);
    if (sink === 'records') expect(data()).toEqual(['audit.jsonl']);
  });

  test('the port of the metrics: a warning, or a refusal when it is required', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => new Promise<void>((done) => void server.close(() => done())));
    const listen = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const args = [...QUICKSTART, ...QUICK, '--set', `sinks.metrics.listen=${listen}`];
    const refused = millrace(...args, '--set', 'sinks.metrics.required=true');
    expect(refused.code, refused.err).toBe(78);
    expect(refused.out).toContain(`failed: INVALID_CONFIGURATION: ${listen} is in use by another process`);
    expect(data()).toEqual(['audit.jsonl']);
    expect(readFileSync(join(folder, 'data/audit.jsonl'), 'utf8')).toContain('did not begin');
    const warned = millrace(...args);
    expect(warned.code, warned.err).toBe(0);
    expect(warned.err).toContain(`${listen} is in use by another process: choose another port`);
  });
});
