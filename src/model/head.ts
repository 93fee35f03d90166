import type { Micros } from './time.js';

/**
 * Every record starts with the same fields. Inputs have `sub` 0 and get their `seq` (from 1) from the sequencer;
 * the consequences of a turn, its children, carry the `seq` of their input and `sub` from 1.
 */
export interface Head<K extends string> {
  readonly kind: K;
  readonly seq: number;
  readonly sub: number;
  /** Engine time: never goes back. */
  readonly at: Micros;
  /** Venue time: metadata only, may run ahead of `at`. */
  readonly ts: Micros;
  /** Topology name of what produced it. */
  readonly source: string;
}
