import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_MS, type Micros } from './time.js';

/** No zone sets its clocks by more than this at once (but for changes of the date line). */
const CLOCK_CHANGE = 3 * MICROS_PER_HOUR;

/**
 * Local wall time of a time zone and back. A local time is written as if it were UTC: microseconds from
 * 1970-01-01T00:00 on the wall. Offsets are looked up once a day and zone, so a row costs a comparison.
 */
export class Zone {
  readonly name: string;
  readonly #offset: (utc: Micros) => Micros;
  /** The day of local time whose offset is known to be constant: [from, to). */
  #localFrom = 0;
  #localTo = 0;
  #localOffset = 0;
  /** The same for a day of UTC. */
  #utcFrom = 0;
  #utcTo = 0;
  #utcOffset = 0;

  constructor(name: string, offset: (utc: Micros) => Micros) {
    this.name = name;
    this.#offset = offset;
  }

  /** Local time minus UTC at an instant. */
  offsetAt(utc: Micros): Micros {
    if (utc >= this.#utcFrom && utc < this.#utcTo) return this.#utcOffset;
    const day = Math.floor(utc / MICROS_PER_DAY) * MICROS_PER_DAY;
    const offset = this.#offset(utc);
    if (this.#offset(day) === offset && this.#offset(day + MICROS_PER_DAY - 1) === offset) {
      this.#utcFrom = day;
      this.#utcTo = day + MICROS_PER_DAY;
      this.#utcOffset = offset;
    }
    return offset;
  }

  toLocal(utc: Micros): Micros {
    return utc + this.offsetAt(utc);
  }

  /**
   * The instant of a local time. A time that occurs twice (clocks set back) is the first of the two; one that does
   * not occur (clocks set forward) moves forward by the length of the hole.
   */
  toUtc(local: Micros): Micros {
    if (local >= this.#localFrom && local < this.#localTo) return local - this.#localOffset;
    const day = Math.floor(local / MICROS_PER_DAY) * MICROS_PER_DAY;
    const end = day + MICROS_PER_DAY;
    const before = this.#offset(day - this.#offset(day) - CLOCK_CHANGE);
    const after = this.#offset(end - this.#offset(end) + CLOCK_CHANGE);
    if (before === after) {
      this.#localFrom = day;
      this.#localTo = end;
      this.#localOffset = before;
      return local - before;
    }
    const early = local - Math.max(before, after);
    const late = local - Math.min(before, after);
    if (this.#offset(early) === local - early) return early;
    if (this.#offset(late) === local - late) return late;
    return local - before;
  }

  /** Local midnight (as local time) of the day that contains a local time. */
  static midnight(local: Micros): Micros {
    return Math.floor(local / MICROS_PER_DAY) * MICROS_PER_DAY;
  }
}

const FIXED = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?$/;
const zones = new Map<string, Zone>();

/** A zone by IANA name (`America/New_York`) or fixed offset (`UTC`, `UTC-05`, `+05:30`). RangeError when unknown. */
export function zone(name: string): Zone {
  let found = zones.get(name);
  if (found === undefined) {
    found = makeZone(name);
    zones.set(name, found);
  }
  return found;
}

/** True for a name that {@link zone} knows. */
export function isZone(name: string): boolean {
  try {
    zone(name);
    return true;
  } catch {
    return false;
  }
}

function makeZone(name: string): Zone {
  if (name === 'UTC' || name === 'GMT' || name === 'Z') return new Zone(name, () => 0);
  const fixed = FIXED.exec(name);
  if (fixed !== null) {
    const size = Number(fixed[2]) * MICROS_PER_HOUR + Number(fixed[3] ?? 0) * MICROS_PER_MINUTE;
    const offset = fixed[1] === '-' ? -size : size;
    return new Zone(name, () => offset);
  }
  return new Zone(name, ianaOffset(name));
}

function ianaOffset(name: string): (utc: Micros) => Micros {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
  } catch (error) {
    throw new RangeError(
      `"${name}" is not a time zone; use an IANA name like America/New_York or a fixed offset like UTC-05`,
      { cause: error },
    );
  }
  return (utc) => {
    const ms = Math.floor(utc / MICROS_PER_MS / 1_000) * 1_000;
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(ms)) part[type] = Number(value);
    const local = Date.UTC(
      part['year'] ?? 0,
      (part['month'] ?? 1) - 1,
      part['day'] ?? 1,
      part['hour'] ?? 0,
      part['minute'] ?? 0,
      part['second'] ?? 0,
    );
    return (local - ms) * MICROS_PER_MS;
  };
}

/** Days since 1970-01-01 of a date of the Gregorian calendar (month 1 to 12); no check of the day of month. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** True for a date that exists. */
export function isDate(year: number, month: number, day: number): boolean {
  if (!(month >= 1 && month <= 12) || !(day >= 1)) return false;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (MONTH_DAYS[month - 1] ?? 0) + (leap ? 1 : 0);
}

/** `09:30` as microseconds after midnight; undefined when it is not a time of day. */
export function parseTimeOfDay(text: string): Micros | undefined {
  const match = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hour > 24 || minute > 59 || second > 59 || (hour === 24 && minute + second > 0)) return undefined;
  return hour * MICROS_PER_HOUR + minute * MICROS_PER_MINUTE + second * 1_000_000;
}

const INSTANT =
  /^(\d{4})-?(\d{2})-?(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/;

/** An ISO date or date-time as an instant; without offset it is local time of `local`. Undefined when malformed. */
export function parseInstant(text: string, local: Zone): Micros | undefined {
  const match = INSTANT.exec(text.trim());
  if (match === null) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined;
  const micros = Number((match[7] ?? '').padEnd(6, '0').slice(0, 6));
  const wall =
    daysFromCivil(year, month, day) * MICROS_PER_DAY +
    hour * MICROS_PER_HOUR +
    minute * MICROS_PER_MINUTE +
    second * 1_000_000 +
    micros;
  const offset = match[8];
  if (offset === undefined) return local.toUtc(wall);
  return offset === 'Z' ? wall : zone(offset).toUtc(wall);
}
