import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  type Micros,
} from '../../model/time.js';
import { Zone, daysFromCivil, isDate, parseInstant, zone } from '../../model/zone.js';
import type { CsvTime } from './mapping.js';
import { parseDigits, parseShifted } from './number.js';

/** Powers of ten that turn the unit into microseconds. */
const EPOCH: Readonly<Record<string, number>> = { s: 6, ms: 3, us: 0, ns: -3 };
const SINCE_MIDNIGHT: Readonly<Record<string, number>> = { s_since_midnight: 6, ms_since_midnight: 3 };

/** Reads the time column of one file. After `read` gave true, `utc` and `local` hold the time of the row. */
export class TimeColumn {
  utc: Micros = 0;
  /** Wall time in the zone, as if it were UTC. */
  local: Micros = 0;
  readonly zone: Zone;
  readonly #read: (bytes: Uint8Array, start: number, end: number) => Micros;
  readonly #absolute: boolean;

  /** `date`: local midnight of the file's day, for times counted from midnight. */
  constructor(time: CsvTime, date: Micros) {
    this.zone = zone(time.zone);
    const epoch = EPOCH[time.format];
    const sinceMidnight = SINCE_MIDNIGHT[time.format];
    this.#absolute = epoch !== undefined || time.format === 'iso';
    if (epoch !== undefined) this.#read = (bytes, start, end) => parseShifted(bytes, start, end, epoch);
    else if (sinceMidnight !== undefined) {
      this.#read = (bytes, start, end) => date + parseShifted(bytes, start, end, sinceMidnight);
    } else if (time.format === 'iso') {
      this.#read = (bytes, start, end) => parseInstant(textOf(bytes, start, end), this.zone) ?? Number.NaN;
    } else this.#read = patternReader(time.format);
  }

  read(bytes: Uint8Array, start: number, end: number): boolean {
    const value = this.#read(bytes, start, end);
    if (!(value > -8.64e18)) return false;
    if (this.#absolute) {
      this.utc = value;
      this.local = this.zone.toLocal(value);
    } else {
      this.local = value;
      this.utc = this.zone.toUtc(value);
    }
    return true;
  }
}

const textOf = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');

const TOKEN = /YYYY|MM|M|DD|D|HH|H|hh|h|mm|m|ss|s|S+|A|./g;
const FIELDS: Readonly<
  Record<string, { readonly part: number; readonly least: number; readonly most: number }>
> = {
  YYYY: { part: 0, least: 4, most: 4 },
  MM: { part: 1, least: 2, most: 2 },
  M: { part: 1, least: 1, most: 2 },
  DD: { part: 2, least: 2, most: 2 },
  D: { part: 2, least: 1, most: 2 },
  HH: { part: 3, least: 2, most: 2 },
  H: { part: 3, least: 1, most: 2 },
  hh: { part: 3, least: 2, most: 2 },
  h: { part: 3, least: 1, most: 2 },
  mm: { part: 4, least: 2, most: 2 },
  m: { part: 4, least: 1, most: 2 },
  ss: { part: 5, least: 2, most: 2 },
  s: { part: 5, least: 1, most: 2 },
};

/** True when a text is a pattern that gives at least a date. */
export function isTimePattern(text: string): boolean {
  const tokens: readonly string[] = text.match(TOKEN) ?? [];
  return (
    tokens.includes('YYYY') &&
    tokens.some((t) => t === 'MM' || t === 'M') &&
    tokens.some((t) => t === 'DD' || t === 'D')
  );
}

/** Reader of local times by pattern; NaN when the text does not fit it or is not a time. */
export function patternReader(pattern: string): (bytes: Uint8Array, start: number, end: number) => Micros {
  const tokens: readonly string[] = pattern.match(TOKEN) ?? [];
  const parts = new Int32Array(6);
  return (bytes, start, end) => {
    parts.fill(0);
    let i = start;
    let micros = 0;
    let half = -1;
    for (const token of tokens) {
      const field = FIELDS[token];
      if (field !== undefined) {
        const from = i;
        while (i < end && i - from < field.most && isDigit(bytes[i])) i++;
        if (i - from < field.least) return Number.NaN;
        parts[field.part] = parseDigits(bytes, from, i);
      } else if (token === 'A') {
        half = halfOfDay(bytes, i, end);
        if (half < 0) return Number.NaN;
        i += 2;
      } else if (token.startsWith('S')) {
        const from = i;
        while (i < end && isDigit(bytes[i])) i++;
        micros = parseShifted(bytes, from, Math.min(i, from + 6), 6 - Math.min(i - from, 6));
        if (Number.isNaN(micros)) return Number.NaN;
      } else if (i >= end || bytes[i++] !== token.charCodeAt(0)) return Number.NaN;
    }
    return i === end ? wallTime(parts, half, micros) : Number.NaN;
  };
}

const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 48 && byte <= 57;

/** 0 for AM, 1 for PM, -1 for neither. */
function halfOfDay(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end || ((bytes[at + 1] as number) | 32) !== 109) return -1;
  const letter = (bytes[at] as number) | 32;
  return letter === 97 ? 0 : letter === 112 ? 1 : -1;
}

function wallTime(parts: Int32Array, half: number, micros: number): Micros {
  const [year, month, day, written, minute, second] = parts as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  let hour = written;
  if (half >= 0) {
    if (hour < 1 || hour > 12) return Number.NaN;
    hour = (hour % 12) + half * 12;
  }
  if (!isDate(year, month, day) || hour > 23 || minute > 59 || second > 60) return Number.NaN;
  return (
    daysFromCivil(year, month, day) * MICROS_PER_DAY +
    hour * MICROS_PER_HOUR +
    minute * MICROS_PER_MINUTE +
    second * MICROS_PER_SECOND +
    micros
  );
}

/** Local midnight of the date in a file name (or a fixed date), for times counted from midnight. */
export function dateOf(date: CsvTime['date'], fileName: string): Micros | undefined {
  let text: string | undefined;
  if ('fixed' in date) text = date.fixed;
  else text = new RegExp(date.file).exec(fileName)?.[1];
  if (text === undefined) return undefined;
  return parseInstant(text, zone('UTC'));
}
