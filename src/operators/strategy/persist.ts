import { MillraceError } from '../../model/reason.js';
import type { Micros } from '../../model/time.js';
import { pack, unpack } from '../../state/pack.js';

/** What a strategy keeps for a restart that cannot feed it its past again. */
export interface Memory<T> {
  /**
   * What it needs to go on as if it had never stopped: numbers, texts, Decimals, arrays, Maps, Sets and plain objects of
   * them. Called between turns, and only while no timer of the strategy is pending, since those cannot be kept.
   */
  snapshot(): T;
  /** Takes such a value back: at once, when `persist` is called in the first run of a new session. */
  restore(saved: T): void;
}

/** One strategy in a snapshot. */
export interface SavedStrategy {
  readonly definition: string;
  readonly version: string;
  /** Parameters as JSON: with others a snapshot means nothing. */
  readonly params: string;
  /** Turn and engine time it was taken behind. */
  readonly seq: number;
  readonly at: Micros;
  /** Random numbers drawn. */
  readonly drawn: number;
  /** Of the warm-up, by instrument. */
  readonly barsSeen: readonly number[];
  readonly barStart: readonly number[];
  readonly value: unknown;
}

/** The text two parameter sets are the same by. */
export function paramsText(params: unknown): string {
  return JSON.stringify(pack(params));
}

/** A copy that later changes do not reach. Throws INVALID_CONFIGURATION naming the strategy when it is not plain data. */
export function copied(value: unknown, strategy: string): unknown {
  try {
    return unpack(pack(value));
  } catch (error) {
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `the snapshot of strategy "${strategy}" cannot be kept: ${error instanceof Error ? error.message : String(error)}`,
      'give numbers, texts, Decimals, arrays, Maps, Sets and plain objects of them',
      { cause: error },
    );
  }
}
