/**
 * Connection attempts of all sockets together against the venue's limit for an IP (300 in 5 minutes for streams and
 * WebSocket API alike). None is made while the venue blocks this IP. Memory: one time per attempt in the window.
 */
export class ConnectionBudget {
  readonly #limit: number;
  readonly #monotonic: () => number;
  readonly #blockedFor: () => number;
  #times: number[] = [];
  #attempts = 0;

  /** `blockedFor`: milliseconds during which the venue wants nothing from this IP. */
  constructor(limit: number, monotonic: () => number, blockedFor: () => number) {
    this.#limit = limit;
    this.#monotonic = monotonic;
    this.#blockedFor = blockedFor;
  }

  /** 0: go, and the attempt is counted. Otherwise milliseconds until the next one is allowed. */
  admit(): number {
    const blocked = this.#blockedFor();
    if (blocked > 0) return blocked;
    const now = this.#monotonic();
    const first = this.#times.findIndex((time) => time > now - WINDOW);
    this.#times = first === -1 ? [] : this.#times.slice(first);
    const oldest = this.#times[0];
    if (oldest !== undefined && this.#times.length >= this.#limit) return Math.ceil(oldest + WINDOW - now);
    this.#times.push(now);
    this.#attempts++;
    return 0;
  }

  /** Attempts so far. */
  get attempts(): number {
    return this.#attempts;
  }
}

/** Milliseconds. */
const WINDOW = 300_000;
