import { randomBytes } from 'node:crypto';
import { wallMs } from './guard.js';

/**
 * A new session id: seconds since 2020 in base 36, then four random characters. Sorts by time, is short enough to be
 * part of every client order id, and two engines started in the same second still differ.
 */
export function newSession(): string {
  const seconds = Math.floor(wallMs() / 1000) - 1_577_836_800;
  const random = randomBytes(4).readUInt32BE(0) % 36 ** 4;
  return `${seconds.toString(36)}${random.toString(36).padStart(4, '0')}`;
}
