/**
 * Deterministic client order id of one request: original session, life of the session, seq and sub of its dispatch
 * record, in base 36. Letters, digits and `-` only and at most 32 characters (session up to 16, life up to 2, seq up to
 * 7, sub up to 4), so that it fits every venue we know (Binance takes 36). The session in front is what recognises our
 * own orders after a restart.
 *
 * The life keeps ids apart when a power cut took the last records with it and their seq comes again. The first life is
 * not written.
 */
export function clientOrderId(session: string, life: number, seq: number, sub: number): string {
  const place = `${seq.toString(36)}-${sub.toString(36)}`;
  return life === 1 ? `${session}-${place}` : `${session}-${life.toString(36)}-${place}`;
}
