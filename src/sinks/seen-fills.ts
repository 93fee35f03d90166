import type { ExecutionEvent } from '../model/event.js';
import type { StateView } from '../state/view.js';

/** Fills of one session whose ids are remembered. */
const REMEMBERED = 65_536;

/**
 * Tells a fill from a repeated report of it (a reconnect tells the last ones again), as State does: by execution id
 * within one order. A report without an id is never taken for a repeated one.
 * Memory: the last 65,536 ids.
 */
export class SeenFills {
  readonly #orders: Pick<StateView['orders'], 'byClientOrderId' | 'byVenueOrderId'>;
  readonly #seen = new Set<string>();

  constructor(orders: Pick<StateView['orders'], 'byClientOrderId' | 'byVenueOrderId'>) {
    this.#orders = orders;
  }

  /** True when this fill was told before. */
  repeated(e: ExecutionEvent): boolean {
    if (e.execId === '') return false;
    const order =
      this.#orders.byClientOrderId(e.clientOrderId) ?? this.#orders.byVenueOrderId(e.broker, e.venueOrderId);
    // Ids of some venues repeat between instruments, and one trade may have two orders of ours on its sides.
    const key = `${e.broker}|${e.account}|${order?.orderKey ?? `${e.instrument}|${e.side}`}|${e.execId}`;
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    if (this.#seen.size > REMEMBERED) {
      const oldest = this.#seen.values().next();
      if (oldest.done !== true) this.#seen.delete(oldest.value);
    }
    return false;
  }
}
