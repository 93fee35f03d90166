import type { Decimal } from '../model/decimal.js';

/** `1,234.50 USDT`: two decimals, grouped. For reading only; records keep the exact value. */
export function money(value: Decimal, currency: string): string {
  return `${grouped(value)} ${currency}`;
}

/** `+1,234.50` or `-0.10`: a gain or a loss. */
export function gain(value: Decimal | undefined): string {
  if (value === undefined) return 'unknown';
  return `${value.isNegative() ? '' : '+'}${grouped(value)}`;
}

/** `1,234.50` */
function grouped(value: Decimal): string {
  const [whole = '0', fraction = '00'] = value.toFixed(2).split('.');
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}.${fraction}`;
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

/** Pieces side by side, as many on a line as fit. */
export function flow(pieces: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + piece.length <= width)
      lines[lines.length - 1] = `${last}   ${piece}`;
    else lines.push(piece);
  }
  return lines;
}

/** `MAX_POSITION 3, STALE_QUOTE 1`, the most frequent first. */
export function counts(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .sort((a, b) => b[1] - a[1])
    .map(([name, n]) => `${name} ${n.toLocaleString('en-US')}`)
    .join(', ');
}
