/**
 * Lets each user data event pass once while two connections deliver the same ones. An event is new when a connection
 * has delivered it more often than any connection before: two changes that happen to look alike (two equal transfers
 * in one millisecond) therefore both pass, and their copies do not.
 *
 * Memory: the last `keep` different events.
 */
export class UserEventFilter {
  readonly #keep: number;
  readonly #seen = new Map<string, Seen>();
  #dropped = 0;

  constructor(keep = 4_096) {
    this.#keep = keep;
  }

  /** True when the event, delivered by connection `link`, is new. */
  take(link: number, event: unknown): boolean {
    const key = eventKey(event);
    let seen = this.#seen.get(key);
    if (seen === undefined) {
      seen = { passed: 0, byLink: new Map() };
      this.#seen.set(key, seen);
      this.#forget();
    }
    const count = (seen.byLink.get(link) ?? 0) + 1;
    seen.byLink.set(link, count);
    if (count <= seen.passed) {
      this.#dropped++;
      return false;
    }
    seen.passed = count;
    return true;
  }

  /** Copies left out so far. */
  get dropped(): number {
    return this.#dropped;
  }

  #forget(): void {
    if (this.#seen.size <= this.#keep) return;
    const oldest = this.#seen.keys().next();
    if (oldest.done !== true) this.#seen.delete(oldest.value);
  }
}

interface Seen {
  passed: number;
  readonly byLink: Map<number, number>;
}

/** Kinds that carry a time or number of their own, so that the time of sending need not tell them apart. */
const DATED: ReadonlySet<unknown> = new Set([
  'executionReport',
  'outboundAccountPosition',
  'balanceUpdate',
  'externalLockUpdate',
  'listStatus',
]);

/**
 * What makes an event the same on two connections. Execution reports: symbol, order, execution id, trade id and kind.
 * Others: all they say; of kinds that carry their own time, without the time they were sent.
 */
function eventKey(event: unknown): string {
  if (typeof event !== 'object' || event === null) return String(event);
  const { e, s, i, I, t, x, X } = event as Readonly<Record<string, unknown>>;
  if (e === 'executionReport' && I !== undefined) return ['x', s, i, I, t, x, X].join('|');
  return JSON.stringify(DATED.has(e) ? { ...event, E: 0 } : event);
}
