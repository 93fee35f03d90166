import { Subscription, type SchedulerAction, type SchedulerLike } from 'rxjs';
import { MillraceError } from '../model/reason.js';
import type { Micros } from '../model/time.js';

/** Who armed a deadline: its node, and how many of its deadlines fired since the last market event. */
export interface DeadlineOwner {
  readonly name: string;
  fired: number;
  /** Number of the gap `fired` counts, and engine time of its first deadline. */
  gap: number;
  since: Micros;
  /** Deadlines armed and neither fired nor cancelled. */
  pending: number;
}

type Work<T> = (this: SchedulerAction<T>, state?: T) => void;

/** More clock turns than this at one engine time is a timer that re-arms itself without end. */
const MAX_CLOCK_TURNS_AT_ONCE = 1_000;

/**
 * Deadlines one node may fire between two market events, before it counts as a runaway; and one more for each 10 ms of
 * engine time that passed, so that a slow timer may go on all through a quiet weekend.
 */
export const MAX_DEADLINES_PER_GAP = 100_000;
const MICROS_PER_DEADLINE = 10_000;

/**
 * The clock of the loop: an RxJS scheduler driven by the event stream, a binary heap ordered by (due, id).
 * `now()` is engine time in (fractional) milliseconds. A positive delay is due at `at + max(1, round(delay * 1000))`
 * microseconds; a delay of zero or less fires on a new clock turn at the same engine time.
 *
 * The turn driver asks `nextDue()` before each event and calls `fire(at)` inside a clock turn. Memory is O(live
 * deadlines): cancelled entries are dropped when they reach the top, and the heap is compacted when half are dead.
 */
export class EventScheduler implements SchedulerLike {
  /** Engine time, set by the turn driver. */
  at: Micros = 0;
  readonly #due: number[] = [];
  readonly #ids: number[] = [];
  readonly #actions: EventAction<unknown>[] = [];
  #size = 0;
  #nextId = 1;
  #dead = 0;
  /** @internal Counts market events. */
  gap = 0;
  #firedAt: Micros = -1;
  #turnsAtOnce = 0;
  readonly #main: DeadlineOwner = newOwner('engine');

  now(): number {
    return this.at / 1000;
  }

