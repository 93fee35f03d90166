import type { Decimal } from './decimal.js';
import type { Head } from './head.js';
import type { Order } from './order.js';

/** What our books and the venue may disagree about. */
export type BreakSubject = 'order' | 'fill' | 'position' | 'balance';

/** Every kind of difference reconciliation can find. Codes are an interface: they are never renamed. */
export const BREAK_CODES = {
  UNKNOWN_ORDER: 'The venue has an open order that we do not know.',
  REOPENED_ORDER: 'The venue has an order open that we hold for closed.',
  UNRECORDED_STATE: 'The venue tells of an order what no report had told us.',
  ORDER_NOT_AT_VENUE: 'The venue does not know an order we hold for open.',
  REQUEST_LOST: 'A request was never answered, and the venue shows the order without it.',
  ORDER_TERMS: 'Quantity or price of an order differ.',
  ORDER_FILLED_LESS: 'The venue counts less filled than the distinct fills we have.',
  MISSING_FILL: 'A fill that no report had told us.',
  INFERRED_FILL: 'The venue counts more filled than its fills add up to.',
  POSITION: 'Position differs.',
  BALANCE: 'Balance differs.',
  OPENING_POSITION: 'Position at the venue when its books were first compared.',
  OPENING_BALANCE: 'Balance at the venue when its books were first compared.',
} as const;
export type BreakCode = keyof typeof BREAK_CODES;

/**
 * What became of a difference.
 *
 * | | |
 * |---|---|
 * | `adopted` | what the venue has became part of our books |
 * | `corrected` | our books were set to what the venue says |
 * | `applied` | a missed report was fetched and applied |
 * | `inferred` | what the venue counts but does not list was added |
 * | `closed` | the order is closed: the venue does not know it |
 * | `ignored` | left as it is, by configuration |
 * | `gone` | found before, and not any more |
 * | `open` | nobody decided: the gate stays closed as `on_break` says, until it is gone or acknowledged |
 */
export type BreakResolution =
  'adopted' | 'corrected' | 'applied' | 'inferred' | 'closed' | 'ignored' | 'gone' | 'open';

/** One difference between our books and a venue's: both sides, the evidence, and what was done. */
export interface ReconciliationEvent extends Head<'reconciliation'> {
  readonly broker: string;
  readonly account: string;
  readonly subject: BreakSubject;
  readonly code: BreakCode;
  /** What differs: an order key, an execution id, a symbol, a currency. */
  readonly key: string;
  /** Empty and -1 for a balance. */
  readonly instrument: string;
  readonly ix: number;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly ours: string;
  readonly theirs: string;
  /** Theirs less ours, of quantities and amounts. */
  readonly difference: Decimal | undefined;
  /** The venue's figure; a position is signed. */
  readonly amount: Decimal | undefined;
  /** The venue's average price of a position. */
  readonly price: Decimal | undefined;
  /** What was asked, how often, and what came back. */
  readonly evidence: string;
  readonly resolution: BreakResolution;
  /** The adopted order as it now is. */
  readonly order: Order | undefined;
  /** Execution ids already in the filled quantity of the adopted order. */
  readonly execIds: readonly string[];
}

/** Strategy that owns orders somebody else placed in the account. */
export const EXTERNAL_STRATEGY = 'external';

const INFERRED = 'inferred:';

/** Execution id of a fill the venue counts but does not list: the same total gives the same id. */
export function inferredId(instrument: string, orderId: string, cumulative: Decimal): string {
  return `${INFERRED}${instrument}:${orderId}:${cumulative.toString()}`;
}

/** A fill with such an id stands for fills whose own ids may still come. */
export function isInferred(execId: string): boolean {
  return execId.startsWith(INFERRED);
}
