/**
 * Numbers as JSON text, straight into bytes: the same text as `JSON.stringify`, without making a string of it.
 * Every function writes at `at` and returns the place behind; the caller has made room ({@link NUMBER_ROOM} each).
 */

/** Most bytes one number takes: "-1.2345678901234567e-308" in quotes. */
export const NUMBER_ROOM = 32;

const ZERO = 48;
const MINUS = 45;
const POINT = 46;
const QUOTE = 34;

/** "00" to "99". */
const PAIRS: Uint8Array = Uint8Array.from({ length: 200 }, (_, i) =>
  (i & 1) === 0 ? ZERO + Math.floor(i / 20) : ZERO + ((i >>> 1) % 10),
);
const POWERS: Float64Array = Float64Array.from({ length: 10 }, (_, d) => 10 ** d);
const MOST_DECIMALS = 8;
/** Decimals of up to 15 digits and doubles map one to one, so a text that short is the shortest one too. */
const FIFTEEN_DIGITS = 1e15;
/** From here down `String` writes an exponent. */
const SMALLEST_PLAIN = 1e-6;

/** A number as JSON; what JSON cannot hold (NaN, infinities, minus zero) as a string. */
export function putNumberText(bytes: Uint8Array, at: number, value: number): number {
  if (value > 0) return putPositive(bytes, at, value);
  if (value < 0 && value !== -Infinity) {
    bytes[at] = MINUS;
    return putPositive(bytes, at + 1, -value);
  }
  if (value === 0 && 1 / value > 0) {
    bytes[at] = ZERO;
    return at + 1;
  }
  return putSpecial(bytes, at, Object.is(value, -0) ? '-0' : String(value));
}

function putPositive(bytes: Uint8Array, at: number, value: number): number {
  if (value <= Number.MAX_SAFE_INTEGER && value === Math.floor(value)) return putWhole(bytes, at, value);
  if (value >= SMALLEST_PLAIN) {
    for (let d = 1; d <= MOST_DECIMALS; d++) {
      const power = POWERS[d] as number; // d < length
      const scaled = Math.round(value * power);
      if (scaled >= FIFTEEN_DIGITS) break;
      // Both are exact integers, so the quotient is the double nearest to this decimal text.
      if (scaled / power !== value) continue;
      const whole = Math.floor(value);
      const end = putWhole(bytes, at, whole);
      bytes[end] = POINT;
      return putPadded(bytes, end + 1, scaled - whole * power, d);
    }
  }
  return value === Infinity ? putSpecial(bytes, at, 'Infinity') : putAscii(bytes, at, String(value));
}

/** A whole number from 0 to 2^53 - 1. */
function putWhole(bytes: Uint8Array, at: number, value: number): number {
  if (value < 1e8) return putSmall(bytes, at, value | 0);
  const high = Math.floor(value / 1e8);
  return putPadded(bytes, putSmall(bytes, at, high | 0), value - high * 1e8, 8);
}

/** Below 10^9, without leading zeros. */
function putSmall(bytes: Uint8Array, at: number, value: number): number {
  let digits = 1;
  if (value >= 10) digits = value < 100 ? 2 : value < 1e3 ? 3 : value < 1e4 ? 4 : value < 1e5 ? 5 : 6;
  if (digits === 6 && value >= 1e6) digits = value < 1e7 ? 7 : value < 1e8 ? 8 : 9;
  return putPadded(bytes, at, value, digits);
}

/** Below 10^9, with leading zeros up to `digits`. */
function putPadded(bytes: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value | 0;
  let i = at + digits;
  while (i - at >= 2) {
    const next = (rest / 100) | 0;
    const pair = (rest - next * 100) << 1;
    bytes[--i] = PAIRS[pair + 1] as number; // pair < 200
    bytes[--i] = PAIRS[pair] as number;
    rest = next;
  }
  if (i > at) bytes[at] = ZERO + rest;
  return at + digits;
}

function putSpecial(bytes: Uint8Array, at: number, text: string): number {
  bytes[at] = QUOTE;
  const end = putAscii(bytes, at + 1, text);
  bytes[end] = QUOTE;
  return end + 1;
}

/** Text of ASCII characters. */
export function putAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** Bytes prepared before. Short ones: a call that copies memory costs more than it saves. */
export function putBytes(bytes: Uint8Array, at: number, prepared: Uint8Array): number {
  for (let i = 0; i < prepared.length; i++) bytes[at + i] = prepared[i] as number; // i < length
  return at + prepared.length;
}
