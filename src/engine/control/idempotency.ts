import { createHash } from 'node:crypto';
import { ControlError } from './route.js';

/** An answer as it was sent. */
export interface Sent {
  readonly status: number;
  readonly body: unknown;
}

interface Kept {
  readonly request: string;
  readonly until: number;
  readonly answer: Promise<Sent>;
}

const KEPT_MS = 24 * 3_600_000;
const MOST = 10_000;
const KEY = /^[A-Za-z0-9_.:-]{1,128}$/;

/**
 * Answers a command that was sent twice with what the first one got. A key belongs to one token and one request: with
 * another body it is refused. Keys are kept for a day, at most 10,000; then the oldest are forgotten.
 */
export class Idempotency {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Runs `act` once for one key. Without a key: always. */
  async once(
    key: string | undefined,
    owner: string,
    request: string,
    act: () => Promise<Sent>,
  ): Promise<Sent> {
    if (key === undefined) return act();
    if (!KEY.test(key))
      throw new ControlError(
        400,
        'BAD_REQUEST',
        'the Idempotency-Key is not usable',
        'use up to 128 letters, digits and _ . : -',
      );
    const id = `${owner}\n${key}`;
    const hash = createHash('sha256').update(request).digest('hex');
    const known = this.#kept.get(id);
    if (known !== undefined && known.until > this.#now()) {
      if (known.request === hash) return known.answer;
      throw new ControlError(
        409,
        'IDEMPOTENCY_CONFLICT',
        'this Idempotency-Key was used for another request',
        'use a new key for a new request',
      );
    }
    const answer = act();
    this.#kept.delete(id);
    this.#kept.set(id, { request: hash, until: this.#now() + KEPT_MS, answer });
    if (this.#kept.size > MOST) this.#kept.delete(this.#kept.keys().next().value ?? '');
    try {
      return await answer;
    } catch (error) {
      // Nothing was done: it may be tried again.
      this.#kept.delete(id);
      throw error;
    }
  }
}
