import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { nodeFiles } from '../../sinks/file-port.js';
import { lockedBy } from '../../sinks/lock.js';
import type { CheckedTopology } from '../../topology/checked.js';
import { LatchFile, latchedText } from '../kill/latch-file.js';
import { readSentinel } from '../kill/sentinel.js';
import { journalFolder } from '../recover/past.js';
import { safetyFiles } from '../safety.js';
import type { Findings } from './finding.js';

const MIB = 1024 * 1024;
const LITTLE = 1024 * MIB;
const TOO_LITTLE = 64 * MIB;

/** Where records and latches go: can be written, has room, is not in use by another run. Writes nothing. */
export function checkFiles(found: Findings, topology: CheckedTopology): void {
  const state = safetyFiles(topology);
  const folders = new Map<string, string>([['state_dir', state.folder]]);
  const locked = new Set<string>();
  const journal = journalFolder(topology);
  if (journal !== undefined) {
    folders.set('journal', journal);
    locked.add(join(journal, topology.name));
  }
  for (const { spec, config } of topology.sinks) {
    if (spec.type !== 'audit' || typeof config['path'] !== 'string') continue;
    const path = resolve(topology.baseDir, config['path']);
    folders.set('audit', dirname(path));
    locked.add(path);
  }
  for (const [what, folder] of folders) checkFolder(found, what, folder);
  const holders = [...locked]
    .map((path) => lockedBy(nodeFiles, path))
    .filter((holder) => holder !== undefined);
  if (holders.length === 0) found.ok('lock', 'no other run of it');
  else
    found.warn(
      'lock',
      `a run of it is going on: ${holders[0] ?? ''}`,
      'steer it (`millrace status`), or stop it before another is started',
    );
  checkLatch(found, topology, state);
}

function checkFolder(found: Findings, what: string, folder: string): void {
  const there = existing(folder);
  try {
    if (!statSync(there).isDirectory()) throw new Error(`${there} is a file`);
    accessSync(there, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = statfsSync(there);
    const free = bavail * bsize;
    const message = `${folder}: ${Math.round(free / MIB).toLocaleString('en-US')} MiB free${there === folder ? '' : ', will be made'}`;
    if (free < TOO_LITTLE)
      found.fail(what, message, 'free disk space: a journal that cannot write halts trading');
    else if (free < LITTLE)
      found.warn(what, message, 'free disk space: a journal that cannot write halts trading');
    else found.ok(what, message);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why = code === undefined ? (error as Error).message : `${there} (${code})`;
    found.fail(
      what,
      `${folder} cannot be written: ${why}`,
      'give the folder to the user that runs it, or name another',
    );
  }
}

function existing(folder: string): string {
  let at = folder;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  return at;
}

function checkLatch(
  found: Findings,
  { mode }: CheckedTopology,
  { folder, latch }: { readonly folder: string; readonly latch: string },
): void {
  const entries = new LatchFile(nodeFiles, latch).read();
  const sentinel = existsSync(folder) ? readSentinel(folder) : undefined;
  if (entries.length > 0)
    found.warn(
      'kill switch',
      `trading is killed from before: ${latchedText(entries)}`,
      'start it, look at the account, then `millrace release --reason …` and `millrace resume --reason …`',
    );
  else if (sentinel !== undefined)
    found.warn(
      'kill switch',
      `the kill file in ${folder} is there: ${sentinel.reason}`,
      'it kills trading at the start; `millrace release --reason …` removes it',
    );
  else if (mode === 'live') found.ok('kill switch', 'not latched');
}
