import { MillraceError } from '../model/reason.js';
import type { InputEvent } from '../model/event.js';
import { MARKET_KINDS } from '../model/record.js';
import { readJournal, type Journal } from '../sinks/journal/index.js';
import type { PullSource } from '../streams/source.js';
import type { CheckedSource, CheckedTopology } from '../topology/checked.js';
import type { SourceSpec } from '../topology/spec.js';

const MARKET: ReadonlySet<string> = new Set(MARKET_KINDS);
const BATCH = 1_024;

/**
 * The topology as a backtest: recorded data as fast as possible, simulated brokers only. With a journal, its market
 * events take the place of the market sources of the same names; clock turns are derived again and fills made anew.
 */
export function forBacktest(topology: CheckedTopology, journalPath?: string): CheckedTopology {
  const real = topology.brokers.find((broker) => !broker.spec.simulated);
  if (real !== undefined && topology.sinks.some((sink) => sink.broker === real.name)) {
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `a backtest cannot send orders to "${real.name}"`,
      'point the orders sink at a paper broker',
    );
  }
  const journal = journalPath === undefined ? undefined : readJournal(journalPath);
  return {
    ...topology,
    mode: 'replay',
    sources: topology.sources.map((source) => backtestSource(source, journal)),
  };
}

function backtestSource(source: CheckedSource, journal: Journal | undefined): CheckedSource {
  if (!source.emits.some((kind) => MARKET.has(kind))) return source;
  const spec: SourceSpec = {
    ...source.spec,
    type: 'recorded',
    pushed: false,
    make: (config, context) =>
      journal === undefined
        ? atFullSpeed(source.spec.make(config, context), source.name)
        : fromJournal(journal, source.name),
  };
  return { ...source, spec };
}

function atFullSpeed(made: ReturnType<SourceSpec['make']>, name: string): PullSource {
  if (made.type === 'push') {
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `source "${name}" is live, a backtest needs recorded data`,
      'use a replay or synthetic source, or --journal',
    );
  }
  return { ...made, pace: Infinity };
}

function fromJournal(journal: Journal, name: string): PullSource {
  let end = -Infinity;
  return {
    type: 'pull',
    pace: Infinity,
    // deadlines fire up to where the session was stopped, as they did then
    ends: () => end,
    *batches(): Generator<readonly InputEvent[]> {
      let batch: InputEvent[] = [];
      for (const { input } of journal.frames()) {
        if (input.kind === 'control' && input.action === 'stop') end = input.at;
        if (input.source !== name || !MARKET.has(input.kind)) continue;
        batch.push(input);
        if (batch.length === BATCH) {
          yield batch;
          batch = [];
        }
      }
      if (batch.length > 0) yield batch;
    },
  };
}
