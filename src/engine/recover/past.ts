import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MillraceError } from '../../model/reason.js';
import { readJournal, SEGMENT, type Journal, type JournalHeader } from '../../sinks/journal/index.js';
import type { CheckedTopology } from '../../topology/checked.js';
import { END } from './snapshots.js';

/** A session that was, with at least one whole turn. */
export interface PastSession {
  readonly folder: string;
  readonly journal: Journal;
  /** Header of its newest life. */
  readonly newest: JournalHeader;
  /** Highest life of any session it went on from or that went on from it. */
  readonly lives: number;
  /** It ended in order, and its last State is kept. */
  readonly ended: boolean;
}

/** The folder that holds the journals of a topology; undefined when it has no journal. */
export function journalFolder(topology: CheckedTopology): string | undefined {
  const sink = topology.sinks.find(({ spec }) => spec.type === 'journal');
  const path = sink?.config['path'];
  return typeof path === 'string' ? resolve(topology.baseDir, path) : undefined;
}

/** Of one line of sessions the newest life first, whatever the wall clock did; else the one begun last. */
const newer = (a: PastSession, b: PastSession): number =>
  a.newest.originalSession === b.newest.originalSession
    ? b.newest.life - a.newest.life
    : b.newest.startedAt - a.newest.startedAt;

/**
 * Sessions of this topology below `folder`, newest first. A session that was never begun, or whose first header a crash
 * cut, holds no turn and is left out; a damaged one throws, since what it knew might be needed.
 */
export function pastSessions(folder: string, topology: string): readonly PastSession[] {
  if (!existsSync(folder)) return [];
  const found: Omit<PastSession, 'lives'>[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    const segments = readdirSync(path)
      .filter((name) => SEGMENT.test(name))
      .sort();
    const journal = segments.length === 0 ? undefined : opened(path);
    if (journal === undefined || journal.header.topology !== topology) continue;
    const headers = segments.map((name) => opened(join(path, name))?.header);
    const newest = headers.findLast((header) => header !== undefined) ?? journal.header;
    found.push({ folder: path, journal, newest, ended: existsSync(join(path, END)) });
  }
  const lives = new Map<string, number>();
  for (const { originalSession, life } of found.map((session) => session.newest))
    lives.set(originalSession, Math.max(life, lives.get(originalSession) ?? 0));
  return found
    .map((session) => ({ ...session, lives: lives.get(session.newest.originalSession) ?? 1 }))
    .sort(newer)
    .filter(hasTurns);
}

/** Undefined: its header was never written whole. */
function opened(path: string): Journal | undefined {
  try {
    return readJournal(path);
  } catch (error) {
    if (
      error instanceof MillraceError &&
      error.code === 'JOURNAL_DAMAGED' &&
      /no complete header/.test(error.message)
    )
      return undefined;
    throw error;
  }
}

function hasTurns({ journal }: Pick<PastSession, 'journal'>): boolean {
  for (const frame of journal.frames()) return frame.input.seq > 0;
  return false;
}
