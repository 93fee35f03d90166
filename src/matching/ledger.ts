import type { Decimal } from '../model/decimal.js';
import type { VenueOrder } from './order.js';

/**
 * The account behind an order, as its venue keeps it. The engine asks before it takes an order and tells of every
 * change, always with the quantity concerned.
 */
export interface Ledger {
  /** Signed position. */
  position(ix: number): Decimal;
  /** Empty when the account can carry `quantity` more of the order at `price`, else the reason it cannot. */
  admit(order: VenueOrder, quantity: Decimal, price: Decimal): string;
  /** The order is open with `quantity`, reserved at `order.reservePrice`. */
  reserve(order: VenueOrder, quantity: Decimal): void;
  /** `quantity` of the order is no longer open. */
  release(order: VenueOrder, quantity: Decimal): void;
  /** `fee` is in the instrument’s cash currency. */
  filled(order: VenueOrder, quantity: Decimal, price: Decimal, fee: Decimal): void;
}
