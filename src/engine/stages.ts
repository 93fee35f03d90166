import type { InputEvent } from '../model/event.js';
import type { Event } from '../model/record.js';
import type { EndOfTurn } from './end-of-turn.js';
import type { Engine } from './engine.js';
import type { TurnStages } from './turn.js';

/** What each turn of an engine goes through. */
export function turnStages(engine: Engine, endOfTurn: EndOfTurn): TurnStages {
  return {
    deliver: (event) => engine.delivery.deliver(event),
    settle: () => endOfTurn.settle(engine.graph, engine.state.takeInFlightCleared()),
    frame: (input, children) => frame(engine, input, children),
    after: () => after(engine),
    closeGate: (code, reason) => engine.outbox.closeGate(code, reason),
  };
}

function frame(engine: Engine, input: InputEvent, children: readonly Event[]): void {
  engine.counters.frame(input, children);
  if (engine.replaying) {
    (engine.options.verify?.onFrame ?? engine.options.refeed)?.(input, children);
    return;
  }
  engine.sinks.frame(input, children);
  if (engine.guardian !== undefined) engine.guardian.saw(input, children);
  engine.observers.saw(input, children);
  if (input.kind === 'control') engine.controls.end(input, children);
  if (input.kind === 'connection') engine.reconciler?.saw(input);
  engine.orders.saw(input, children);
}

function after(engine: Engine): void {
  engine.outbox.flush();
  engine.orders.turn();
  engine.observers.turn();
  if (engine.guardian !== undefined) engine.guardian.turn();
  // Behind everything that leaves: no order waits for it, and State is still that of this turn.
  if (!engine.replaying && engine.driver.seq % 1000 === 0)
    engine.sinks.journal?.checkpoint(engine.state.hash());
}
