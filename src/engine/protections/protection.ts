import type { SafetyAction } from '../../topology/safety-schema.js';
import type { InputEvent } from '../../model/event.js';
import type { Event } from '../../model/record.js';
import type { Micros } from '../../model/time.js';

/** How much of its limit is used, and the figures in words. NaN: nobody knows, which counts as passed. */
export interface Reading {
  readonly used: number;
  readonly text: string;
}

/** One thing that is watched: how much of its limit is used now. Reads only; the guard decides. */
export interface Protection {
  /** `daily_loss`, `stale_feed/ticks/BTCUSDT`. */
  readonly name: string;
  readonly limit: string;
  readonly action: SafetyAction;
  /** How long the limit must be passed before it fires. */
  readonly confirm: Micros;
  /** Resume by itself after so long below the limit; undefined: an operator resumes. */
  readonly resumeAfter?: Micros | undefined;
  /** What brings it back, for a person. */
  readonly reset: string;
  /** True: looked at after turns, so that the same events give the same decision. False: by the wall clock. */
  readonly byEvents: boolean;
  /** Undefined: does not apply now. `at` is engine time, or wall time where it goes by the wall clock. */
  read(at: Micros): Reading | undefined;
  /** One complete turn. */
  saw?(input: InputEvent, children: readonly Event[]): void;
  close?(): void;
}
