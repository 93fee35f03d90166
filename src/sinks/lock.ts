import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { MillraceError } from '../model/reason.js';
import { appendAll, type FilePort } from './file-port.js';

export interface LockOptions {
  readonly files: FilePort;
  /** The file only one run may write; its lock is `<path>.lock`. */
  readonly path: string;
  /** What it is, for messages: "the audit trail". */
  readonly what: string;
  readonly session: string;
  readonly log: { warn(message: string): void };
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly session: string;
  /** When the process began, as the system tells it: a number that was given to another process is no holder. */
  readonly began: string;
}

/** Locks of this process, each with what removes it. */
const held = new Map<string, () => void>();
const releaseAll = (): void => {
  for (const release of [...held.values()]) release();
};

/**
 * Takes `<path>.lock` for this process, so that two runs never write one file. The lock of a process of this host that
 * is no more is taken over, with a warning. Throws INVALID_CONFIGURATION naming the holder when it lives, when it is on
 * another host or when the lock cannot be read. Returns what releases it; a process that exits releases its locks.
 */
export function takeLock(options: LockOptions): () => void {
  const { files, path, session, log, what } = options;
  const lock = `${path}.lock`;
  if (!create(files, lock, session)) {
    const holder = read(files, lock);
    if (holder === undefined || !isGone(holder, lock)) throw inUse(options, lock, holder);
    takeOver(options, lock);
    log.warn(
      `${what} ${path} was left locked by session ${holder.session} (process ${holder.pid}), which is no more: taken over.`,
    );
  }
  const release = (): void => {
    if (held.get(lock) !== release) return;
    held.delete(lock);
    if (held.size === 0) process.off('exit', releaseAll);
    files.remove(lock);
  };
  if (held.size === 0) process.on('exit', releaseAll);
  held.set(lock, release);
  return release;
}

/** Who holds `<path>.lock` now, in words; undefined: nobody who lives. Takes and changes nothing. */
export function lockedBy(files: FilePort, path: string): string | undefined {
  const lock = `${path}.lock`;
  if (!files.exists(lock)) return undefined;
  const holder = read(files, lock);
  if (holder === undefined) return `another run: ${lock} does not say which`;
  return isGone(holder, lock)
    ? undefined
    : `session ${holder.session}, process ${holder.pid} on ${holder.host}`;
}

/** False: it is there already. */
function create(files: FilePort, lock: string, session: string): boolean {
  let file;
  try {
    file = files.create(lock);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  const holder: Holder = { pid: process.pid, host: hostname(), session, began: began(process.pid) };
  try {
    appendAll(file, Buffer.from(`${JSON.stringify(holder)}\n`));
  } catch (error) {
    files.remove(lock);
    throw error;
  } finally {
    file.close();
  }
  return true;
}

/** Replaces a lock that was left behind. `<lock>.takeover` sees to it that only one of several does. */
function takeOver(options: LockOptions, lock: string): void {
  const { files, session } = options;
  const turn = `${lock}.takeover`;
  if (!create(files, turn, session)) throw inUse(options, turn, read(files, turn));
  try {
    // Another run may have taken it over before it was our turn: only what was left behind is removed.
    const holder = read(files, lock);
    if (holder !== undefined && isGone(holder, lock)) files.remove(lock);
    if (!create(files, lock, session)) throw inUse(options, lock, read(files, lock));
  } finally {
    files.remove(turn);
  }
}

function read(files: FilePort, lock: string): Holder | undefined {
  try {
    const { pid, host, session, began } = JSON.parse(
      Buffer.from(files.read(lock)).toString('utf8'),
    ) as Partial<Holder>;
    return typeof pid === 'number' &&
      Number.isSafeInteger(pid) &&
      pid > 0 &&
      typeof host === 'string' &&
      typeof session === 'string' &&
      typeof began === 'string'
      ? { pid, host, session, began }
      : undefined;
  } catch {
    return undefined;
  }
}

/** True only when it is certain: the process ran on this host and is no more. */
function isGone(holder: Holder, lock: string): boolean {
  if (holder.host !== hostname()) return false;
  if (holder.pid === process.pid) return !held.has(lock);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
  const now = began(holder.pid);
  return holder.began !== '' && now !== '' && holder.began !== now;
}

/** Start of a process in ticks of its system (field 22 of /proc/PID/stat); empty where that is not told. */
function began(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function inUse({ what, path }: LockOptions, lock: string, holder: Holder | undefined): MillraceError {
  const who =
    holder === undefined
      ? `another run: ${lock} does not say which`
      : `session ${holder.session}, process ${holder.pid} on ${holder.host}`;
  return new MillraceError(
    'INVALID_CONFIGURATION',
    `${what} ${path} is in use by ${who}`,
    `wait until that run has ended or give this one another path; if there is no such run, remove ${lock}`,
  );
}
