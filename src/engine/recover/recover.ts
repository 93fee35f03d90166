import { join } from 'node:path';
import type { Instrument } from '../../model/instrument.js';
import { InstrumentTable, toInput } from '../../model/instruments.js';
import { MillraceError, reasonText } from '../../model/reason.js';
import type { Micros } from '../../model/time.js';
import { nodeFiles, type FilePort } from '../../sinks/file-port.js';
import { takeLock } from '../../sinks/lock.js';
import type { SavedStrategy } from '../../operators/strategy/persist.js';
import { State, type SavedState } from '../../state/state.js';
import type { CheckedTopology } from '../../topology/checked.js';
import type { RecoverySettings } from '../../topology/recovery-schema.js';
import type { Log } from '../../topology/spec.js';
import { Engine } from '../engine.js';
import { JournalFeed } from '../feed-journal.js';
import { installGuard, monotonicMs } from '../guard.js';
import { newSession } from '../session.js';
import { sessionInfo } from '../session-info.js';
import { stateConfig } from '../state-config.js';
import { foldJournal } from './fold.js';
import { Life } from './life.js';
import { mismatch } from './mismatch.js';
import { carriedOver, openingOf } from './opening.js';
import { journalFolder, pastSessions, type PastSession } from './past.js';
import { END, OPENING, readSnapshot, SnapshotStore, type Snapshot } from './snapshots.js';
import { announceRestored, strategiesOf } from './strategies.js';
import { cutTorn } from './torn.js';

export interface RecoverOptions {
  readonly log: Log;
  readonly wall: (() => Micros) | undefined;
  /** Default: a new one, when a session is begun. */
  readonly session?: string;
  /** Instead of what the topology says. */
  readonly resume?: RecoverySettings['resume'];
  readonly files?: FilePort;
}

/**
 * Makes the engine of a run. When the journal holds an earlier run of the topology, it goes on from there:
 *
 * - a session that did not end (a crash) is fed again through the whole graph, with every decision compared with the
 *   record, and then goes on: the same session, the next life, strategies as they were;
 * - a session that ended in order, or one whose build, configuration or strategies changed, gives its State to a new
 *   session; strategies begin anew with their declared warm-up;
 * - when feeding gives another decision than the record, State comes from the record alone, and the new session begins
 *   halted with `RECOVERY_DIVERGED`.
 */
export async function recover(topology: CheckedTopology, options: RecoverOptions): Promise<Life> {
  const files = options.files ?? nodeFiles;
  const folder = journalFolder(topology);
  const resume = decided(options.resume ?? topology.recovery.resume, topology);
  if (resume === 'never' || folder === undefined) {
    if (resume === 'require') throw nothing(topology, 'it has no journal sink');
    return fresh(topology, options, undefined, () => undefined);
  }
  const lock = {
    files,
    path: join(folder, topology.name),
    what: 'the journal of topology',
    log: options.log,
  };
  files.makeFolder(folder);
  const release = takeLock({ ...lock, session: options.session ?? 'starting' });
  try {
    const past = pastSessions(folder, topology.name)[0];
    if (past !== undefined) return await goOn(topology, past, { ...options, files }, folder, release);
    if (resume === 'require') throw nothing(topology, `there is no session of it in ${folder}`);
    return fresh(topology, options, { files, folder }, release);
  } catch (error) {
    release();
    throw error;
  }
}

function decided(
  resume: RecoverySettings['resume'],
  { mode }: CheckedTopology,
): 'always' | 'never' | 'require' {
  if (resume !== 'auto') return resume;
  return mode === 'live' ? 'always' : 'never';
}

function nothing({ name }: CheckedTopology, why: string): MillraceError {
  return new MillraceError(
    'INVALID_CONFIGURATION',
    `topology ${name} has nothing to go on from: ${why}`,
    'set recovery: { resume: auto } for a first run',
  );
}

