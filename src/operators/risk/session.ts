import type { SessionCalendar } from '../../model/instrument.js';
import { MICROS_PER_MS, type Micros } from '../../model/time.js';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

interface LocalTime {
  /** Milliseconds of midnight of the local date, taken as UTC: only for calendar arithmetic. */
  readonly midnight: number;
  readonly minute: number;
}

function localTime(at: Micros, zone: string): LocalTime {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(at / MICROS_PER_MS)) parts[type] = Number(value);
  const part = (name: string): number => parts[name] ?? Number.NaN;
  return {
    midnight: Date.UTC(part('year'), part('month') - 1, part('day')),
    minute: part('hour') * 60 + part('minute'),
  };
}

const MS_PER_DAY = 86_400_000;

function heldOn(session: SessionCalendar, midnight: number): boolean {
  const date = new Date(midnight);
  const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
  return session.days.includes(weekday) && !session.holidays.includes(date.toISOString().slice(0, 10));
}

/**
 * True if the session is open at a time: from `open` up to but not including `close`, local time of its zone.
 * A close at or before the open is on the next day; such a session belongs to the day it opens on.
 */
export function sessionOpen(session: SessionCalendar, at: Micros): boolean {
  const { midnight, minute } = localTime(at, session.zone);
  if (session.close > session.open) {
    return minute >= session.open && minute < session.close && heldOn(session, midnight);
  }
  if (minute >= session.open) return heldOn(session, midnight);
  return minute < session.close && heldOn(session, midnight - MS_PER_DAY);
}
