import type { Decimal } from '../model/decimal.js';

/** `1,234.50 USDT`: two decimals, grouped. For reading only; records keep the exact value. */
export function money(value: Decimal, currency: string): string {
  const [whole = '0', fraction = '00'] = value.toFixed(2).split('.');
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}.${fraction} ${currency}`;
}

/** A quantity or price with at most eight decimals. */
export function quantity(value: Decimal): string {
  return value.toDecimalPlaces(8).toString();
}

/** Rows as a text table: first column left, the others right aligned. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, cell.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