function fresh(
  topology: CheckedTopology,
  options: RecoverOptions,
  keep: { readonly files: FilePort; readonly folder: string } | undefined,
  release: () => void,
): Life {
  const { log, wall } = options;
  const session = options.session ?? newSession();
  const info = sessionInfo(topology, session);
  const engine = new Engine(topology, { session, info, log, ...(wall === undefined ? {} : { wall }) });
  const store =
    keep === undefined ? undefined : new SnapshotStore(keep.files, join(keep.folder, session), session);
  return new Life(engine, { kind: 'fresh', store, release, reason: '' });
}

type Going = RecoverOptions & { readonly files: FilePort };

async function goOn(
  topology: CheckedTopology,
  past: PastSession,
  options: Going,
  folder: string,
  release: () => void,
): Promise<Life> {
  const { journal, newest } = past;
  const { log } = options;
  const began = monotonicMs();
  const ended = past.ended ? readable(join(past.folder, END), topology, newest.instruments, log) : undefined;
  if (ended !== undefined) {
    const reason = `session ${newest.session} ended in order after turn ${ended.head.seq}`;
    return opened(topology, past, ended, newest.instruments, reason, undefined, options, folder, release);
  }
  const changed = mismatch(newest, topology);
  if (changed === undefined) {
    const life = refed(topology, past, options, release, began);
    if (life instanceof Life) return life;
    const { state, instruments, stopped, diverged } = life;
    const reason = stopped
      ? `session ${newest.session} was stopped but its end was not written`
      : `RECOVERY_DIVERGED: ${diverged ?? ''}`;
    const from = state ?? folded(topology, past, log);
    return opened(topology, past, from, instruments, reason, diverged, options, folder, release);
  }
  log.warn(
    reasonText('JOURNAL_MISMATCH', { session: newest.session, changed }) +
      ': State goes on from the journal; strategies begin anew with their warm-up',
  );
  const from = folded(topology, past, log);
  const reason = `${changed} since session ${newest.session}`;
  const known = journal.header.instruments.length > newest.instruments.length ? journal.header : newest;
  return opened(topology, past, from, known.instruments, reason, undefined, options, folder, release);
}

interface NotRefed {
  /** Undefined: what was fed is not what the journal says. */
  readonly state: Snapshot | undefined;
  readonly instruments: readonly Instrument[];
  readonly stopped: boolean;
  readonly diverged: string | undefined;
}

/** Feeds the whole session. A life that goes on, or why there is none. */
function refed(
  topology: CheckedTopology,
  past: PastSession,
  options: Going,
  release: () => void,
  began: number,
): Life | NotRefed {
  const { journal } = past;
  const { header } = journal;
  const { log, wall, files } = options;
  const life = past.lives + 1;
  const opening = header.opening === '' ? undefined : openingOf(journal);
  const { originalSession, session } = header;
  const feed = new JournalFeed();
  const engine = new Engine(topology, {
    session,
    info: sessionInfo(topology, session, { originalSession, life, opening: header.opening }),
    log,
    refeed: feed.onFrame,
    instruments: header.instruments,
    ...(wall === undefined ? {} : { wall }),
    ...(opening === undefined ? {} : { opening: opening.state, strategies: opening.strategies }),
  });
  engine.outbox.life = header.life;
  let stopped = false;
  const uninstall = installGuard();
  try {
    feed.run(engine, journal, ({ input }) => {
      if (input.kind === 'control' && input.action === 'stop') stopped = true;
    });
  } catch (error) {
    engine.graph.close();
    throw error;
  } finally {
    uninstall();
  }
  const { tail } = journal;
  const store = new SnapshotStore(files, past.folder, session);
  if (feed.difference !== undefined || stopped || tail === undefined || tail.clean) {
    engine.graph.close();
    const diverged = feed.difference?.text;
    if (diverged !== undefined) log.error(reasonText('RECOVERY_DIVERGED', { session, first: diverged }));
    const state = diverged === undefined ? store.take(engine.state, strategiesOf(engine)) : undefined;
    return { state, instruments: engine.instruments.all, stopped: diverged === undefined, diverged };
  }
  const torn = cutTorn(files, journal, tail);
  if (torn !== undefined) log.warn(reasonText('JOURNAL_TORN', { session, cut: torn }));
  const segment = header.segment + journal.segments.filter((path) => files.exists(path)).length - 1;
  const { seq, at } = { seq: tail.seq, at: engine.sequencer.at };
  engine.sinks.journal?.resume?.({ segment, seq, at, encoder: feed.encoder });
  engine.outbox.life = life;
  engine.goOn();
  const seconds = ((monotonicMs() - began) / 1000).toFixed(2);
  log.info(
    `session ${session} goes on behind turn ${seq} as life ${life}: ${feed.turns} turns fed again in ${seconds} s, every decision as recorded`,
  );
  const reason = `session ${session} goes on behind turn ${seq} as life ${life}${torn === undefined ? '' : `; JOURNAL_TORN: ${torn}`}`;
  return new Life(engine, { kind: 'refed', store, release, reason });
}

