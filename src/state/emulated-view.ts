import type { EmulatedOrder } from './emulated-order.js';

/** What others may ask about orders that live here. */
export interface EmulatedView {
  get(orderKey: string): EmulatedOrder | undefined;
  /** The emulated order an order at a venue works for. */
  ownerOf(childKey: string): EmulatedOrder | undefined;
  /** Orders that are not closed, oldest first; of one node if given. */
  open(node?: string): Iterable<EmulatedOrder>;
  openCount(): number;
  /** True once after something changed that a node may have to act on. */
  takeWoken(): boolean;
  /** Grows with every change a node may have to act on. */
  readonly version: number;
  /** Orders of one group, closed ones included: those of the same `oco`, or the order alone. */
  groupOf(held: EmulatedOrder): readonly EmulatedOrder[];
  /** Orders that wait for the one of this key, closed ones included. */
  waitingFor(orderKey: string): readonly EmulatedOrder[];
}
