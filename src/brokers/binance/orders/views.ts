import type { Decimal } from '../../../model/decimal.js';
import type { Fill } from '../../../model/event.js';
import type { Side } from '../../../model/instrument.js';
import type { Micros } from '../../../model/time.js';

export const ORDER_STATUSES = [
  'NEW',
  'PENDING_NEW',
  'PARTIALLY_FILLED',
  'FILLED',
  'CANCELED',
  'PENDING_CANCEL',
  'REJECTED',
  'EXPIRED',
  'EXPIRED_IN_MATCH',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** An order as the venue told it, by an answer, a query or a report. */
export interface OrderView {
  readonly symbol: string;
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly side: Side;
  /** The venue's order type, for example `STOP_LOSS_LIMIT`. */
  readonly type: string;
  readonly status: OrderStatus;
  readonly quantity: Decimal;
  readonly executed: Decimal;
  readonly limitPrice: Decimal | undefined;
  readonly stopPrice: Decimal | undefined;
  readonly time: Micros;
  /** Why it ended, as far as the venue tells; may be empty. */
  readonly reason: string;
}

/** One execution. */
export interface TradeView {
  readonly symbol: string;
  /** Unique for the symbol, not beyond. */
  readonly tradeId: string;
  readonly venueOrderId: string;
  /** Empty where the venue tells only its own id. */
  readonly clientOrderId: string;
  readonly side: Side;
  readonly fill: Fill;
  /** Total filled of the order after it, where told. */
  readonly cumulative: Decimal | undefined;
  readonly time: Micros;
}

/** The one id of a fill, the same from a report, from an answer and from the trade list. */
export function execIdOf(symbol: string, tradeId: string): string {
  return `${symbol}:${tradeId}`;
}

export function isEnded(status: OrderStatus): boolean {
  switch (status) {
    case 'FILLED':
    case 'CANCELED':
    case 'REJECTED':
    case 'EXPIRED':
    case 'EXPIRED_IN_MATCH':
      return true;
    default:
      return false;
  }
}
