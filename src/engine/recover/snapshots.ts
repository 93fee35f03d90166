import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as yieldToHost } from 'node:timers/promises';
import { MillraceError } from '../../model/reason.js';
import type { Micros } from '../../model/time.js';
import { appendAll, type FilePort } from '../../sinks/file-port.js';
import { pack, unpack } from '../../state/pack.js';
import type { SavedStrategy } from '../../operators/strategy/persist.js';
import type { SavedState } from '../../state/state.js';

const SCHEMA = 'millrace.snapshot.v1';
/** State the session began with, and with which it ended in order. */
export const OPENING = 'opening.json';
export const END = 'end.json';
const PERIODIC = /^snapshot-\d{16}\.json$/;
/** Orders in one line of the file: bounds how long one step of writing takes. */
const ORDERS_A_LINE = 100;

export interface SnapshotHead {
  readonly schema: string;
  readonly session: string;
  readonly seq: number;
  readonly at: Micros;
  /** Hash of State there. */
  readonly hash: string;
}

/** State at one position, and what strategies gave to be kept, by node name. */
export interface Snapshot {
  readonly head: SnapshotHead;
  readonly state: SavedState;
  readonly strategies: ReadonlyMap<string, SavedStrategy>;
}

/** Name of the snapshot taken at a position. */
export function snapshotName(seq: number): string {
  return `snapshot-${String(seq).padStart(16, '0')}.json`;
}

/** Lines of a snapshot file, one at a time: packing and printing the next is the only work of a step. */
function* lines({ head, state, strategies }: Snapshot): Generator<string> {
  yield JSON.stringify({ head });
  const { orders, ...rest } = state;
  const { closed, open, ...index } = orders;
  for (const [key, value] of Object.entries({ ...rest, orders: index }))
    yield JSON.stringify({ [key]: pack(value) });
  for (const [key, list] of [
    ['closed', closed],
    ['open', open],
  ] as const) {
    for (let i = 0; i < list.length; i += ORDERS_A_LINE)
      yield JSON.stringify({ [key]: list.slice(i, i + ORDERS_A_LINE).map(pack) });
  }
  yield JSON.stringify({ strategies: pack(strategies) });
}

/**
 * Writes a snapshot so that a reader finds all of it or none: temporary file, sync, rename. Between lines `breathe` lets
 * the host go on; what is written is State as it was when it was saved. The last line is the checksum of the others.
 */
async function write(
  files: FilePort,
  path: string,
  snapshot: Snapshot,
  breathe: () => Promise<void>,
): Promise<void> {
  const temporary = `${path}.tmp`;
  const hash = createHash('sha256');
  const file = files.open(temporary);
  try {
    file.truncate(0);
    for (const line of lines(snapshot)) {
      const bytes = Buffer.from(`${line}\n`, 'utf8');
      hash.update(bytes);
      appendAll(file, bytes);
      await breathe();
    }
    appendAll(file, Buffer.from(`${JSON.stringify({ sha256: hash.digest('hex') })}\n`, 'utf8'));
    await new Promise<void>((resolve, reject) =>
      file.syncLater((error) => (error === undefined ? resolve() : reject(error))),
    );
  } finally {
    file.close();
  }
  files.rename(temporary, path);
}

/** Reads one. Throws JOURNAL_DAMAGED when a byte of it is not as it was written. */
export function readSnapshot(path: string): Snapshot {
  const bytes = readFileSync(path);
  const last = bytes.lastIndexOf(10, bytes.length - 2) + 1;
  const sum = createHash('sha256').update(bytes.subarray(0, last)).digest('hex');
  if (bytes.toString('utf8', last) !== `${JSON.stringify({ sha256: sum })}\n`)
    throw new MillraceError('JOURNAL_DAMAGED', `${path}: the checksum of the snapshot is wrong`);
  const texts = bytes.toString('utf8', 0, last - 1).split('\n');
  const parts: Record<string, unknown> = {};
  const orders: { closed: unknown[]; open: unknown[] } = { closed: [], open: [] };
  let head: SnapshotHead | undefined;
  for (const text of texts) {
    const line = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const [key = '', value] = Object.entries(line)[0] ?? [];
    if (key === 'head') head = value as SnapshotHead;
    else if (key === 'closed' || key === 'open') orders[key].push(...(value as unknown[]).map(unpack));
    else parts[key] = unpack(value);
  }
  if (head?.schema !== SCHEMA)
    throw new MillraceError(
      'JOURNAL_DAMAGED',
      `${path}: this build reads ${SCHEMA}, not ${String(head?.schema)}`,
    );
  const { strategies, ...rest } = parts;
  const state = { ...rest, orders: { ...(rest['orders'] as object), ...orders } } as unknown as SavedState;
  return { head, state, strategies: strategies as Snapshot['strategies'] };
}

/** The snapshots of one session, beside its segments. */
export class SnapshotStore {
  readonly #files: FilePort;
  readonly folder: string;
  readonly #session: string;

  constructor(files: FilePort, folder: string, session: string) {
    this.#files = files;
    this.folder = folder;
    this.#session = session;
  }

  /** Puts together what {@link SnapshotStore.write} takes; cheap: it shares what never changes. */
  take(
    state: { save(): SavedState; hash(): string; readonly seq: number; readonly at: Micros },
    strategies: ReadonlyMap<string, SavedStrategy>,
  ): Snapshot {
    const { seq, at } = state;
    const head = { schema: SCHEMA, session: this.#session, seq, at, hash: state.hash() };
    return { head, state: state.save(), strategies };
  }

  /** Rejects when the disk does not take it; what was there before stays. */
  async write(name: string, snapshot: Snapshot, breathe: () => Promise<void> = yieldToHost): Promise<void> {
    this.#files.makeFolder(this.folder);
    await write(this.#files, join(this.folder, name), snapshot, breathe);
    await new Promise<void>((resolve, reject) =>
      this.#files.syncFolder(this.folder, (error) => (error === undefined ? resolve() : reject(error))),
    );
  }

  /** Names of those taken while it ran, newest first. */
  periodic(): readonly string[] {
    return readdirSync(this.folder)
      .filter((name) => PERIODIC.test(name))
      .sort()
      .reverse();
  }

  /** Removes all but the newest `keep`, and what a crash left half written. */
  prune(keep: number): void {
    for (const name of readdirSync(this.folder))
      if (name.endsWith('.json.tmp')) this.#files.remove(join(this.folder, name));
    for (const name of this.periodic().slice(keep)) this.#files.remove(join(this.folder, name));
  }
}
