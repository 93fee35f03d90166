const ZERO = 48;
const MINUS = 45;
const DOT = 46;

const POWERS = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** 10 to the power of 0..22: exact in floating point. */
export function power10(exponent: number): number {
  return POWERS[exponent] as number;
}

/**
 * The number written in bytes [start, end), correctly rounded; NaN when there is none. Up to 15 digits are read from
 * the bytes (an integer below 2^53 divided by an exact power of ten is correctly rounded), others by `Number`.
 */
export function parseNumber(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  const negative = bytes[i] === MINUS;
  if (negative) i++;
  let value = 0;
  let digits = 0;
  let point = -1;
  for (; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits++;
    } else if (digit === DOT - ZERO && point < 0) {
      point = i;
    } else {
      return parseSlowly(bytes, start, end);
    }
  }
  if (digits === 0) return Number.NaN;
  if (digits > 15) return parseSlowly(bytes, start, end);
  if (point >= 0) value /= POWERS[end - point - 1] as number;
  return negative ? -value : value;
}

function parseSlowly(bytes: Uint8Array, start: number, end: number): number {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    .toString('latin1')
    .trim();
  return NUMBER.test(text) ? Number(text) : Number.NaN;
}

/**
 * A decimal number times 10^shift as an integer, cut (not rounded) after the decimal point; NaN when malformed or
 * negative. For times: `34200.004241176` with shift 6 is 34200004241, `1723161253937085768` with shift -3 is
 * 1723161253937085.
 */
export function parseShifted(bytes: Uint8Array, start: number, end: number, shift: number): number {
  let point = end;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit === DOT - ZERO && point === end) point = i;
    else if (digit < 0 || digit > 9) return Number.NaN;
  }
  if (point === start) return Number.NaN;
  let value = 0;
  let wanted = point - start + shift;
  for (let i = start; i < end && wanted > 0; i++) {
    if (i === point) continue;
    value = value * 10 + (bytes[i] as number) - ZERO;
    wanted--;
  }
  for (; wanted > 0; wanted--) value *= 10;
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

/** Digits only, at most 15 of them; NaN otherwise. */
export function parseDigits(bytes: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 15) return Number.NaN;
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
