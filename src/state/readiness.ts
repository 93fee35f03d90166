import type { Decimal } from '../model/decimal.js';
import type { ConnectionEvent, ControlEvent, ReconciliationEvent } from '../model/event.js';
import type { Micros } from '../model/time.js';
import type { Hasher } from './hash.js';

/** A difference nobody decided yet, or one an operator took note of. */
export interface OpenBreak {
  readonly subject: ReconciliationEvent['subject'];
  readonly code: string;
  readonly key: string;
  readonly ix: number;
  readonly account: string;
  readonly ours: string;
  readonly theirs: string;
  readonly difference: Decimal | undefined;
  readonly amount: Decimal | undefined;
  readonly price: Decimal | undefined;
  readonly since: Micros;
}

/**
 * Whether our books of a broker agree with the venue's: `unknown` (not compared since the session began), `failed` (a
 * query failed), `open` (breaks nobody decided), `agree`.
 */
export type Books = 'unknown' | 'failed' | 'open' | 'agree';

export interface BrokerState {
  readonly session: 'ready' | 'down';
  readonly books: Books;
  /** Exits may leave although breaks are open (`on_break: reduce`). */
  readonly exits: boolean;
  readonly reason: string;
  /** Venue time of the first comparison ever; 0 before it. Older fills are part of the opening balances. */
  readonly baseline: Micros;
  /** Venue time of the newest fill counted. */
  readonly lastFill: Micros;
  /** `seq` of the newest event of the account: a comparison across it is not valid. */
  readonly touched: number;
  readonly open: ReadonlyMap<string, OpenBreak>;
  readonly accepted: ReadonlyMap<string, OpenBreak>;
  /** Instruments with an order or fill of ours. */
  readonly instruments: ReadonlySet<number>;
  /** Differences found so far, by code. */
  readonly found: ReadonlyMap<string, number>;
}

/** What others may ask about brokers. */
export interface ReadinessView {
  /** Why `broker` takes no new and replace commands now (an exit: `exit`); empty when it does. Empty name: the only one. */
  withheld(broker: string, exit: boolean): string;
  /** Undefined for a simulated broker, or one no orders are sent to. */
  of(broker: string): BrokerState | undefined;
  names(): readonly string[];
}

/** Differences remembered that were taken note of; the oldest go. */
const ACCEPTED = 10_000;

type Mutable = { -readonly [K in keyof BrokerState]: BrokerState[K] } & {
  open: Map<string, OpenBreak>;
  accepted: Map<string, OpenBreak>;
  instruments: Set<number>;
  found: Map<string, number>;
};

export type SavedReadiness = ReadonlyMap<string, BrokerState>;

/**
 * Real brokers take commands only while their session is ready and their books agree with the venue's. Simulated
 * brokers are not listed: always ready. Any other word about the session than `ready` makes the books unknown again.
 */
export class Readiness implements ReadinessView {
  readonly #brokers = new Map<string, Mutable>();
  readonly #only: string;

  /** `only`: the broker an intent without a route goes to. */
  constructor(brokers: readonly string[], only: string = '') {
    for (const name of brokers) this.#brokers.set(name, fresh());
    this.#only = only;
  }

