import type { Side } from '../../../model/instrument.js';
import type { Micros } from '../../../model/time.js';
import type { OrderId, Queries } from '../queries.js';
import type { Request } from './event-writer.js';
import type { KnownOrders } from './known-orders.js';
import type { Reporter } from './reporter.js';
import { isEnded, type OrderView } from './views.js';

/** What is not known, and since when. */
export interface Question {
  /** `refresh`: how an order stands, because something about it was lost or unreadable. */
  readonly action: 'new' | 'cancel' | 'replace' | 'refresh';
  /** Id of the request; of the order for `refresh`. */
  readonly clientOrderId: string;
  /** For cancel and replace: the order that is meant. */
  readonly targetId: string;
  /** For a refresh of an order that is known by its venue id only. */
  readonly venueOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly why: string;
}

export interface ResolveOptions {
  /** Times "not found" must have been answered before it is believed. */
  readonly polls: number;
  /** How long it must have held, milliseconds: the receive window, after which a late request is refused, and a margin. */
  readonly settle: number;
  /** Wait before the second look, and the longest wait, milliseconds. */
  readonly first: number;
  readonly longest: number;
  /** Questions open at once; one more and the session fails, because nothing that carries orders may be dropped. */
  readonly most: number;
}

export interface ResolveDeps {
  readonly queries: Pick<Queries, 'order' | 'tradesOf'>;
  readonly reporter: Reporter;
  readonly known: KnownOrders;
  /** Time of the reports made here. */
  readonly now: () => Micros;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  readonly onOverflow: (message: string) => void;
}

interface Job {
  readonly question: Question;
  readonly since: number;
  /** Looks that found nothing decisive, one after the other. */
  misses: number;
  wait: number;
  wake: (() => void) | undefined;
  looked: (() => void)[];
}

/**
 * Finds out what became of requests whose outcome is unknown, by asking the venue for the order by its client order id
 * until it is found, or until "not found" has held for long enough to be the answer. Nothing is ever sent again. A
 * failed query decides nothing and is tried again with growing waits, also through disconnections.
 */
export class Resolver {
  readonly #d: ResolveDeps;
  readonly #o: ResolveOptions;
  readonly #jobs = new Map<string, Job>();
  #closed = false;
  /** Questions answered, and looks that failed. */
  resolved = 0;
  failed = 0;

  constructor(deps: ResolveDeps, options: ResolveOptions) {
    this.#d = deps;
    this.#o = options;
  }

  get open(): number {
    return this.#jobs.size;
  }

