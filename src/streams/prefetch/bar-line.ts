import type { Observable, Subscription } from 'rxjs';
import type { BarEvent, GapEvent } from '../../model/event.js';
import type { Instrument } from '../../model/instrument.js';
import { makeGap } from '../../model/make.js';
import type { Micros } from '../../model/time.js';
import type { BarStore } from './bar-store.js';
import { missingBars, type MissingBars } from './missing.js';

/** Stored bars of a venue that start in [from, to), oldest first; errors when they cannot be had. */
export type BarHistory = (request: {
  readonly source: string;
  readonly instrument: string;
  readonly every: Micros;
  readonly from: Micros;
  readonly to: Micros;
  readonly onProgress?: (done: number) => void;
}) => Observable<BarEvent>;

export type BarPhase = 'prefetching' | 'gap_filling' | 'running';

export interface BarLineOptions {
  readonly source: string;
  readonly instrument: Instrument;
  readonly every: Micros;
  readonly history: BarHistory | undefined;
  readonly store: BarStore | undefined;
  readonly wall: () => Micros;
  readonly emit: (event: BarEvent | GapEvent) => void;
  /** What goes on, with the share done (0 to 1). */
  readonly tell: (phase: BarPhase, done: number) => void;
  readonly warn: (message: string) => void;
}

/** Live bars kept while older ones are fetched; more than that and the fetch is given up. */
const MOST_HELD = 10_000;

/**
 * Bars of one instrument in order of their start, each once: stored ones, then those of the venue's history, then live
 * ones. A live bar that does not follow the last one waits until what is between was fetched; what cannot be had is
 * declared. Memory: the live bars that wait.
 */
export class BarLine {
  readonly #options: BarLineOptions;
  /** Start of the last bar emitted; -1: none. */
  #last = -1;
  /** The history was asked for what starts before this: what it did not have, the venue does not have. */
  #asked: Micros = -1;
  #held: BarEvent[] = [];
  #busy = false;
  #fetch: Subscription | undefined;

  constructor(options: BarLineOptions) {
    this.#options = options;
  }

  /** Warm-up: everything from `from` until now, from the store as far as it is there. */
  prefetch(from: Micros): void {
    const { source, every, store, wall } = this.#options;
    const to = wall();
    let stored: readonly BarEvent[] = [];
    try {
      stored = store?.load(source, from, to) ?? [];
    } catch (error) {
      this.#options.warn(`stored bars cannot be read: ${text(error)}`);
    }
    const missing = missingBars(
      stored.map(({ start }) => start),
      from,
      to,
      every,
    );
    this.#run('prefetching', missing, stored);
  }

  take(bar: BarEvent): void {
    if (this.#busy) {
      this.#held.push(bar);
      if (this.#held.length > MOST_HELD) this.#giveUp('too many bars came meanwhile');
      return;
    }
    if (bar.start <= this.#last) return;
    const { every, history } = this.#options;
    const expected = Math.max(this.#last + every, this.#asked);
    if (this.#last < 0 || bar.start <= expected) {
      this.#emit(bar);
      return;
    }
    if (history === undefined) {
      this.#declare(expected, bar.start, 'the broker has no stored bars');
      this.#emit(bar);
      return;
    }
    this.#held.push(bar);
    this.#run('gap_filling', [{ from: expected, to: bar.start }], []);
  }

  close(): void {
    this.#fetch?.unsubscribe();
    this.#held = [];
    this.#options.store?.close();
  }

  /** Emits `stored` bars and fetches the `missing` ones between them, in time order, one request after the other. */
  #run(phase: BarPhase, missing: readonly MissingBars[], stored: readonly BarEvent[]): void {
    this.#busy = true;
    const [range, ...rest] = missing;
    const until = range?.from ?? Infinity;
    for (const bar of stored) if (bar.start < until) this.#emit(bar, false);
    if (range === undefined) {
      this.#finish();
      return;
    }
    const later = stored.filter(({ start }) => start >= until);
    this.#load(phase, range, rest.length, () => this.#run(phase, rest, later));
  }

  #load(phase: BarPhase, { from, to }: MissingBars, after: number, done: () => void): void {
    const { source, instrument, every, history, tell } = this.#options;
    if (history === undefined) {
      this.#failed(from, to, 'the broker has no stored bars');
      done();
      return;
    }
    tell(phase, 0);
    this.#fetch = history({
      source,
      instrument: instrument.symbol,
      every,
      from,
      to,
      onProgress: (share) => tell(phase, share / (after + 1)),
    }).subscribe({
      next: (bar) => {
        if (bar.start > this.#last && bar.start < to) this.#emit(bar);
      },
      error: (error: unknown) => {
        this.#failed(Math.max(from, this.#last + every), to, text(error));
        done();
      },
      complete: () => {
        // Of a warm-up the newest bar may have been open still.
        if (phase === 'gap_filling') this.#asked = to;
        done();
      },
    });
  }

  #failed(from: Micros, to: Micros, reason: string): void {
    this.#options.warn(`bars of ${this.#options.instrument.symbol} could not be fetched: ${reason}`);
    this.#declare(from, to, reason);
    this.#asked = to;
  }

  #giveUp(reason: string): void {
    this.#fetch?.unsubscribe();
    const next = this.#held.find(({ start }) => start > this.#last);
    if (next !== undefined) this.#failed(this.#last + this.#options.every, next.start, reason);
    this.#finish();
  }

  /** A hole behind the first of the waiting bars is filled in turn. */
  #finish(): void {
    const held = this.#held;
    this.#held = [];
    this.#busy = false;
    this.#options.tell('running', 1);
    for (const bar of held) this.take(bar);
  }

  #emit(bar: BarEvent, isNew = true): void {
    this.#last = bar.start;
    if (isNew) this.#options.store?.add(bar);
    this.#options.emit(bar);
  }

  #declare(expected: Micros, received: Micros, reason: string): void {
    const { source, instrument, wall, emit } = this.#options;
    emit(makeGap(source, wall(), instrument.symbol, instrument.ix, 'BAR_GAP', expected, received, reason));
  }
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
