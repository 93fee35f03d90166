/** One CSV field by RFC 4180: quoted when it holds a comma, a quote or a line break, or starts or ends with a blank. */
export function csvField(value: string | number | boolean | undefined): string {
  if (value === undefined) return '';
  const text = typeof value === 'number' && Number.isNaN(value) ? '' : String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** One CSV record without its line end. */
export function csvRow(fields: readonly (string | number | boolean | undefined)[]): string {
  return fields.map(csvField).join(',');
}
