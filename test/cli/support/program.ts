import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';

export const ROOT: string = resolve(import.meta.dirname, '../../..');
/** `MILLRACE_BIN` names another build to test, such as an installed package. */
const OTHER = process.env['MILLRACE_BIN'];
const BIN = OTHER ?? join(ROOT, 'dist/cli/main.js');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Builds what is missing or stale. */
export function ready(): void {
  if (OTHER !== undefined) return;
  execFileSync(process.execPath, [join(ROOT, 'scripts/ready.mjs')], { stdio: 'ignore' });
}

export interface Started {
  readonly child: ChildProcess;
  readonly done: Promise<Ran>;
  /** What it said so far. */
  readonly said: () => string;
}

/** The built program in a process of its own, without a terminal. `--`: Node 20 would take --env-file for itself. */
export function start(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(process.execPath, ['--', BIN, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data) => (out += String(data)));
  child.stderr.on('data', (data) => (err += String(data)));
  const done = new Promise<Ran>((ended) => child.on('close', (code) => ended({ code, out, err })));
  return { child, done, said: () => out + err };
}

/** Runs it to its end. */
export function millrace(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  return start(cwd, args, env).done;
}
