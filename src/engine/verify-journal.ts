import type { Log } from '../topology/spec.js';
import { readJournal, type Journal } from '../sinks/journal/index.js';
import type { CheckedTopology } from '../topology/checked.js';
import { loadStrategies, strategyInfo } from '../topology/load-strategies.js';
import { recordedTopology } from './recorded-topology.js';
import { checkSame, verify, type VerifyResult } from './verify.js';

export interface VerifyJournalOptions {
  /** Default: nothing is logged. */
  readonly log?: Log;
  /** Replay through this one; default: the topology recorded in the journal. */
  readonly topology?: CheckedTopology;
  /** Where relative paths of the recorded topology start, if it has moved. */
  readonly baseDir?: string;
  /**
   * True (default): rejects with JOURNAL_MISMATCH when configuration or strategies are not those that wrote it, since a
   * difference would then prove nothing.
   */
  readonly strict?: boolean;
}

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Feeds a journal again, brokers detached, and compares every decision with the record. `journal` is the folder of a
 * session, one segment, or a journal that was read. Rejects with JOURNAL_DAMAGED at a damaged record.
 */
export async function verifyJournal(
  journal: string | Journal,
  options: VerifyJournalOptions = {},
): Promise<VerifyResult> {
  const read = typeof journal === 'string' ? readJournal(journal) : journal;
  const { header } = read;
  const base = options.baseDir ?? header.baseDir;
  const topology = await loadStrategies(
    options.topology ?? (await recordedTopology(header, base, undefined)),
  );
  if (options.strict !== false) checkSame(read, topology, strategyInfo(topology));
  return verify(topology, read, { log: options.log ?? silent });
}
