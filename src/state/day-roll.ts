import { MICROS_PER_DAY, MICROS_PER_MINUTE, type Micros } from '../model/time.js';
import type { DayRoll } from './config.js';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatFor(zone: string): Intl.DateTimeFormat {
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
      second: '2-digit',
    });
    formats.set(zone, format);
  }
  return format;
}

/** Local wall time of an instant, as if it were UTC, in microseconds (whole seconds). */
function localAsUtc(at: Micros, zone: string): Micros {
  const part: Record<string, number> = {};
  for (const { type, value } of formatFor(zone).formatToParts(Math.floor(at / 1000)))
    part[type] = Number(value);
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) * 1000;
}

/** The instant of a local wall time. A time skipped by daylight saving gives the instant after the gap; of a time that comes twice, the first. */
function instantOf(local: Micros, zone: string): Micros {
  const early = local - (localAsUtc(local - MICROS_PER_DAY, zone) - (local - MICROS_PER_DAY));
  if (localAsUtc(early, zone) === local) return early;
  const late = local - (localAsUtc(local + MICROS_PER_DAY, zone) - (local + MICROS_PER_DAY));
  return localAsUtc(late, zone) === local ? late : Math.max(early, late);
}

/**
 * The first daily roll after `at`: a wall-clock time in its zone, so days of 23 and 25 hours are followed.
 * Throws a RangeError for an unknown zone.
 */
export function nextDayRoll(at: Micros, roll: DayRoll): Micros {
  const local = localAsUtc(at, roll.zone);
  let day = Math.floor(local / MICROS_PER_DAY) * MICROS_PER_DAY - MICROS_PER_DAY;
  for (;;) {
    const instant = instantOf(day + roll.time * MICROS_PER_MINUTE, roll.zone);
    if (instant > at) return instant;
    day += MICROS_PER_DAY;
  }
}
