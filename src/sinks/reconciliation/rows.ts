import type { Event } from '../../model/record.js';

export const COLUMNS: readonly string[] = [
  'ts_us',
  'source',
  'internal_id',
  'broker_order_id',
  'symbol',
  'status',
  'note',
];

/**
 * One line of `reconciliation_journal.tsv`: every order change (`order_update`), and every difference between our books
 * and a venue's (`reconciliation`). Undefined for other records.
 */
export function reconciliationRow(event: Event): string | undefined {
  if (event.kind === 'order') {
    const { orderKey, venueOrderId, instrument, state, reason } = event.order;
    return line(event.at, 'order_update', orderKey, venueOrderId, instrument, state, reason);
  }
  if (event.kind !== 'reconciliation') return undefined;
  const { code, key, venueOrderId, instrument, resolution, ours, theirs, evidence, broker } = event;
  const note = `${broker}: ${code}: ours ${ours}; theirs ${theirs}; ${evidence}`;
  return line(event.at, 'reconciliation', key, venueOrderId, instrument, resolution, note);
}

/** Tabs and line breaks inside a field would break the line: each becomes a blank. */
function line(...fields: readonly (string | number)[]): string {
  return `${fields.map((field) => String(field).replace(/[\t\r\n]+/g, ' ')).join('\t')}\n`;
}
