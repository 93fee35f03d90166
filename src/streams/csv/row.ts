import { parseNumber } from './number.js';

const NEWLINE = 10;
const RETURN = 13;
const QUOTE = 34;

/** One row of a CSV block: where its fields stand. Fields may be quoted; a quoted field may not span lines. */
export class Row {
  bytes: Uint8Array = new Uint8Array(0);
  /** Fields in the row (those beyond `width` are counted, not kept). */
  count = 0;
  start = 0;
  end = 0;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #delimiter: number;
  readonly #width: number;

  constructor(delimiter: number, width: number) {
    this.#delimiter = delimiter;
    this.#width = width;
    this.starts = new Int32Array(width + 1);
    this.ends = new Int32Array(width + 1);
  }

  /** Reads the row at `from`; gives the position after its line end. */
  read(bytes: Uint8Array, from: number): number {
    const { starts, ends } = this;
    const delimiter = this.#delimiter;
    const width = this.#width;
    const length = bytes.length;
    let column = 0;
    let start = from;
    let i = from;
    for (; i < length; i++) {
      const byte = bytes[i];
      if (byte === delimiter) {
        if (column < width) {
          starts[column] = start;
          ends[column] = i;
        }
        column++;
        start = i + 1;
      } else if (byte === NEWLINE) {
        break;
      } else if (byte === QUOTE && i === start) {
        i = closingQuote(bytes, i + 1);
      }
    }
    const end = i > from && bytes[i - 1] === RETURN ? i - 1 : i;
    if (column < width) {
      starts[column] = start;
      ends[column] = Math.max(start, end);
    }
    this.bytes = bytes;
    this.count = column + 1;
    this.start = from;
    this.end = end;
    return i + 1;
  }

  has(column: number): boolean {
    return column < this.count && (this.starts[column] as number) < (this.ends[column] as number);
  }

  /** NaN when empty, missing or malformed. */
  number(column: number): number {
    if (column >= this.count) return Number.NaN;
    const start = this.starts[column] as number;
    if (this.bytes[start] === QUOTE)
      return parseNumber(this.bytes, start + 1, (this.ends[column] as number) - 1);
    return parseNumber(this.bytes, start, this.ends[column] as number);
  }

  text(column: number): string {
    if (column >= this.count) return '';
    const text = latin(this.bytes, this.starts[column] as number, this.ends[column] as number).trim();
    return text.startsWith('"') && text.endsWith('"') && text.length > 1
      ? text.slice(1, -1).replaceAll('""', '"')
      : text;
  }

  /** The row as it stands in the file, for reports. */
  line(): string {
    return latin(this.bytes, this.start, this.end);
  }
}

function latin(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

/** Position of the quote that ends a field, or the byte before the line end when there is none. */
function closingQuote(bytes: Uint8Array, from: number): number {
  let i = from;
  for (; i < bytes.length && bytes[i] !== NEWLINE; i++) {
    if (bytes[i] !== QUOTE) continue;
    if (bytes[i + 1] !== QUOTE) return i;
    i++;
  }
  return i - 1;
}