  schedule<T>(work: Work<T>, delay = 0, state?: T): Subscription {
    return new EventAction<T>(this, this.#main, work).schedule(state, delay);
  }

  /** The same clock, for one node: its deadlines are counted under its name. */
  forNode(name: string): SchedulerLike & { readonly owner: DeadlineOwner } {
    const owner = newOwner(name);
    return {
      owner,
      now: () => this.at / 1000,
      schedule: <T>(work: Work<T>, delay = 0, state?: T): Subscription =>
        new EventAction<T>(this, owner, work).schedule(state, delay),
    };
  }

  /** Earliest live deadline, or Infinity. */
  nextDue(): Micros {
    while (this.#size > 0) {
      if (this.#isLive(0)) return this.#due[0] ?? Infinity;
      this.#dead--;
      this.#pop();
    }
    return Infinity;
  }

  /** Live deadlines and heap entries, for tests and metrics. */
  get figures(): { readonly live: number; readonly entries: number } {
    return { live: this.#size - this.#dead, entries: this.#size };
  }

  /** Runs what is due at or before `at` and was armed before this call; later ones wait for their own clock turn. */
  fire(at: Micros): void {
    if (at === this.#firedAt) this.#turnsAtOnce++;
    else this.#turnsAtOnce = 1;
    this.#firedAt = at;
    if (this.#turnsAtOnce > MAX_CLOCK_TURNS_AT_ONCE) this.#endStorm(at);
    const limit = this.#nextId;
    while (this.nextDue() <= at && (this.#ids[0] ?? limit) < limit) {
      const action = this.#actions[0];
      this.#pop();
      action?.run();
    }
  }

  /** Called by the sequencer before a market event: runaway counters start again. */
  resetGap(): void {
    this.gap++;
    this.#turnsAtOnce = 0;
  }

  /** Takes the deadlines that are due off the heap, so that engine time can go on, and says whose they were. */
  #endStorm(at: Micros): never {
    const names = new Set<string>();
    while (this.nextDue() <= at) {
      const action = this.#actions[0];
      this.#pop();
      if (action !== undefined) names.add(action.drop());
    }
    throw new MillraceError(
      'TIMER_STORM',
      `more than ${MAX_CLOCK_TURNS_AT_ONCE} clock turns at engine time ${at}, by ${[...names].join(', ')}`,
      'a timer re-arms itself with a delay of zero; give it a positive delay',
    );
  }

  /** @internal */
  arm(action: EventAction<unknown>, delay: number): { due: Micros; id: number } {
    const due = delay > 0 ? this.at + Math.max(1, Math.round(delay * 1000)) : this.at;
    const id = this.#nextId++;
    if (Number.isFinite(due)) this.#push(due, id, action);
    return { due, id };
  }

  /** @internal */
  disarm(): void {
    this.#dead++;
    if (this.#dead >= 64 && this.#dead * 2 >= this.#size) this.#compact();
  }

  #isLive(k: number): boolean {
    const action = this.#actions[k];
    return action !== undefined && action.armedId === this.#ids[k];
  }

  #push(due: number, id: number, action: EventAction<unknown>): void {
    const D = this.#due;
    const I = this.#ids;
    const A = this.#actions;
    let i = this.#size++;
    while (i > 0) {
      const p = (i - 1) >> 1;
      const pd = D[p] as number;
      if (pd < due || (pd === due && (I[p] as number) < id)) break;
      D[i] = pd;
      I[i] = I[p] as number;
      A[i] = A[p] as EventAction<unknown>;
      i = p;
    }
    D[i] = due;
    I[i] = id;
    A[i] = action;
  }

  #pop(): void {
    const D = this.#due;
    const I = this.#ids;
    const A = this.#actions;
    const n = --this.#size;
    const due = D.pop() as number;
    const id = I.pop() as number;
    const action = A.pop() as EventAction<unknown>;
    if (n === 0) return;
    let i = 0;
    for (;;) {
      let c = 2 * i + 1;
      if (c >= n) break;
      const l = D[c] as number;
      if (c + 1 < n) {
        const r = D[c + 1] as number;
        if (r < l || (r === l && (I[c + 1] as number) < (I[c] as number))) c++;
      }
      const cd = D[c] as number;
      if (cd > due || (cd === due && (I[c] as number) > id)) break;
      D[i] = cd;
      I[i] = I[c] as number;
      A[i] = A[c] as EventAction<unknown>;
      i = c;
    }
    D[i] = due;
    I[i] = id;
    A[i] = action;
  }

  #compact(): void {
    const live: [number, number, EventAction<unknown>][] = [];
    for (let k = 0; k < this.#size; k++) {
      if (this.#isLive(k))
        live.push([this.#due[k] as number, this.#ids[k] as number, this.#actions[k] as EventAction<unknown>]);
    }
    this.#size = this.#due.length = this.#ids.length = this.#actions.length = 0;
    this.#dead = 0;
    for (const [due, id, action] of live) this.#push(due, id, action);
  }
}

function newOwner(name: string): DeadlineOwner {
  return { name, fired: 0, gap: 0, since: 0, pending: 0 };
}

class EventAction<T> extends Subscription implements SchedulerAction<T> {
  /** Heap id it is armed under, 0 when it is not. */
  armedId = 0;
  readonly #scheduler: EventScheduler;
  readonly #owner: DeadlineOwner;
  readonly #work: Work<T>;
  #state: T | undefined;

  constructor(scheduler: EventScheduler, owner: DeadlineOwner, work: Work<T>) {
    super();
    this.#scheduler = scheduler;
    this.#owner = owner;
    this.#work = work;
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.#disarm();
    this.#state = state;
    const { due, id } = this.#scheduler.arm(this as EventAction<unknown>, delay);
    if (Number.isFinite(due)) {
      this.armedId = id;
      this.#owner.pending++;
    }
    return this;
  }

  /** @internal */
  run(): void {
    this.armedId = 0;
    const owner = this.#owner;
    owner.pending--;
    if (owner.gap !== this.#scheduler.gap) {
      owner.gap = this.#scheduler.gap;
      owner.fired = 0;
      owner.since = this.#scheduler.at;
    }
    const most = MAX_DEADLINES_PER_GAP + (this.#scheduler.at - owner.since) / MICROS_PER_DEADLINE;
    if (++owner.fired > most) {
      throw new MillraceError(
        'TIMER_STORM',
        `${owner.name} fired more than ${MAX_DEADLINES_PER_GAP} deadlines between two market events`,
        'use a longer period, or stop the timer while the market is closed',
      );
    }
    this.#work.call(this, this.#state);
  }

  /** @internal Taken off the heap without running. Returns the name of its owner. */
  drop(): string {
    this.armedId = 0;
    this.#owner.pending--;
    return this.#owner.name;
  }

  override unsubscribe(): void {
    if (this.closed) return;
    this.#disarm();
    this.#state = undefined;
    super.unsubscribe();
  }

  #disarm(): void {
    if (this.armedId === 0) return;
    this.armedId = 0;
    this.#owner.pending--;
    this.#scheduler.disarm();
  }
}
