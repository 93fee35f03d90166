import type { SessionCalendar } from '../model/instrument.js';
import { MICROS_PER_DAY, MICROS_PER_MINUTE, type Micros } from '../model/time.js';

/** One session in engine time: open inclusive, close exclusive. */
export interface SessionWindow {
  readonly open: Micros;
  readonly close: Micros;
}

/** Longest run of days without a session that is searched before the calendar is called empty. */
const MAX_CLOSED_DAYS = 366;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (found === undefined) {
    found = new Intl.DateTimeFormat('en-CA', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(zone, found);
  }
  return found;
}

/** Local wall time of `zone` at `at`, as if it were UTC. */
function localMicros(zone: string, at: Micros): Micros {
  const parts: Record<string, number> = {};
  for (const part of format(zone).formatToParts(new Date(Math.floor(at / 1_000))))
    parts[part.type] = Number(part.value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1_000;
}

/** Engine time of a local wall time; two rounds settle the offset across a change of daylight saving. */
function fromLocal(zone: string, local: Micros): Micros {
  let at = local;
  for (let i = 0; i < 2; i++) at += local - localMicros(zone, at);
  return at;
}

/**
 * The session that is held at `at`, else the next one. Without a calendar: the UTC day. A calendar whose close is not
 * after its open ends on the next day. Throws when the calendar has no session within a year.
 */
export function sessionAt(calendar: SessionCalendar | undefined, at: Micros): SessionWindow {
  if (calendar === undefined) {
    const open = Math.floor(at / MICROS_PER_DAY) * MICROS_PER_DAY;
    return { open, close: open + MICROS_PER_DAY };
  }
  const today = Math.floor(localMicros(calendar.zone, at) / MICROS_PER_DAY) * MICROS_PER_DAY;
  for (let n = -1; n <= MAX_CLOSED_DAYS; n++) {
    const date = today + n * MICROS_PER_DAY;
    const day = new Date(date / 1_000);
    if (!calendar.days.includes(day.getUTCDay() === 0 ? 7 : day.getUTCDay())) continue;
    if (calendar.holidays.includes(day.toISOString().slice(0, 10))) continue;
    const length = calendar.close > calendar.open ? 0 : MICROS_PER_DAY;
    const close = fromLocal(calendar.zone, date + calendar.close * MICROS_PER_MINUTE + length);
    if (close > at)
      return { open: fromLocal(calendar.zone, date + calendar.open * MICROS_PER_MINUTE), close };
  }
  throw new RangeError(
    `session calendar of zone ${calendar.zone} has no session in ${MAX_CLOSED_DAYS} days; check days and holidays`,
  );
}
