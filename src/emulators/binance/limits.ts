import { MICROS_PER_DAY, MICROS_PER_MINUTE, MICROS_PER_SECOND, type Micros } from '../../model/time.js';
import { ApiError } from './api-error.js';
import type { LimitConfig } from './config.js';
import type { LimitState } from './types.js';

type Kind = Pick<LimitState, 'rateLimitType' | 'interval' | 'intervalNum'>;

interface Rule extends Kind {
  readonly limit: number;
  readonly length: Micros;
}

/** Use in one clock-aligned window. */
interface Window {
  start: Micros;
  count: number;
}

interface Address {
  readonly weight: Window;
  readonly raw: Window;
  /** Refused requests in a row. */
  refused: number;
  bannedUntil: Micros;
}

/** Request weight and raw requests by address, unfilled orders by account; windows aligned to the clock. */
export class Limits {
  readonly #weight: Rule;
  readonly #raw: Rule;
  readonly #orders: readonly Rule[];
  readonly #banAfter: number;
  readonly #ban: Micros;
  readonly #addresses = new Map<string, Address>();
  readonly #accounts = new Map<string, readonly Window[]>();

  constructor(config: LimitConfig = {}) {
    this.#weight = rule('REQUEST_WEIGHT', 'MINUTE', 1, config.weightPerMinute ?? 6_000);
    this.#raw = rule('RAW_REQUESTS', 'MINUTE', 5, config.rawPer5Minutes ?? 300_000);
    this.#orders = [
      rule('ORDERS', 'SECOND', 10, config.ordersPer10Seconds ?? 100),
      rule('ORDERS', 'DAY', 1, config.ordersPerDay ?? 200_000),
    ];
    this.#banAfter = config.banAfter ?? 10;
    this.#ban = (config.banMs ?? 120_000) * 1_000;
  }

  /** `exchangeInfo.rateLimits`. */
  rules(): readonly Omit<LimitState, 'count'>[] {
    return [this.#weight, ...this.#orders, this.#raw].map(
      ({ rateLimitType, interval, intervalNum, limit }) => ({ rateLimitType, interval, intervalNum, limit }),
    );
  }

  /** Counts a request and its weight. Throws 429 over a limit, 418 when the address went on after that. */
  charge(ip: string, weight: number, now: Micros): void {
    const address = this.#address(ip);
    if (now < address.bannedUntil) throw banned(address.bannedUntil, now);
    const used = use(address.weight, this.#weight, weight, now);
    const raw = use(address.raw, this.#raw, 1, now);
    if (used && raw) {
      address.refused = 0;
      return;
    }
    if (++address.refused > this.#banAfter) {
      address.bannedUntil = now + this.#ban;
      address.refused = 0;
      throw banned(address.bannedUntil, now);
    }
    const over = used ? this.#raw : this.#weight;
    const what = used ? 'raw requests' : 'request weight';
    throw tooMany(
      -1003,
      `Too much request weight used; current limit is ${over.limit} ${what} per ${span(over)}. ` +
        'Please use WebSocket Streams for live updates to avoid polling the API.',
      over,
      now,
    );
  }

  /** Gives weight back: successful orders and cancels weigh nothing. */
  refund(ip: string, weight: number, now: Micros): void {
    const window = this.#address(ip).weight;
    turn(window, this.#weight, now);
    window.count = Math.max(0, window.count - weight);
  }

  /** Counts new orders of an account. Throws 429 (-1015) when one of its windows is full. */
  order(account: string, count: number, now: Micros): void {
    const windows = this.#windows(account);
    this.#orders.forEach((r, i) => {
      const window = windows[i];
      if (window === undefined) return;
      turn(window, r, now);
      if (window.count + count > r.limit)
        throw tooMany(
          -1015,
          `Too many new orders; current limit is ${r.limit} orders per ${span(r)}.`,
          r,
          now,
        );
    });
    for (const window of windows) window.count += count;
  }

  /** Gives order count back, for fills. */
  giveBack(account: string, count: number, now: Micros): void {
    this.#windows(account).forEach((window, i) => {
      const r = this.#orders[i];
      if (r !== undefined) turn(window, r, now);
      window.count = Math.max(0, window.count - count);
    });
  }

  weightState(ip: string, now: Micros): LimitState {
    return state(this.#weight, this.#address(ip).weight, now);
  }

  orderStates(account: string, now: Micros): readonly LimitState[] {
    const windows = this.#windows(account);
    return this.#orders.map((r, i) => state(r, windows[i] ?? { start: 0, count: 0 }, now));
  }

  #address(ip: string): Address {
    let found = this.#addresses.get(ip);
    if (found === undefined) {
      found = {
        weight: { start: 0, count: 0 },
        raw: { start: 0, count: 0 },
        refused: 0,
        bannedUntil: 0,
      };
      this.#addresses.set(ip, found);
    }
    return found;
  }

  #windows(account: string): readonly Window[] {
    let found = this.#accounts.get(account);
    if (found === undefined) {
      found = this.#orders.map(() => ({ start: 0, count: 0 }));
      this.#accounts.set(account, found);
    }
    return found;
  }
}

const UNIT = {
  SECOND: MICROS_PER_SECOND,
  MINUTE: MICROS_PER_MINUTE,
  HOUR: 60 * MICROS_PER_MINUTE,
  DAY: MICROS_PER_DAY,
};

function rule(
  rateLimitType: Kind['rateLimitType'],
  interval: Kind['interval'],
  intervalNum: number,
  limit: number,
): Rule {
  return { rateLimitType, interval, intervalNum, limit, length: UNIT[interval] * intervalNum };
}

const span = (r: Rule): string => `${r.intervalNum} ${r.interval}`;

/** Starts the window that `now` lies in when it is another one. */
function turn(window: Window, r: Rule, now: Micros): void {
  const start = now - (now % r.length);
  if (start === window.start) return;
  window.start = start;
  window.count = 0;
}

function use(window: Window, r: Rule, count: number, now: Micros): boolean {
  turn(window, r, now);
  window.count += count;
  return window.count <= r.limit;
}

function state(r: Rule, window: Window, now: Micros): LimitState {
  turn(window, r, now);
  const { rateLimitType, interval, intervalNum, limit } = r;
  return { rateLimitType, interval, intervalNum, limit, count: window.count };
}

function tooMany(code: number, text: string, r: Rule, now: Micros): ApiError {
  const until = now - (now % r.length) + r.length;
  return new ApiError(429, code, text, waiting(until, now), seconds(until, now));
}

function banned(until: Micros, now: Micros): ApiError {
  return new ApiError(
    418,
    -1003,
    `Way too much request weight used; IP banned until ${Math.ceil(until / 1_000)}. ` +
      'Please use WebSocket Streams for live updates to avoid bans.',
    waiting(until, now),
    seconds(until, now),
  );
}

/** `data` of 429 and 418 on the WebSocket API, in milliseconds. */
function waiting(until: Micros, now: Micros): { readonly serverTime: number; readonly retryAfter: number } {
  return { serverTime: Math.floor(now / 1_000), retryAfter: Math.ceil(until / 1_000) };
}

const seconds = (until: Micros, now: Micros): number =>
  Math.max(1, Math.ceil((until - now) / MICROS_PER_SECOND));
