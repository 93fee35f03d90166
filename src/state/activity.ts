import type { Intent } from '../model/intent.js';
import { MICROS_PER_MINUTE, type Micros } from '../model/time.js';
import type { Hasher } from './hash.js';
import type { Market } from './market.js';
import { fingerprint, type ActivityView } from './view.js';

/** Approvals remembered per account, and fingerprints in all. Beyond it the oldest go; a count then saturates. */
const CAPACITY = 100_000;

/** Times of approvals inside the last minute, in a ring that grows up to {@link CAPACITY}. */
class Times {
  #ring = new Float64Array(64);
  #head = 0;
  #size = 0;

  add(at: Micros): void {
    while (this.#size > 0 && this.#at(0) <= at - MICROS_PER_MINUTE) this.#drop();
    if (this.#size === this.#ring.length) {
      if (this.#size >= CAPACITY) this.#drop();
      else {
        const grown = new Float64Array(this.#size * 2);
        for (let i = 0; i < this.#size; i++) grown[i] = this.#at(i);
        this.#ring = grown;
        this.#head = 0;
      }
    }
    this.#ring[(this.#head + this.#size) % this.#ring.length] = at;
    this.#size++;
  }

  /** How many are later than `since`. */
  after(since: Micros): number {
    let low = 0;
    let high = this.#size;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at(middle) <= since) low = middle + 1;
      else high = middle;
    }
    return this.#size - low;
  }

  save(): readonly Micros[] {
    return Array.from({ length: this.#size }, (_, i) => this.#at(i));
  }

  load(saved: readonly Micros[]): void {
    this.#ring = new Float64Array(Math.max(64, 2 ** Math.ceil(Math.log2(saved.length + 1))));
    this.#ring.set(saved);
    this.#head = 0;
    this.#size = saved.length;
  }

  hash(hasher: Hasher): void {
    hasher.int(this.#size);
    for (let i = 0; i < this.#size; i++) hasher.num(this.#at(i));
  }

  #at(i: number): Micros {
    return this.#ring[(this.#head + i) % this.#ring.length] as Micros;
  }

  #drop(): void {
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#size--;
  }
}

export interface SavedActivity {
  readonly times: ReadonlyMap<string, readonly Micros[]>;
  readonly fingerprints: ReadonlyMap<string, Micros>;
}

/** What was approved lately. Entries older than their window are dropped when the next approval comes. */
export class Activity implements ActivityView {
  readonly #times = new Map<string, Times>();
  readonly #fingerprints = new Map<string, Micros>();
  readonly #market: Market;
  readonly #window: Micros;
  #at: Micros = 0;

  constructor(market: Market, duplicateWindow: Micros) {
    this.#market = market;
    this.#window = duplicateWindow;
  }

  setTurn(at: Micros): void {
    this.#at = at;
  }

  approved(intent: Intent): void {
    if (intent.action === 'cancel') return;
    let times = this.#times.get(intent.account);
    if (times === undefined) this.#times.set(intent.account, (times = new Times()));
    times.add(this.#at);
    const key = fingerprint(intent);
    this.#fingerprints.delete(key);
    this.#fingerprints.set(key, this.#at);
    for (const [oldest, at] of this.#fingerprints) {
      if (at > this.#at - this.#window && this.#fingerprints.size <= CAPACITY) break;
      this.#fingerprints.delete(oldest);
    }
  }

  approvedWithin(account: string, windowMicros: Micros): number {
    return this.#times.get(account)?.after(this.#at - windowMicros) ?? 0;
  }

  lastApproved(key: string): Micros | undefined {
    return this.#fingerprints.get(key);
  }

  returns(ix: number, n: number): readonly number[] {
    return this.#market.returns(ix, n);
  }

  save(): SavedActivity {
    const times = new Map([...this.#times].map(([account, list]) => [account, list.save()] as const));
    return { times, fingerprints: new Map(this.#fingerprints) };
  }

  load(saved: SavedActivity, at: Micros): void {
    this.#at = at;
    for (const [account, list] of saved.times) {
      const times = new Times();
      times.load(list);
      this.#times.set(account, times);
    }
    for (const [key, approvedAt] of saved.fingerprints) this.#fingerprints.set(key, approvedAt);
  }

  hash(hasher: Hasher): void {
    for (const [account, times] of this.#times) times.hash(hasher.str(account));
    for (const [key, at] of this.#fingerprints) hasher.str(key).num(at);
  }
}
