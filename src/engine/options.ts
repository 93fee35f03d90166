import type { InputEvent } from '../model/event.js';
import type { Instrument } from '../model/instrument.js';
import type { Event } from '../model/record.js';
import type { Micros } from '../model/time.js';
import type { SavedStrategy } from '../operators/strategy/persist.js';
import type { SavedState } from '../state/state.js';
import type { CheckedTopology } from '../topology/checked.js';
import type { Log, SessionInfo } from '../topology/spec.js';

/** Told of every turn while a journal is fed. */
export type OnFrame = (input: InputEvent, children: readonly Event[]) => void;

export interface EngineOptions {
  readonly session: string;
  readonly log: Log;
  /** Wall clock for push sources; undefined: inputs bring their own time. */
  readonly wall?: () => Micros;
  /** Replay with verification: brokers, sources and sinks stay out, clock events come from the journal. */
  readonly verify?: {
    /** The instrument table of the recorded session: brokers are not asked. */
    readonly instruments: readonly Instrument[];
    readonly onFrame: OnFrame;
    /** Clock events fire what is due, whether or not a deadline is known: part of the graph is left out. */
    readonly anyClock?: boolean;
  };
  /** Recovery: begins by feeding the journal of an earlier process, as a verification does, until `goOn`. */
  readonly refeed?: OnFrame;
  /** Instruments an earlier process knew, index by index; those of the topology are added or take their place. */
  readonly instruments?: readonly Instrument[];
  /** State of an earlier process, taken over before the first turn. */
  readonly opening?: SavedState;
  /** What strategies of that process gave to be kept, by node name. */
  readonly strategies?: ReadonlyMap<string, SavedStrategy>;
  /** What State is configured by, when the graph is only a part of it. */
  readonly whole?: CheckedTopology;
  /** For the journal's header and the audit's first line. */
  readonly info?: SessionInfo;
  /** Sinks stay out (bench, plan). */
  readonly withoutSinks?: boolean;
}
