import { sessionAt } from '../matching/session.js';
import type { SessionCalendar } from '../model/instrument.js';
import { MICROS_PER_DAY, MICROS_PER_MINUTE, type Micros } from '../model/time.js';
import { Zone, zone } from '../streams/zone.js';

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

/** The first instant after `at` that is `minutes` after local midnight in `zoneName`. */
export function nextDaily(zoneName: string, at: Micros, minutes: number): Micros {
  const z = zone(zoneName);
  let day = Zone.midnight(z.toLocal(at));
  for (;;) {
    const time = z.toUtc(day + minutes * MICROS_PER_MINUTE);
    if (time > at) return time;
    day += MICROS_PER_DAY;
  }
}
