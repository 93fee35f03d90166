import { dirname, join } from 'node:path';
import { statSync } from 'node:fs';
import { MillraceError } from '../../model/reason.js';
import type { Journal } from '../../sinks/journal/index.js';
import type { SavedState } from '../../state/state.js';
import { OPENING, readSnapshot, type Snapshot } from './snapshots.js';

/** The State a session began with. Throws JOURNAL_DAMAGED when it is not there or not the one the journal names. */
export function openingOf(journal: Journal): Snapshot {
  const folder = statSync(journal.path).isDirectory() ? journal.path : dirname(journal.path);
  const path = join(folder, OPENING);
  const help = 'restore the file from a copy; without it the session cannot be replayed';
  let snapshot: Snapshot;
  try {
    snapshot = readSnapshot(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MillraceError(
      'JOURNAL_DAMAGED',
      `the State the session began with cannot be read: ${reason}`,
      help,
    );
  }
  if (snapshot.head.hash === journal.header.opening) return snapshot;
  const text = `${path} holds another State than the one the session began with`;
  throw new MillraceError('JOURNAL_DAMAGED', text, help);
}

/**
 * What a new session begins with, of the State an old one left: connections are those to come, arming is asked for
 * anew, new and replace intents wait until recovery is over, and a stop in order is no reason to stay halted.
 */
export function carriedOver(state: SavedState): SavedState {
  const { control } = state;
  const stopped = control.tradingActor !== '' && control.tradingReason.startsWith('STOP');
  return {
    ...state,
    control: {
      ...control,
      recovering: true,
      connections: new Map(),
      armed: [],
      ...(stopped ? { trading: 'active' as const, tradingReason: '', tradingActor: '' } : {}),
    },
  };
}
