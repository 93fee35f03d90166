import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { takeLock } from '../../src/sinks/lock.js';
import { logLines } from './support/fixtures.js';
import { FaultyFiles } from './support/faulty-files.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-lock-'));
  path = join(folder, 'audit.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = new FaultyFiles();
const log = logLines();
const take = (session: string): (() => void) =>
  takeLock({ files, path, what: 'the audit trail', session, log });
const left = (holder: object): void => writeFileSync(`${path}.lock`, JSON.stringify(holder));
const began = (pid: number): string => {
  if (!existsSync('/proc/self/stat')) return '';
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
};
const dead = (): number => spawnSync(process.execPath, ['-e', '']).pid;
const other = (): number => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid ?? 0;
};

it('is held until it is released, and then leaves nothing', () => {
  const release = take('s1');
  expect(JSON.parse(readFileSync(`${path}.lock`, 'utf8'))).toMatchObject({
    pid: process.pid,
    host: hostname(),
    session: 's1',
  });
  expect(() => take('s2')).toThrow(`in use by session s1, process ${process.pid} on ${hostname()}`);
  release();
  expect(readdirSync(folder)).toEqual([]);
  const again = take('s2');
  release();
  expect(readdirSync(folder)).toEqual(['audit.jsonl.lock']);
  again();
  expect(readdirSync(folder)).toEqual([]);
});

describe('what another run left', () => {
  it('is taken over, with a warning, when its process is no more', () => {
    const pid = dead();
    left({ pid, host: hostname(), session: 's0', began: '1' });
    const release = take('s1');
    expect(log.lines.at(-1)).toBe(
      `warn the audit trail ${path} was left locked by session s0 (process ${pid}), which is no more: taken over.`,
    );
    expect(readdirSync(folder)).toEqual(['audit.jsonl.lock']);
    expect(readFileSync(`${path}.lock`, 'utf8')).toContain('"s1"');
    release();
  });

  it('is taken over when it was a process of our own number', () => {
    left({ pid: process.pid, host: hostname(), session: 's0', began: '1' });
    take('s1')();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('is taken over when its number went to another process', () => {
    const pid = other();
    left({ pid, host: hostname(), session: 's0', began: `${Number(began(pid)) - 1}` });
    take('s1')();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses while the process lives, on another host, and when it cannot be read', () => {
    const pid = other();
    for (const [holder, who] of [
      [{ pid, host: hostname(), session: 's0', began: began(pid) }, `session s0, process ${pid} on `],
      [{ pid: dead(), host: 'elsewhere', session: 's0', began: '' }, 'on elsewhere'],
      [{ pid: 0, host: hostname(), session: 's0', began: '' }, 'does not say which'],
      [{}, 'does not say which'],
    ] as const) {
      left(holder);
      const before = readFileSync(`${path}.lock`, 'utf8');
      let error: unknown;
      try {
        take('s1');
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject({
        code: 'INVALID_CONFIGURATION',
        message: expect.stringContaining(who) as string,
        help: `wait until that run has ended or give this one another path; if there is no such run, remove ${path}.lock`,
      });
      expect(readFileSync(`${path}.lock`, 'utf8')).toBe(before);
    }
  });

  it('goes to one of two that want it at once', () => {
    left({ pid: dead(), host: hostname(), session: 's0', began: '1' });
    writeFileSync(
      `${path}.lock.takeover`,
      JSON.stringify({ pid: other(), host: hostname(), session: 's9', began: '' }),
    );
    expect(() => take('s1')).toThrow('in use by session s9');
    expect(readdirSync(folder)).toEqual(['audit.jsonl.lock', 'audit.jsonl.lock.takeover']);
  });
});

it('leaves no lock that says nothing on a full disk', () => {
  files.room = 10;
  onTestFinished(() => void (files.room = Infinity));
  expect(() => take('s1')).toThrow('ENOSPC');
  expect(readdirSync(folder)).toEqual([]);
});

it('goes when the process exits without closing', () => {
  const script = join(folder, 'holds.ts');
  const source = (name: string): string => JSON.stringify(join(import.meta.dirname, '../../src/sinks', name));
  writeFileSync(
    script,
    `import { takeLock } from ${source('lock.ts')};
import { nodeFiles } from ${source('file-port.ts')};
import { existsSync } from 'node:fs';
const path = ${JSON.stringify(path)};
takeLock({ files: nodeFiles, path, what: 'it', session: 's', log: console });
console.log(existsSync(path + '.lock'));
process.exit(3);
`,
  );
  const jiti = join(import.meta.dirname, '../../node_modules/jiti/lib/jiti-cli.mjs');
  const ran = spawnSync(process.execPath, [jiti, script], { encoding: 'utf8' });
  expect([ran.status, ran.stdout], ran.stderr).toEqual([3, 'true\n']);
  expect(readdirSync(folder)).toEqual(['holds.ts']);
});
