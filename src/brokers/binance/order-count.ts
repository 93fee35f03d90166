import { windowName, type RateLimitRow } from './rate-windows.js';

/** One of the account's order windows, aligned to the venue's clock. */
interface Window {
  readonly length: number;
  limit: number;
  index: number;
  /** Orders of this window as far as known: the venue's count plus what was sent and not answered yet. */
  count: number;
}

/**
 * Our copy of the venue's order count per account. An order beyond a limit is refused here and now instead of being
 * sent and failing; nothing is queued. The venue's own count, told with every answer, corrects it.
 */
export class OrderCount {
  readonly #now: () => number;
  readonly #windows = new Map<number, Window>();
  #inFlight = 0;
  #blockedUntil = 0;
  #refused = 0;

  /** `now`: the venue's time in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts one order; otherwise says why it must not be sent now. */
  take(): string | undefined {
    const now = this.#now();
    const reason = this.#full(now);
    if (reason !== undefined) {
      this.#refused++;
      return reason;
    }
    for (const window of this.#windows.values()) window.count++;
    this.#inFlight++;
    return undefined;
  }

  /** The fate of an order that was taken is known, or given up. */
  settled(): void {
    this.#inFlight = Math.max(0, this.#inFlight - 1);
  }

  learn(row: RateLimitRow): void {
    const window = this.#windows.get(row.length);
    if (window === undefined)
      this.#windows.set(row.length, {
        length: row.length,
        limit: row.limit,
        index: Math.floor(this.#now() / row.length),
        count: row.count ?? 0,
      });
    else window.limit = row.limit;
    if (row.count !== undefined) this.counted(row.length, row.count);
  }

  /** The venue's own count. Orders still under way are not in it. */
  counted(length: number, count: number): void {
    const window = this.#windows.get(length);
    if (window === undefined) return;
    roll(window, this.#now());
    window.count = count + this.#inFlight;
  }

  /** The venue refused an order for the order rate: none is sent before that time is over. */
  block(milliseconds: number): void {
    this.#blockedUntil = Math.max(this.#blockedUntil, this.#now() + milliseconds);
  }

  /** Orders refused here so far. */
  get refused(): number {
    return this.#refused;
  }

  /** Name, count and limit of every window. */
  usage(): readonly { readonly window: string; readonly count: number; readonly limit: number }[] {
    const now = this.#now();
    return [...this.#windows.values()].map((window) => {
      roll(window, now);
      return { window: windowName(window.length), count: window.count, limit: window.limit };
    });
  }

  #full(now: number): string | undefined {
    if (now < this.#blockedUntil)
      return `the venue refused orders for their rate; the next one is possible in ${this.#blockedUntil - now} ms`;
    for (const window of this.#windows.values()) {
      roll(window, now);
      if (window.count >= window.limit)
        return `${window.count} of ${window.limit} orders per ${windowName(window.length)} are used up`;
    }
    return undefined;
  }
}

function roll(window: Window, now: number): void {
  const index = Math.floor(now / window.length);
  if (index === window.index) return;
  window.index = index;
  window.count = 0;
}
