import { power10 } from '../csv/number.js';

const QUOTE = 34;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const SPACE = 32;
const DELETE = 127;

const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');
const NULL = Buffer.from('null');

/** Digits that are certainly below 2^53. */
const SAFE_DIGITS = 15;
const LONGEST_NUMBER = 64;

/** Reads the pieces of compact JSON from bytes. What is not exactly as expected is refused, never guessed. */
export class JsonBytes {
  protected bytes: Uint8Array = new Uint8Array(0);
  protected at = 0;

  protected literal(text: Uint8Array): boolean {
    const at = this.at;
    const bytes = this.bytes;
    const { length } = text;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== text[i]) return false;
    this.at = at + length;
    return true;
  }

  /** `"x":` gives the byte x, `"xy":` both bytes in one number, a longer key 0; -1: not a plain key. */
  protected key(): number {
    const bytes = this.bytes;
    let at = this.at;
    if (bytes[at++] !== QUOTE) return -1;
    const from = at;
    for (; ; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) break;
      if (byte === undefined || byte < SPACE || byte >= DELETE || byte === BACKSLASH) return -1;
    }
    const length = at - from;
    if (bytes[++at] !== COLON) return -1;
    this.at = at + 1;
    if (length === 1) return bytes[from] as number;
    return length === 2 ? (bytes[from] as number) * 256 + (bytes[from + 1] as number) : 0;
  }

  /** Digits; -1 when it is no whole number, has a leading zero, or more digits than are surely exact. */
  protected whole(): number {
    const bytes = this.bytes;
    const from = this.at;
    let at = from;
    let value = 0;
    for (; ; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    const digits = at - from;
    if (digits === 0 || digits > SAFE_DIGITS || (digits > 1 && bytes[from] === ZERO)) return -1;
    this.at = at;
    return value;
  }

  /** `"123.45"`, correctly rounded: digits below 2^53 divided by an exact power of ten. NaN on any surprise. */
  protected decimal(): number {
    const bytes = this.bytes;
    let at = this.at;
    if (bytes[at++] !== QUOTE) return NaN;
    const from = at;
    let value = 0;
    let point = -1;
    for (; ; at++) {
      const digit = (bytes[at] as number) - ZERO;
      if (digit >= 0 && digit <= 9) value = value * 10 + digit;
      else if (digit === DOT - ZERO && point < 0) point = at;
      else break;
    }
    if (bytes[at] !== QUOTE) return NaN;
    this.at = at + 1;
    const length = at - from;
    if (point < 0) return length === 0 || length > SAFE_DIGITS ? NaN : value;
    const decimals = at - point - 1;
    if (decimals === 0 || point === from) return NaN;
    if (length > SAFE_DIGITS + 1) return length > LONGEST_NUMBER ? NaN : Number(this.#text(from, at));
    return value / power10(decimals);
  }

  #text(from: number, to: number): string {
    let text = '';
    for (let at = from; at < to; at++) text += String.fromCharCode(this.bytes[at] as number);
    return text;
  }

  /** `[["price","size"],...]` into a flat list. */
  protected levels(out: number[]): boolean {
    const bytes = this.bytes;
    if (bytes[this.at++] !== OPEN_LIST) return false;
    if (bytes[this.at] === CLOSE_LIST) {
      this.at++;
      return true;
    }
    for (;;) {
      if (bytes[this.at++] !== OPEN_LIST) return false;
      const price = this.decimal();
      if (!(price > 0) || bytes[this.at++] !== COMMA) return false;
      const size = this.decimal();
      if (!(size >= 0) || bytes[this.at++] !== CLOSE_LIST) return false;
      out.push(price, size);
      const byte = bytes[this.at++];
      if (byte === COMMA) continue;
      return byte === CLOSE_LIST;
    }
  }

  /** 1 for true, 0 for false, -1 for anything else. */
  protected flag(): number {
    if (this.literal(TRUE)) return 1;
    return this.literal(FALSE) ? 0 : -1;
  }

  /** Over a plain text, a plain number, true, false or null. */
  protected skip(): boolean {
    const bytes = this.bytes;
    let at = this.at;
    let byte = bytes[at];
    if (byte === QUOTE) {
      for (at++; ; at++) {
        byte = bytes[at];
        if (byte === QUOTE) break;
        if (byte === undefined || byte < SPACE || byte === BACKSLASH) return false;
      }
      this.at = at + 1;
      return true;
    }
    if (byte === MINUS) this.at++;
    else if (byte === undefined || byte < ZERO || byte > ZERO + 9)
      return this.flag() >= 0 || this.literal(NULL);
    if (this.whole() < 0) return false;
    if (bytes[this.at] !== DOT) return true;
    const from = ++this.at;
    while ((bytes[this.at] as number) >= ZERO && (bytes[this.at] as number) <= ZERO + 9) this.at++;
    return this.at > from;
  }
}
