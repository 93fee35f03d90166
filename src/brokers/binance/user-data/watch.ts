import type { KnownOrders } from '../orders/known-orders.js';
import type { OrderView } from '../orders/views.js';

/** Times in milliseconds. */
export interface UserWatchOptions {
  /** How long the stream may owe a message that it must send. 0: for ever. */
  readonly patience: number;
  /** How often open orders are compared while the stream says nothing. 0: never. */
  readonly every: number;
  /** The session is up and reconciled. */
  readonly ready: () => boolean;
  readonly known: KnownOrders;
  readonly openOrders: () => Promise<readonly OrderView[]>;
  readonly monotonic: () => number;
  readonly stale: (why: string) => void;
}

/**
 * Sees a user data stream that says nothing although its connection lives; the venue sends no sequence that would show
 * it. Two things prove it: a request was carried out and no message came from `patience` before its answer until
 * `patience` after it; or, looked at every so often while nothing comes, the open orders are others than those told, and
 * still are after `patience`. Costs one `openOrders` per look, and nothing while orders are absent or the stream speaks.
 * Memory: two timers.
 */
export class UserStreamWatch {
  readonly #o: UserWatchOptions;
  #heardAt = Number.NEGATIVE_INFINITY;
  #owed: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  /** Changes with every start and stop, so that a late answer decides nothing. */
  #epoch = 0;
  found = 0;

  constructor(options: UserWatchOptions) {
    this.#o = options;
  }

  /** The session became ready. */
  start(): void {
    this.stop();
    if (this.#o.every > 0) this.#arm(this.#o.every);
  }

  stop(): void {
    this.#epoch++;
    clearTimeout(this.#owed);
    clearTimeout(this.#look);
    this.#owed = this.#look = undefined;
  }

  /** A message of the stream came. */
  heard(): void {
    this.#heardAt = this.#o.monotonic();
  }

  /** The venue answered that a request was carried out: the stream must say so too. */
  carriedOut(): void {
    const { patience, monotonic, ready } = this.#o;
    if (patience <= 0 || this.#owed !== undefined || !ready()) return;
    const since = monotonic() - patience;
    this.#owed = setTimeout(() => {
      this.#owed = undefined;
      if (this.#heardAt < since) this.#stale('a request was carried out and it said nothing');
    }, patience);
    this.#owed.unref();
  }

  #arm(wait: number): void {
    const epoch = this.#epoch;
    this.#look = setTimeout(() => void this.#compare(epoch), wait);
    this.#look.unref();
  }

  async #compare(epoch: number): Promise<void> {
    const { every, patience, monotonic, ready, known } = this.#o;
    const quiet = monotonic() - this.#heardAt >= every;
    if (quiet && ready() && known.open().length > 0) {
      const before = this.#heardAt;
      const suspect = await this.#different();
      if (suspect && epoch === this.#epoch) await new Promise((done) => setTimeout(done, patience).unref());
      const still = suspect && epoch === this.#epoch && this.#heardAt === before && (await this.#different());
      if (still && epoch === this.#epoch && this.#heardAt === before) {
        this.#stale('open orders changed and it said nothing');
        return;
      }
    }
    if (epoch === this.#epoch) this.#arm(every);
  }

  /** True when the venue's open orders are surely others than those told. A look that fails shows nothing. */
  async #different(): Promise<boolean> {
    const { known, openOrders } = this.#o;
    try {
      const before = known.open();
      const listed = new Map((await openOrders()).map((o) => [`${o.symbol}|${o.venueOrderId}`, o]));
      return before.some((order) => {
        if (order.ended || order.venueOrderId === '') return false;
        const there = listed.get(`${order.symbol}|${order.venueOrderId}`);
        return there === undefined || order.filled.lt(there.executed);
      });
    } catch {
      return false;
    }
  }

  #stale(why: string): void {
    if (!this.#o.ready()) return;
    this.stop();
    this.found++;
    this.#o.stale(`the user data stream is stale: ${why}`);
  }
}
