import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MillraceError } from '../../model/reason.js';
import type { FilePort } from '../../sinks/file-port.js';
import { lockedBy } from '../../sinks/lock.js';
import type { Findings } from '../check/finding.js';
import { LatchFile, latchedText } from '../kill/latch-file.js';
import { readSentinel, SENTINEL } from '../kill/sentinel.js';
import { pastSessions } from '../recover/past.js';

const OTHERS_READ = 0o077;
const OTHERS_WRITE = 0o022;

/** Files that hold secrets, and files that decide about trading. */
export function checkPermissions(found: Findings, secret: readonly string[], own: readonly string[]): void {
  let wrong = 0;
  const check = (path: string, forbidden: number, why: string, mode: string): void => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || (stats.mode & forbidden) === 0) return;
    wrong++;
    found.fail(
      'permissions',
      `${path} can be ${why} by others (mode ${(stats.mode & 0o777).toString(8)})`,
      `chmod ${mode} ${path}`,
    );
  };
  for (const path of secret) check(path, OTHERS_READ, 'read', '600');
  for (const path of own) check(path, OTHERS_WRITE, 'changed', 'go-w');
  if (wrong === 0) found.ok('permissions', 'tokens, secrets and latches are private');
}

/** `paths`: files whose lock is `<path>.lock`. */
export function checkLocks(found: Findings, paths: readonly string[], files: FilePort): void {
  let wrong = 0;
  let held = '';
  for (const path of paths) {
    const lock = `${path}.lock`;
    if (!files.exists(lock)) continue;
    const holder = lockedBy(files, path);
    if (holder?.startsWith('session ') === true) {
      held = holder;
      continue;
    }
    wrong++;
    const whose = holder === undefined ? 'of a process that is no more' : 'that nobody can read';
    found.fail('lock', `${lock} is a lock ${whose}`, `rm ${lock}`);
  }
  if (wrong === 0) found.ok('lock', held === '' ? 'no run is going on' : `a run is going on: ${held}`);
}

export function checkLatch(
  found: Findings,
  folder: string,
  latch: string,
  topologyFiles: string,
  files: FilePort,
): void {
  const entries = new LatchFile(files, latch).read();
  const sentinel = existsSync(folder) ? readSentinel(folder) : undefined;
  const start = `millrace run ${topologyFiles}`;
  if (entries.length > 0)
    found.fail(
      'latch',
      `trading is killed: ${latchedText(entries)}`,
      `${start}, then: millrace release --reason WHY --state-dir ${folder}`,
    );
  else if (sentinel !== undefined)
    found.fail(
      'latch',
      `${join(folder, SENTINEL)} kills whoever runs here: ${sentinel.reason}`,
      `rm ${join(folder, SENTINEL)}`,
    );
  else found.ok('latch', 'nothing is latched');
}

/** Reads the newest session of a topology from end to end. */
export function checkJournal(found: Findings, folder: string, topology: string): void {
  try {
    const [newest] = pastSessions(folder, topology);
    if (newest === undefined) {
      found.ok('journal', 'no session yet');
      return;
    }
    const { journal, newest: header } = newest;
    let turns = 0;
    for (const frame of journal.frames()) turns = frame.input.seq;
    const torn = journal.tail?.torn;
    if (torn === undefined) found.ok('journal', `session ${header.session}: ${turns} turns, whole`);
    else
      found.fail(
        'journal',
        `JOURNAL_TORN: session ${header.session} ended inside a record after turn ${turns} (${torn.reason})`,
        'millrace run FILE --resume (it cuts the torn record and goes on)',
      );
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    const place = newestFolder(folder);
    found.fail(
      'journal',
      `${error.code}: ${error.message}`,
      `cp -a ${folder} ${folder}.damaged && millrace journal cat ${place}`,
    );
  }
}

function newestFolder(folder: string): string {
  const names = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const last = names.filter((entry) => entry.isDirectory()).at(-1)?.name;
  return last === undefined ? folder : join(folder, last);
}
