import type { SessionCalendar } from './instrument.js';
import { MICROS_PER_DAY, MICROS_PER_MINUTE, type Micros } from './time.js';
import { Zone, zone } from './zone.js';

/** One session in engine time: open inclusive, close exclusive. */
export interface SessionWindow {
  readonly open: Micros;
  readonly close: Micros;
}

/** Longest run of days without a session that is searched before the calendar is called empty. */
const MAX_CLOSED_DAYS = 366;

/**
 * The session that is held at `at`, else the next one. Without a calendar: the UTC day. A calendar whose close is not
 * after its open ends on the next day. Throws when the calendar has no session within a year.
 */
export function sessionAt(calendar: SessionCalendar | undefined, at: Micros): SessionWindow {
  if (calendar === undefined) {
    const open = Zone.midnight(at);
    return { open, close: open + MICROS_PER_DAY };
  }
  const today = Zone.midnight(zone(calendar.zone).toLocal(at));
  for (let n = -1; n <= MAX_CLOSED_DAYS; n++) {
    const window = sessionOn(calendar, today + n * MICROS_PER_DAY);
    if (window !== undefined && window.close > at) return window;
  }
  throw new RangeError(
    `session calendar of zone ${calendar.zone} has no session in ${MAX_CLOSED_DAYS} days; check days and holidays`,
  );
}

/** True if a session of the calendar is held at `at`: from its open up to but not including its close. */
export function sessionOpen(calendar: SessionCalendar, at: Micros): boolean {
  const today = Zone.midnight(zone(calendar.zone).toLocal(at));
  return holds(sessionOn(calendar, today), at) || holds(sessionOn(calendar, today - MICROS_PER_DAY), at);
}

function holds(window: SessionWindow | undefined, at: Micros): boolean {
  return window !== undefined && at >= window.open && at < window.close;
}

/** The session that opens on a local date (given by its midnight); undefined when none is held on it. */
function sessionOn(calendar: SessionCalendar, midnight: Micros): SessionWindow | undefined {
  const date = new Date(midnight / 1_000);
  const weekday = date.getUTCDay() === 0 ? 7 : date.getUTCDay();
  if (!calendar.days.includes(weekday)) return undefined;
  if (calendar.holidays.includes(date.toISOString().slice(0, 10))) return undefined;
  const local = zone(calendar.zone);
  const last = calendar.close > calendar.open ? midnight : midnight + MICROS_PER_DAY;
  return {
    open: local.toUtc(midnight + calendar.open * MICROS_PER_MINUTE),
    close: local.toUtc(last + calendar.close * MICROS_PER_MINUTE),
  };
}

/** Answers "in session?" for a mostly ascending series of times; asks the calendar once a session. */
export class SessionClock {
  /** Session that is held at, or follows, the last time asked. */
  open: Micros = 0;
  close: Micros = 0;
  #from: Micros = 0;
  readonly #calendar: SessionCalendar;

  constructor(calendar: SessionCalendar) {
    this.#calendar = calendar;
  }

  /** True when a session is held at `at`; `open` and `close` are then its bounds. */
  contains(at: Micros): boolean {
    if (at < this.#from || at >= this.close) {
      const window = sessionAt(this.#calendar, at);
      this.#from = at;
      this.open = window.open;
      this.close = window.close;
    }
    return at >= this.open;
  }
}

/** A wall-clock time of every day: `time` in minutes after midnight of `zone`. */
export interface DailyTime {
  readonly time: number;
  readonly zone: string;
}

/**
 * The first instant after `at` with that time of day, so days of 23 and 25 hours are followed: a time that daylight
 * saving skips is after the gap, of one that comes twice it is the first. Throws a RangeError for an unknown zone.
 */
export function nextDaily(at: Micros, daily: DailyTime): Micros {
  const local = zone(daily.zone);
  let day = Zone.midnight(local.toLocal(at)) - MICROS_PER_DAY;
  for (;;) {
    const instant = local.toUtc(day + daily.time * MICROS_PER_MINUTE);
    if (instant > at) return instant;
    day += MICROS_PER_DAY;
  }
}
