import type { Micros } from '../../model/time.js';
import type { TriggerSource } from '../../state/trigger-watch.js';

/** Settings of a `manage` node, under the names they have in a topology. */
export interface ManageOptions {
  /**
   * Where stops and trailing stops wait: `auto` at the venue where the instrument lists the type, else here; `venue`
   * always there; `emulated` always here.
   */
  readonly stops: 'auto' | 'venue' | 'emulated';
  /** Exits of one group that may rest at the venue: `both`, or `one`, the target, while the stop is watched here. */
  readonly exits: 'both' | 'one';
  /** `drop`: exits rest without the reduce-only flag, for venues that take it only on orders that fill at once. */
  readonly reduce_only: 'keep' | 'drop';
  /** Brokers that link orders themselves: linked orders for them pass as they are. */
  readonly native: readonly string[];
  /** Price that sets off a stop watched here. */
  readonly trigger: TriggerSource;
  /** What happens when an exit is refused for good: try again, close what lost its protection, or halt trading. */
  readonly on_reject: 'retry' | 'flatten' | 'halt';
  /** Attempts after the first, of an exit and then of the order that closes instead. */
  readonly retries: number;
  /** Time before the next attempt; doubles up to a minute while the refusal is one that goes away by itself. */
  readonly retry_after: Micros;
  /** How long an exit that must leave at once waits for the cancels of the others of its group. */
  readonly cancel_wait: Micros;
  /** What happens when two orders of a group filled: `restore` takes back what was too much. */
  readonly on_race: 'restore' | 'leave';
}

export const MANAGE_DEFAULTS: ManageOptions = {
  stops: 'auto',
  exits: 'both',
  reduce_only: 'keep',
  native: [],
  trigger: 'last',
  on_reject: 'flatten',
  retries: 3,
  retry_after: 1_000_000,
  cancel_wait: 1_000_000,
  on_race: 'restore',
};