/** A new session that begins with the State of an old one. */
async function opened(
  topology: CheckedTopology,
  past: PastSession,
  from: Snapshot,
  instruments: readonly Instrument[],
  reason: string,
  diverged: string | undefined,
  options: Going,
  folder: string,
  release: () => void,
): Promise<Life> {
  const { log, wall, files } = options;
  const session = options.session ?? newSession();
  const life = past.lives + 1;
  const table = new InstrumentTable([...instruments.map(toInput), ...topology.instruments]);
  const state = new State(stateConfig(topology), table);
  state.load(carriedOver(from.state));
  const store = new SnapshotStore(files, join(folder, session), session);
  const opening = store.take(state, from.strategies);
  await store.write(OPENING, opening);
  const { originalSession } = past.newest;
  const info = sessionInfo(topology, session, { originalSession, life, opening: opening.head.hash });
  const engine = new Engine(topology, {
    session,
    info,
    log,
    instruments,
    opening: opening.state,
    strategies: opening.strategies,
    ...(wall === undefined ? {} : { wall }),
  });
  engine.sinks.journal?.resume?.({ segment: 0, seq: state.seq, at: state.at, encoder: undefined });
  log.info(`${reason}: session ${session} goes on from its State at turn ${state.seq} as life ${life}`);
  announceRestored(engine);
  return new Life(engine, {
    kind: 'opened',
    store,
    release,
    reason,
    ...(diverged === undefined ? {} : { diverged }),
  });
}

/** State of a session from its newest good snapshot and the record behind it. */
function folded(topology: CheckedTopology, past: PastSession, log: Log): Snapshot {
  const { journal, folder, newest } = past;
  const store = new SnapshotStore(nodeFiles, folder, newest.session);
  let from: Snapshot | undefined;
  for (const name of store.periodic()) {
    from = readable(join(folder, name), topology, newest.instruments, log);
    if (from !== undefined) break;
  }
  if (from === undefined && journal.header.opening !== '') from = openingOf(journal);
  const state: SavedState = foldJournal(topology, journal, from, log).save();
  // What waited in a throttle is no record: it does not outlive the graph it waited in.
  const queue = new Map([...state.queue].map(([name, node]) => [name, { ...node, pending: [] }] as const));
  const head = { schema: '', session: newest.session, seq: state.seq, at: state.at, hash: '' };
  return {
    head,
    state: { ...state, queue },
    strategies: from?.strategies ?? new Map<string, SavedStrategy>(),
  };
}

/** A snapshot that is whole and gives the State it says; else undefined, told in the log. */
function readable(
  path: string,
  topology: CheckedTopology,
  instruments: readonly Instrument[],
  log: Log,
): Snapshot | undefined {
  try {
    const snapshot = readSnapshot(path);
    const state = new State(stateConfig(topology), new InstrumentTable(instruments.map(toInput)));
    state.load(snapshot.state);
    const hash = state.hash();
    if (hash === snapshot.head.hash) return snapshot;
    log.warn(
      `${path}: the snapshot says State ${snapshot.head.hash} but gives ${hash}; an older one or the journal is used`,
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.warn(`${path}: the snapshot cannot be used: ${message}; an older one or the journal is used`);
  }
  return undefined;
}
