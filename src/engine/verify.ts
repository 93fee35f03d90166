import { MillraceError } from '../model/reason.js';
import type { Difference, Journal } from '../sinks/journal/index.js';
import { placeText } from '../sinks/journal/frame.js';
import type { CheckedTopology } from '../topology/checked.js';
import type { Log } from '../topology/spec.js';
import { Engine } from './engine.js';
import { JournalFeed } from './feed-journal.js';
import { installGuard } from './guard.js';
import { openingOf } from './recover/opening.js';

/** What a verification found. */
export interface VerifyResult {
  readonly identical: boolean;
  /** Turns compared. */
  readonly turns: number;
  readonly children: number;
  readonly orders: number;
  readonly denied: number;
  readonly clockTurns: number;
  readonly checkpoints: number;
  /** Rolling digest of what was produced now. */
  readonly digest: string;
  /** Digest the journal's end mark states; undefined when the session did not end in order. */
  readonly recordedDigest: string | undefined;
  readonly stateHash: string;
  readonly difference: Difference | undefined;
  /** Words on a torn tail that was left out, if any. */
  readonly torn: string | undefined;
  readonly clean: boolean;
}

export interface VerifyOptions {
  readonly log: Log;
  readonly onProgress?: (turns: number) => void;
}

/**
 * Feeds every recorded input, clock turns and broker answers included, through the same graph with brokers detached,
 * and compares each turn's children with the record. Stops at the first difference.
 */
export function verify(topology: CheckedTopology, journal: Journal, options: VerifyOptions): VerifyResult {
  const feed = new JournalFeed();
  const { header } = journal;
  const opening = header.opening === '' ? undefined : openingOf(journal);
  const engine = new Engine(topology, {
    session: header.session,
    log: options.log,
    info: header,
    verify: { instruments: header.instruments, onFrame: feed.onFrame },
    ...(opening === undefined ? {} : { opening: opening.state, strategies: opening.strategies }),
  });
  const uninstall = installGuard();
  try {
    feed.run(engine, journal, () => {
      if ((feed.turns & 0x3fff) === 0) options.onProgress?.(feed.turns);
    });
  } finally {
    uninstall();
  }
  const { encoder, turns, checkpoints } = feed;
  let { difference } = feed;
  const tail = journal.tail;
  if (difference === undefined && tail?.digest !== undefined && tail.digest !== encoder.digest) {
    difference = {
      seq: turns,
      sub: 0,
      field: 'digest',
      recorded: tail.digest,
      produced: encoder.digest,
      text: `after turn ${turns}: the digest of the session was ${tail.digest}, is now ${encoder.digest}`,
    };
  }
  return {
    identical: difference === undefined,
    turns,
    children: engine.driver.figures.children,
    orders: engine.counters.children['dispatch'] ?? 0,
    denied: engine.counters.children['denied'] ?? 0,
    clockTurns: engine.driver.figures.clockTurns,
    checkpoints,
    digest: encoder.digest,
    recordedDigest: tail?.digest,
    stateHash: engine.state.hash(),
    difference,
    torn:
      tail?.torn === undefined
        ? undefined
        : `${tail.torn.bytes} bytes cut at ${placeText(tail.torn.place)}: ${tail.torn.reason}`,
    clean: tail?.clean ?? false,
  };
}

/** Refuses a journal that another configuration or other strategies wrote: a difference would then prove nothing. */
export function checkSame(
  journal: Journal,
  topology: CheckedTopology,
  strategies: readonly { readonly name: string; readonly sourceHash: string }[],
): void {
  const { header } = journal;
  const help = 'check out the build that wrote it, or replay without --verify to see what differs';
  if (header.configurationHash !== topology.configurationHash) {
    throw new MillraceError(
      'JOURNAL_MISMATCH',
      `the journal was written by another configuration (${header.configurationHash.slice(0, 12)}, not ${topology.configurationHash.slice(0, 12)})`,
      help,
    );
  }
  for (const recorded of header.strategies) {
    const now = strategies.find(({ name }) => name === recorded.name);
    if (now?.sourceHash === recorded.sourceHash) continue;
    throw new MillraceError(
      'JOURNAL_MISMATCH',
      `strategy "${recorded.name}" (${recorded.use}) has changed since the journal was written`,
      help,
    );
  }
}
