/**
 * Deterministic client order id of one request: original session, seq and sub of its dispatch record, in base 36.
 * Letters, digits and `-` only and at most 32 characters, so that it fits every venue we know (Binance takes 36).
 * The session part is what recognises our own orders after a restart.
 */
export function clientOrderId(session: string, seq: number, sub: number): string {
  return `${session}-${seq.toString(36)}-${sub.toString(36)}`;
}
