import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
  type FSWatcher,
} from 'node:fs';
import { join } from 'node:path';
import { parseScope, scopeText, type Scope, GLOBAL } from '../../model/scope.js';
import { messageOf } from './latches.js';

/** A file of this name in the state folder kills; it stays until the latch is released. */
export const SENTINEL = 'KILL';

const POLL_MS = 250;

export interface SentinelOrder {
  readonly scope: Scope;
  readonly actor: string;
  readonly reason: string;
}

/**
 * Puts the sentinel into a state folder: whoever runs there is killed within a quarter of a second, and whoever starts
 * there is killed from the start. For when nothing else reaches the engine. Returns the path.
 */
export function writeSentinel(stateDir: string, order: SentinelOrder): string {
  const path = join(stateDir, SENTINEL);
  mkdirSync(stateDir, { recursive: true, mode: 0o750 });
  const { scope, actor, reason } = order;
  writeFileSync(path, `${JSON.stringify({ scope: scopeText(scope), actor, reason })}\n`, { mode: 0o640 });
  return path;
}

/** What the sentinel says; undefined when there is none. Whatever else is in the file, it kills everything. */
export function readSentinel(stateDir: string): SentinelOrder | undefined {
  const path = join(stateDir, SENTINEL);
  if (!existsSync(path)) return undefined;
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    return { scope: GLOBAL, actor: 'sentinel', reason: `${path} cannot be read: ${messageOf(error)}` };
  }
  try {
    const said = JSON.parse(text) as { scope?: unknown; actor?: unknown; reason?: unknown } | null;
    if (typeof said?.reason === 'string') {
      return {
        scope: parseScope(typeof said.scope === 'string' ? said.scope : '') ?? GLOBAL,
        actor: typeof said.actor === 'string' ? said.actor : 'sentinel',
        reason: said.reason.slice(0, 300),
      };
    }
  } catch {
    // Words of a person: they are the reason.
  }
  return { scope: GLOBAL, actor: 'sentinel', reason: text.slice(0, 300) || `the file ${SENTINEL} appeared` };
}

/** Removes it, as part of the release of its scope; one of another scope stays. Throws the error of the system. */
export function removeSentinel(stateDir: string, scope: Scope): void {
  const order = readSentinel(stateDir);
  if (order === undefined || scopeText(order.scope) !== scopeText(scope)) return;
  rmSync(join(stateDir, SENTINEL), { force: true });
}

export interface SentinelWatch {
  /** Looks now. */
  readonly look: () => void;
  readonly close: () => void;
}

/** Calls `onKill` once for each sentinel that appears or changes. By poll, and faster where the system tells. */
export function watchSentinel(
  stateDir: string,
  onKill: (order: SentinelOrder) => void,
  seen: SentinelOrder | undefined,
): SentinelWatch {
  const path = join(stateDir, SENTINEL);
  let last = seen === undefined ? '' : mark(path);
  const look = (): void => {
    const now = mark(path);
    if (now === last) return;
    last = now;
    const order = now === '' ? undefined : readSentinel(stateDir);
    if (order !== undefined) onKill(order);
  };
  const timer = setInterval(look, POLL_MS);
  timer.unref();
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(stateDir, { persistent: false }, look);
    watcher.on('error', () => watcher?.close());
  } catch {
    // The folder is not there, or its system cannot tell: the poll sees the file.
  }
  const close = (): void => {
    clearInterval(timer);
    watcher?.close();
  };
  return { look, close };
}

/** Changes when the file does; empty without one. */
function mark(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? '' : 'unreadable';
  }
}
