import { MICROS_PER_MINUTE } from '../model/time.js';
import { parseTimeOfDay } from '../model/zone.js';

/** `09:30` as minutes after midnight, up to `24:00`; undefined for other text. */
export function parseClock(text: string): number | undefined {
  const micros = /^\d\d:\d\d$/.test(text.trim()) ? parseTimeOfDay(text) : undefined;
  return micros === undefined ? undefined : micros / MICROS_PER_MINUTE;
}

/** Minutes after midnight as `09:30`. */
export function formatClock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}
