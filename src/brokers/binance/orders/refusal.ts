import { reasonText } from '../../../model/reason.js';
import { CODES } from '../error-codes.js';

/** A refusal by the venue in our words where we have one, always with the venue's code and text. */
export function refusalText(code: number, message: string): string {
  const details = { venue: 'binance', code, message };
  const ours =
    code === CODES.NEW_ORDER_REJECTED || code === CODES.TOO_MANY_ORDERS ? neutral(code, message) : undefined;
  return ours === undefined ? `Binance refused it with code ${code}: ${message}` : reasonText(ours, details);
}

function neutral(code: number, message: string): string | undefined {
  if (code === CODES.TOO_MANY_ORDERS) return 'RATE_LIMIT';
  if (/immediately match and take/i.test(message)) return 'POST_ONLY_WOULD_TRADE';
  if (/insufficient balance/i.test(message)) return 'INSUFFICIENT_CASH';
  if (/market is closed/i.test(message)) return 'MARKET_CLOSED';
  return undefined;
}

/** An open order with this id exists: the request, or an earlier try of it, did arrive. */
export function isDuplicate(code: number, message: string): boolean {
  return code === CODES.NEW_ORDER_REJECTED && /duplicate/i.test(message);
}

/** The venue does not find the order: it filled, ended, or never came. No verdict about the order. */
export function isUnknownOrder(code: number, message: string): boolean {
  return code === CODES.NO_SUCH_ORDER || (code === CODES.CANCEL_REJECTED && !/restrictions/i.test(message));
}