  withheld(broker: string, exit: boolean): string {
    if (this.#brokers.size === 0) return '';
    const state = this.#brokers.get(broker === '' ? this.#only : broker);
    if (state === undefined || (state.session === 'ready' && state.books === 'agree')) return '';
    if (state.session !== 'ready') return state.reason === '' ? 'the session is not ready' : state.reason;
    if (exit && state.exits) return '';
    return state.reason === '' ? 'its books were not reconciled yet' : state.reason;
  }
  of(broker: string): BrokerState | undefined {
    return this.#brokers.get(broker);
  }
  names(): readonly string[] {
    return [...this.#brokers.keys()];
  }

  /** True when what may be sent changed. */
  connected(event: ConnectionEvent): boolean {
    const state = this.#brokers.get(event.name);
    if (state === undefined) return false;
    if (event.state === 'ready') {
      const changed = state.session !== 'ready';
      state.session = 'ready';
      if (changed) state.reason = '';
      return changed;
    }
    const changed = state.session === 'ready';
    state.session = 'down';
    state.books = 'unknown';
    state.exits = false;
    state.reason = `the session is ${event.state}${event.reason === '' ? '' : `: ${event.reason}`}`;
    return changed;
  }

  /** A process begins: no session is ready, and books have to be compared again. */
  restart(): void {
    for (const state of this.#brokers.values()) {
      state.session = 'down';
      state.books = 'unknown';
      state.exits = false;
      state.reason = '';
    }
  }

  /** Something happened in the account of a broker. */
  touch(broker: string, ix: number, seq: number): void {
    const state = this.#brokers.get(broker);
    if (state === undefined) return;
    state.touched = seq;
    if (ix >= 0) state.instruments.add(ix);
  }

  filled(broker: string, ts: Micros): void {
    const state = this.#brokers.get(broker);
    if (state !== undefined && ts > state.lastFill) state.lastFill = ts;
  }

  found(event: ReconciliationEvent): void {
    const state = this.#brokers.get(event.broker);
    if (state === undefined) return;
    state.touched = event.seq;
    const id = breakId(event);
    if (event.resolution === 'gone') {
      state.open.delete(id);
      state.accepted.delete(id);
      return;
    }
    state.found.set(event.code, (state.found.get(event.code) ?? 0) + 1);
    const noted: OpenBreak = {
      subject: event.subject,
      code: event.code,
      key: event.key,
      ix: event.ix,
      account: event.account,
      ours: event.ours,
      theirs: event.theirs,
      difference: event.difference,
      amount: event.amount,
      price: event.price,
      since: state.open.get(id)?.since ?? event.at,
    };
    if (event.resolution === 'open') state.open.set(id, noted);
    else if (event.resolution === 'ignored') accept(state, id, noted);
    else state.accepted.delete(id);
  }

  /** `reconciled`, `reconcile_failed` and `acknowledge`. Returns the breaks an operator takes over as they are. */
  control(event: ControlEvent): readonly OpenBreak[] {
    const state = this.#brokers.get(event.target);
    if (state === undefined) return [];
    switch (event.action) {
      case 'reconciled':
        state.books = 'agree';
        state.exits = false;
        state.reason = '';
        state.open.clear();
        if (state.baseline === 0) state.baseline = event.ts;
        return [];
      case 'reconcile_failed':
        state.books = event.value === 'query' ? 'failed' : 'open';
        state.exits = event.value === 'reduce';
        state.reason = event.reason;
        if (event.value !== 'query' && state.baseline === 0) state.baseline = event.ts;
        return [];
      case 'acknowledge': {
        const noted = [...state.open.values()];
        for (const [id, one] of state.open) {
          if (event.value !== 'adopt' || one.amount === undefined) accept(state, id, one);
        }
        state.open.clear();
        if (state.books === 'open') {
          state.books = 'agree';
          state.exits = false;
          state.reason = '';
        }
        return event.value === 'adopt' ? noted : [];
      }
      default:
        return [];
    }
  }

  save(): SavedReadiness {
    return new Map([...this.#brokers].map(([name, state]) => [name, copy(state)] as const));
  }

  load(saved: SavedReadiness): void {
    for (const [name, state] of saved) if (this.#brokers.has(name)) this.#brokers.set(name, copy(state));
  }

  hash(hasher: Hasher): void {
    for (const [name, s] of this.#brokers) {
      hasher.str(name).str(s.session).str(s.books).bool(s.exits).str(s.reason);
      hasher.num(s.baseline).num(s.lastFill).num(s.touched);
      for (const breaks of [s.open, s.accepted]) {
        hasher.int(breaks.size);
        for (const [id, one] of breaks) hasher.str(id).str(one.ours).str(one.theirs).num(one.since);
      }
      for (const ix of [...s.instruments].sort((a, b) => a - b)) hasher.int(ix);
      for (const [code, count] of [...s.found].sort()) hasher.str(code).num(count);
    }
  }
}

/** What a break is about, so that the same one is found again. */
export function breakId({ subject, key }: { readonly subject: string; readonly key: string }): string {
  return `${subject}|${key}`;
}

function accept(state: Mutable, id: string, one: OpenBreak): void {
  state.accepted.set(id, one);
  if (state.accepted.size <= ACCEPTED) return;
  for (const oldest of state.accepted.keys()) {
    state.accepted.delete(oldest);
    return;
  }
}

function fresh(): Mutable {
  return {
    session: 'down',
    books: 'unknown',
    exits: false,
    reason: '',
    baseline: 0,
    lastFill: 0,
    touched: 0,
    open: new Map(),
    accepted: new Map(),
    instruments: new Set(),
    found: new Map(),
  };
}

function copy(state: BrokerState): Mutable {
  return {
    ...state,
    open: new Map(state.open),
    accepted: new Map(state.accepted),
    instruments: new Set(state.instruments),
    found: new Map(state.found),
  };
}
