import { reasonText } from '../model/reason.js';
import type { VenueOrder } from './order.js';

/** Client order ids remembered for duplicates; the oldest are forgotten first. */
const MAX_USED = 100_000;

/** Ids one order answers to. */
const MAX_NAMES = 256;

/**
 * Client order ids of the venue. An order answers to the newest {@link MAX_NAMES} ids it had, so that a cancel that crossed a replace on the
 * wire still finds it.
 */
export class OrderIds {
  readonly #open = new Map<string, VenueOrder>();
  readonly #names = new Map<VenueOrder, string[]>();
  readonly #used = new Set<string>();

  open(clientOrderId: string): VenueOrder | undefined {
    return this.#open.get(clientOrderId);
  }

  used(clientOrderId: string): boolean {
    return this.#used.has(clientOrderId);
  }

  /** Remembers an id as used, accepted or not. */
  note(clientOrderId: string): void {
    this.#used.add(clientOrderId);
    if (this.#used.size <= MAX_USED) return;
    for (const oldest of this.#used) {
      this.#used.delete(oldest);
      break;
    }
  }

  add(clientOrderId: string, order: VenueOrder): void {
    this.note(clientOrderId);
    this.#open.set(clientOrderId, order);
    const names = this.#names.get(order);
    if (names === undefined) this.#names.set(order, [clientOrderId]);
    else {
      names.push(clientOrderId);
      if (names.length > MAX_NAMES) this.#open.delete(names.shift() ?? '');
    }
  }

  close(order: VenueOrder): void {
    for (const name of this.#names.get(order) ?? []) this.#open.delete(name);
    this.#names.delete(order);
  }

  /** Why there is no open order of this id. */
  missing(clientOrderId: string): string {
    return reasonText(this.#used.has(clientOrderId) ? 'ORDER_CLOSED' : 'ORDER_NOT_FOUND', {
      client_order_id: clientOrderId,
    });
  }
}
