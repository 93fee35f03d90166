import type { OperatorFunction, SchedulerLike, Subscriber } from 'rxjs';
import type { Event, EventKind } from '../model/record.js';
import { Stage, stage } from '../streams/operate.js';

export interface ConflateOptions {
  readonly scheduler: SchedulerLike;
  /** Milliseconds from the first held value to the release. Default 0: the next clock turn at the same engine time. */
  readonly every?: number;
  /** Kinds of which only the latest of each instrument is kept; others pass at once. Default: quotes. */
  readonly kinds?: readonly EventKind[];
  /** Told about each value replaced by a newer one. */
  readonly onReplaced?: (event: Event) => void;
}

class ConflateStage extends Stage<Event, Event> {
  readonly #scheduler: SchedulerLike;
  readonly #every: number;
  readonly #kinds: readonly EventKind[];
  readonly #onReplaced: ((event: Event) => void) | undefined;
  /** Latest by kind number, then instrument. */
  readonly #latest: (Event | undefined)[][];
  /** Kind number and instrument of what is held, in order of arrival. */
  #order: number[] = [];
  #armed = false;

  constructor(out: Subscriber<Event>, options: ConflateOptions) {
    super(out);
    this.#scheduler = options.scheduler;
    this.#every = options.every ?? 0;
    this.#kinds = options.kinds ?? ['quote'];
    this.#onReplaced = options.onReplaced;
    this.#latest = this.#kinds.map(() => []);
  }

  protected override push(event: Event): void {
    const kind = this.#kinds.indexOf(event.kind);
    const ix = (event as { readonly ix?: number }).ix;
    if (kind < 0 || ix === undefined || ix < 0) {
      this.out.next(event);
      return;
    }
    const latest = this.#latest[kind] as (Event | undefined)[];
    const old = latest[ix];
    latest[ix] = event;
    if (old === undefined) this.#order.push(kind, ix);
    else this.#onReplaced?.(old);
    if (!this.#armed) this.#arm();
  }

  protected override flush(): void {
    const order = this.#order;
    this.#order = [];
    for (let i = 0; i < order.length; i += 2) {
      const latest = this.#latest[order[i] as number] as (Event | undefined)[];
      const ix = order[i + 1] as number;
      const event = latest[ix];
      latest[ix] = undefined;
      if (event !== undefined) this.out.next(event);
    }
  }

  #arm(): void {
    this.#armed = true;
    const timer = this.#scheduler.schedule(() => {
      this.out.remove(timer);
      this.#armed = false;
      this.flush();
    }, this.#every);
    this.out.add(timer);
  }
}

/**
 * Keeps the latest event of each instrument until the scheduler runs.
 *
 * ```
 * in:                  a1-a2-b1------a3-|     a, b instruments
 * conflate every 9 ms: ---------(a2 b1)-(a3|)
 * ```
 *
 * An error passes at once and drops what is held; completion releases it. Memory: one event an instrument and kind.
 */
export function conflate(options: ConflateOptions): OperatorFunction<Event, Event> {
  return stage<Event, Event>((out) => new ConflateStage(out, options));
}