  /** Asks, unless the same is asked already. */
  ask(question: Question): void {
    const key = `${question.action}|${question.clientOrderId}|${question.venueOrderId}`;
    if (this.#closed || this.#jobs.has(key)) return;
    if (this.#jobs.size >= this.#o.most) {
      this.#d.onOverflow(`${this.#jobs.size} requests to Binance are without a known outcome`);
      return;
    }
    const job: Job = {
      question,
      since: this.#d.monotonic(),
      misses: 0,
      wait: this.#o.first,
      wake: undefined,
      looked: [],
    };
    this.#jobs.set(key, job);
    void this.#run(key, job);
  }

  /** Looks at every open question now; resolves when each was looked at once more. */
  async kick(): Promise<void> {
    const looks = [...this.#jobs.values()].map(
      (job) =>
        new Promise<void>((resolve) => {
          job.looked.push(resolve);
          job.wake?.();
        }),
    );
    await Promise.all(looks);
  }

  close(): void {
    this.#closed = true;
    for (const job of this.#jobs.values()) job.wake?.();
  }

  async #run(key: string, job: Job): Promise<void> {
    while (!this.#closed) {
      const waiting = job.looked;
      job.looked = [];
      let done = false;
      try {
        done = await this.#look(job);
      } catch {
        this.failed++;
      }
      for (const told of waiting) told();
      if (done) {
        this.resolved++;
        break;
      }
      if (!this.#isClosed() && job.looked.length === 0) await this.#sleep(job);
    }
    this.#jobs.delete(key);
    for (const told of job.looked) told();
  }

  /** Read anew: it may have changed while a look was under way. */
  #isClosed(): boolean {
    return this.#closed;
  }

  #sleep(job: Job): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        job.wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, job.wait);
      job.wait = Math.min(job.wait * 2, this.#o.longest);
      job.wake = wake;
    });
  }

  /** True: answered. Throws when the venue could not be asked. */
  #look(job: Job): Promise<boolean> {
    switch (job.question.action) {
      case 'new':
        return this.#lookNew(job);
      case 'cancel':
        return this.#lookCancel(job);
      case 'replace':
        return this.#lookReplace(job);
      default:
        return this.#lookRefresh(job);
    }
  }

  async #lookNew(job: Job): Promise<boolean> {
    const { question } = job;
    const known = this.#d.known.get(question.clientOrderId);
    if (known?.accepted === true || known?.ended === true) return true;
    const view = await this.#order(question, { clientOrderId: question.clientOrderId });
    if (view !== undefined) return this.#adopt(job, view);
    if (!this.#held(job)) return false;
    this.#d.reporter.rejected(
      request(question),
      `Binance does not know it: it never arrived (${question.why})`,
      this.#d.now(),
    );
    return true;
  }

  async #lookCancel(job: Job): Promise<boolean> {
    const { question } = job;
    const { known, reporter } = this.#d;
    const replace = known.replaceByOld(question.targetId);
    if (replace?.state === 'pending') return false; // its own question tells first what there is to cancel
    if (replace?.state === 'done' && !replace.amend) {
      reporter.cancelRejected(request(question), 'the order was replaced meanwhile', this.#d.now());
      return true;
    }
    if (known.get(question.targetId)?.ended === true) return true;
    const view = await this.#order(question, { clientOrderId: question.targetId });
    if (view !== undefined && isEnded(view.status)) return this.#adopt(job, view);
    if (view !== undefined) await this.#adopt(job, view);
    if (!this.#held(job)) return false;
    const why = view === undefined ? 'Binance does not know the order' : 'the order is still open';
    reporter.cancelRejected(request(question), `${why} (${question.why})`, this.#d.now());
    return true;
  }

  async #lookReplace(job: Job): Promise<boolean> {
    const { question } = job;
    if (this.#d.known.replaceByNew(question.clientOrderId)?.state !== 'pending') return true;
    const placed = await this.#order(question, { clientOrderId: question.clientOrderId });
    if (placed !== undefined) return this.#adopt(job, placed);
    const old = await this.#order(question, { clientOrderId: question.targetId });
    if (old !== undefined) await this.#adopt(job, old);
    // When the old order filled or expired first, nothing new was placed.
    const before = old !== undefined && isEnded(old.status) && old.status !== 'CANCELED';
    if (!before && !this.#held(job)) return false;
    const why = before ? 'the order ended before it was replaced' : 'the replace had no effect';
    this.#d.reporter.replaceRejected(request(question), `${why} (${question.why})`, this.#d.now());
    return true;
  }

  async #lookRefresh(job: Job): Promise<boolean> {
    const { question } = job;
    const id: OrderId =
      question.clientOrderId === ''
        ? { venueOrderId: question.venueOrderId }
        : { clientOrderId: question.clientOrderId };
    const view = await this.#order(question, id);
    return view === undefined ? this.#held(job) : this.#adopt(job, view);
  }

  #order({ symbol }: Question, id: OrderId): Promise<OrderView | undefined> {
    return this.#d.queries.order(symbol, id);
  }

  /** Tells the order as found, fills before its end. False: fills the venue counted are not in its trade list yet. */
  async #adopt(job: Job, view: OrderView): Promise<boolean> {
    const { reporter, known, queries } = this.#d;
    if (view.status !== 'REJECTED') reporter.order({ ...view, status: 'NEW' });
    const filled = (): boolean => known.get(view.clientOrderId)?.filled.gte(view.executed) === true;
    if (view.executed.gt(0) && !filled()) {
      for (const trade of await queries.tradesOf(view.symbol, view.venueOrderId))
        reporter.fill({ ...trade, clientOrderId: view.clientOrderId });
      if (!filled() && !this.#held(job)) return false;
    }
    reporter.order(view);
    return true;
  }

  /** Nothing decisive was found once more; true: often and long enough. */
  #held(job: Job): boolean {
    job.misses++;
    return job.misses >= this.#o.polls && this.#d.monotonic() - job.since >= this.#o.settle;
  }
}

function request({ clientOrderId, symbol, side }: Question): Request {
  return { clientOrderId, symbol, side };
}
