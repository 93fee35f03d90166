import { Decimal } from './decimal.js';
import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_MS,
  MICROS_PER_SECOND,
  type Micros,
} from './time.js';

/**
 * Quantities with units as people write them: durations `40ms`, rates `5/s`, money `500 USDT`, fractions `10 bps`.
 * Each parser returns `undefined` for text it does not understand; the caller says where the text stood.
 */

const DURATION = /^(\d+(?:\.\d+)?)\s*(us|ms|s|m|h|d)$/;
const DURATION_UNITS: Readonly<Record<string, Micros>> = {
  us: 1,
  ms: MICROS_PER_MS,
  s: MICROS_PER_SECOND,
  m: MICROS_PER_MINUTE,
  h: MICROS_PER_HOUR,
  d: MICROS_PER_DAY,
};

/** `500ms`, `5s`, `1m`, `2h`, `1d` as microseconds. */
export function parseDuration(text: string): Micros | undefined {
  const match = DURATION.exec(text.trim());
  if (match === null) return undefined;
  const unit = DURATION_UNITS[match[2] ?? ''];
  return unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
}

export function formatDuration(value: Micros): string {
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const size = DURATION_UNITS[unit] ?? 1;
    if (value >= size && value % size === 0) return `${value / size}${unit}`;
  }
  return `${value}us`;
}

export interface Rate {
  readonly count: number;
  readonly per: Micros;
}

const RATE = /^(\d+(?:\.\d+)?)\s*\/\s*(\d*(?:\.\d+)?)(ms|s|sec|min|m|h|d)$/;

/** `5/s`, `300/min`, `1/10s` as a count per microseconds. */
export function parseRate(text: string): Rate | undefined {
  const match = RATE.exec(text.trim());
  if (match === null) return undefined;
  const name = match[3] === 'min' ? 'm' : match[3] === 'sec' ? 's' : (match[3] ?? '');
  const per = parseDuration(`${match[2] === '' ? '1' : match[2]}${name}`);
  const count = Number(match[1]);
  return per === undefined || per <= 0 || !(count > 0) ? undefined : { count, per };
}

export interface Money {
  readonly amount: Decimal;
  readonly currency: string;
}

const MONEY = /^(-?\d+(?:\.\d+)?)\s+([A-Z][A-Z0-9]{1,9})$/;

/** `500 USDT`. */
export function parseMoney(text: string): Money | undefined {
  const match = MONEY.exec(text.trim());
  return match === null ? undefined : { amount: new Decimal(match[1] ?? '0'), currency: match[2] ?? '' };
}

const FRACTION = /^(-?\d+(?:\.\d+)?)\s*(bps|%)$/;

/** `10 bps` or `0.1%` as a fraction (0.001). */
export function parseFraction(text: string): Decimal | undefined {
  const match = FRACTION.exec(text.trim());
  if (match === null) return undefined;
  return new Decimal(match[1] ?? '0').div(match[2] === 'bps' ? 10_000 : 100);
}

const DECIMAL = /^-?\d+(?:\.\d+)?$/;

export function parseDecimal(text: string): Decimal | undefined {
  return DECIMAL.test(text.trim()) ? new Decimal(text.trim()) : undefined;
}
