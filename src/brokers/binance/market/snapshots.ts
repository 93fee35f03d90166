import type { BookEvent } from '../../../model/event.js';
import { backOff, type BackOffOptions } from '../../../streams/socket/back-off.js';

export interface SnapshotOptions {
  /** Requests at the same time. */
  readonly atOnce: number;
  /** Each is put off by up to so many milliseconds. */
  readonly jitter: number;
  /** Wait before a repeated one. */
  readonly backOff: BackOffOptions;
  readonly random: () => number;
}

interface Job {
  readonly fetch: () => Promise<BookEvent>;
  readonly done: (snapshot: BookEvent) => void;
  readonly failed: (error: unknown, attempt: number) => void;
  attempt: number;
  timer: NodeJS.Timeout | undefined;
  cancelled: boolean;
}

/** Fetches snapshots a few at a time, spread out, and repeats those that failed later and later. */
export class Snapshots {
  readonly #options: SnapshotOptions;
  readonly #ready: Job[] = [];
  #running = 0;

  constructor(options: SnapshotOptions) {
    this.#options = options;
  }

  /** `attempt` is 1 for a book that is not known to be troubled; more wait before they begin. */
  request(
    attempt: number,
    fetch: () => Promise<BookEvent>,
    done: (snapshot: BookEvent) => void,
    failed: (error: unknown, attempt: number) => void,
  ): { readonly cancel: () => void } {
    const job: Job = { fetch, done, failed, attempt, timer: undefined, cancelled: false };
    this.#later(job);
    return {
      cancel: () => {
        job.cancelled = true;
        clearTimeout(job.timer);
      },
    };
  }

  #later(job: Job): void {
    const { jitter, random, backOff: settings } = this.#options;
    const wait = job.attempt <= 1 ? jitter * random() : backOff(settings, job.attempt - 1, random);
    job.timer = setTimeout(() => {
      this.#ready.push(job);
      this.#next();
    }, wait);
  }

  #next(): void {
    while (this.#running < this.#options.atOnce) {
      const job = this.#ready.shift();
      if (job === undefined) return;
      if (!job.cancelled) void this.#run(job);
    }
  }

  async #run(job: Job): Promise<void> {
    this.#running++;
    let snapshot: BookEvent | undefined;
    try {
      snapshot = await job.fetch();
    } catch (error) {
      if (!job.cancelled) {
        job.failed(error, job.attempt++);
        this.#later(job);
      }
    }
    this.#running--;
    if (snapshot !== undefined && !job.cancelled) job.done(snapshot);
    this.#next();
  }
}
