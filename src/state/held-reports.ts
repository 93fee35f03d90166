import type { ExecutionEvent } from '../model/event.js';
import { MICROS_PER_SECOND, type Micros } from '../model/time.js';
import type { Hasher } from './hash.js';

/** How long a report may wait for the one that tells whose it is. */
const HOLD: Micros = 5 * MICROS_PER_SECOND;
const CAPACITY = 1_000;

export interface Held {
  readonly report: ExecutionEvent;
  readonly since: Micros;
}

/**
 * Reports that only name an id of the venue which no order here has: they came before the report that ties that id to
 * an order. Kept for 5 seconds and at most 1,000 of them, oldest first.
 */
export class HeldReports {
  #reports: Held[] = [];

  /** Holds one; returns the oldest when there are too many. */
  add(report: ExecutionEvent, at: Micros): ExecutionEvent | undefined {
    this.#reports.push({ report, since: at });
    return this.#reports.length > CAPACITY ? this.#reports.shift()?.report : undefined;
  }

  /** Takes out what was held for an id, in the order it came. */
  take(broker: string, venueOrderId: string, instrument: string): readonly ExecutionEvent[] {
    if (this.#reports.length === 0) return [];
    const mine = ({ report }: Held): boolean =>
      report.broker === broker &&
      report.venueOrderId === venueOrderId &&
      (report.instrument === instrument || report.instrument === '');
    const taken = this.#reports.filter(mine);
    if (taken.length > 0) this.#reports = this.#reports.filter((one) => !mine(one));
    return taken.map(({ report }) => report);
  }

  /** Takes out what nobody explained in time. */
  expired(at: Micros): readonly ExecutionEvent[] {
    let n = 0;
    while (n < this.#reports.length && (this.#reports[n] as Held).since <= at - HOLD) n++;
    return n === 0 ? [] : this.#reports.splice(0, n).map(({ report }) => report);
  }

  save(): readonly Held[] {
    return [...this.#reports];
  }

  load(saved: readonly Held[]): void {
    this.#reports = [...saved];
  }

  hash(hasher: Hasher): void {
    hasher.int(this.#reports.length);
    for (const { report, since } of this.#reports)
      hasher.str(report.venueOrderId).str(report.execId).num(since);
  }
}
