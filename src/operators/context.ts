import type { SchedulerLike } from 'rxjs';
import type { EventKind, Event } from '../model/record.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { Micros } from '../model/time.js';
import type { StateView } from '../state/view.js';

/** What one operator of the running graph gets from the engine. Everything here is legal inside a turn. */
export interface OperatorContext {
  /** Topology name of the node: metric label, log field, `source` of its records. */
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly kinds: readonly EventKind[] }[];
  readonly instruments: InstrumentTable;
  readonly state: StateView;
  /** Event-time scheduler; `now()` in milliseconds. */
  readonly scheduler: SchedulerLike;
  /** Engine time of the turn. */
  at(): Micros;
  /** Seeded, in [0, 1): from configuration and node name. */
  random(): number;
  /** Stamps, folds into State and journals a consequence that does not leave on an edge (logs, marks, queued, ...). */
  record(child: Event): void;
  /** Emits on a named output (`risk.denied`, `bars.late`); recorded like any emission. */
  emit(port: string, event: Event): void;
  /** Runs at the end of each turn in which `touch()` was called, after every node of the graph is done. */
  endOfTurn(flush: () => void): { touch(): void };
  /** Halts trading: closes the gate now, records why. */
  halt(code: string, reason: string): void;
}
