import type { Event } from '../../model/record.js';
import type { Journal } from '../../sinks/journal/index.js';
import { placeText } from '../../sinks/journal/frame.js';
import type { State } from '../../state/state.js';
import type { CheckedTopology } from '../../topology/checked.js';
import type { Log } from '../../topology/spec.js';
import { Engine } from '../engine.js';
import { installGuard } from '../guard.js';
import type { Snapshot } from './snapshots.js';

const MARKET: ReadonlySet<string> = new Set(['trade', 'quote', 'book', 'bar', 'status']);

/**
 * State from the record alone: the newest good snapshot, then every journaled input and child behind it. No strategy
 * runs; only the nodes that decide which market data counts (normalize, book) do, since what they accept is no record
 * of its own. A book or filter that had seen data before the snapshot begins afresh with the tail.
 */
export function foldJournal(
  topology: CheckedTopology,
  journal: Journal,
  from: Snapshot | undefined,
  log: Log,
): State {
  const accepting = marketNodes(topology);
  const engine = new Engine(
    { ...topology, operators: accepting, sinks: [], brokers: [] },
    {
      session: journal.header.session,
      whole: topology,
      log: { ...log, error: () => undefined },
      verify: { instruments: instrumentsOf(journal), onFrame: () => undefined, anyClock: true },
      ...(from === undefined ? {} : { opening: from.state }),
    },
  );
  const { state, driver } = engine;
  const uninstall = installGuard();
  if (from !== undefined) engine.graph.connect();
  try {
    for (const { input, children } of journal.frames()) {
      const { seq, at } = input;
      if (from !== undefined && seq <= from.head.seq) continue;
      if (MARKET.has(input.kind) && engine.graph.root(input.source) === undefined) driver.continueAt(seq, at);
      else engine.feed([input]);
      state.setTurn(seq, at);
      for (const child of children) state.apply(child as Event);
      state.takeChanges();
    }
  } finally {
    engine.graph.close();
    uninstall();
  }
  if (journal.tail?.torn !== undefined)
    log.warn(`the journal ends inside a record: left out from ${placeText(journal.tail.torn.place)} on`);
  return state;
}

/** Nodes market data passes before State counts it, and what feeds them. */
function marketNodes(topology: CheckedTopology): CheckedTopology['operators'] {
  const needed = new Set<string>();
  for (const op of [...topology.operators].reverse()) {
    if (op.spec.type !== 'normalize' && op.spec.type !== 'book' && !needed.has(op.name)) continue;
    needed.add(op.name);
    for (const { node } of op.inputs) needed.add(node);
  }
  return topology.operators.filter(({ name, spec }) => needed.has(name) && spec.type !== 'strategy');
}

/** Every instrument any life of the session knew, with the index it had. */
function instrumentsOf(journal: Journal): Journal['header']['instruments'] {
  let { instruments } = journal.header;
  for (const frame of journal.frames()) instruments = frame.begins?.instruments ?? instruments;
  return instruments;
}
