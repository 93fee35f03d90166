import type { InputEvent } from '../model/event.js';
import type { Event } from '../model/record.js';
import type { ProtectionStatus } from './protections/status.js';

/** What the engine tells those who watch over it. Nothing of it is called while a journal is fed. */
export interface Guardian {
  /** Asked before every write of a new or replace command: why nothing may leave, if so. */
  tripped(): string | undefined;
  /** One complete turn, still inside it: look, do not act. */
  saw(input: InputEvent, children: readonly Event[]): void;
  /** The same turn is over: what is posted now comes next. */
  turn(): void;
  /** Protections as they stand, for metrics. */
  protections(): readonly ProtectionStatus[];
  /** The journal, which is required, cannot write. */
  journalFailed(reason: string): void;
}
