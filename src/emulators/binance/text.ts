import { type Decimal } from '../../model/decimal.js';
import type { Micros } from '../../model/time.js';
import type { TimeUnit } from './types.js';

/** Amounts on the wire: text with 8 decimals. */
export function amount(value: Decimal | number): string {
  return value.toFixed(8);
}

/** A time on the wire. */
export function wireTime(at: Micros, unit: TimeUnit): number {
  return unit === 'us' ? at : Math.floor(at / 1_000);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Random client order ids as the venue makes them when none is sent: 22 letters and digits. */
export function generatedId(random: () => number): string {
  let id = '';
  for (let i = 0; i < 22; i++) id += ALPHABET[Math.floor(random() * ALPHABET.length)] ?? 'A';
  return id;
}
