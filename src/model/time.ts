/** Integer microseconds since the Unix epoch (a time) or integer microseconds (a duration). */
export type Micros = number;

export const MICROS_PER_MS = 1_000;
export const MICROS_PER_SECOND = 1_000_000;
export const MICROS_PER_MINUTE = 60_000_000;
export const MICROS_PER_HOUR = 3_600_000_000;
export const MICROS_PER_DAY = 86_400_000_000;

/** `2024-08-08T23:54:13.937085Z`: ISO 8601 in UTC with microseconds. */
export function isoMicros(at: Micros): string {
  const ms = Math.floor(at / 1_000);
  const rest = at - ms * 1_000;
  return `${new Date(ms).toISOString().slice(0, -1)}${String(rest).padStart(3, '0')}Z`;
}
