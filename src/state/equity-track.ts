import type { Decimal } from '../model/decimal.js';
import type { Micros } from '../model/time.js';
import type { Hasher } from './hash.js';

const SLOTS = 128;

export interface SavedTrack {
  readonly value: number;
  readonly peak: number;
  readonly maxDrawdown: number;
  readonly start: Decimal | undefined;
  readonly dayStart: Decimal | undefined;
  readonly slotLength: Micros;
  readonly highs: Float64Array;
  readonly slot: number;
  readonly slotEnd: Micros;
}

/**
 * Equity of one account (or of all) over time, in floating point: current value, peak, largest fall, and the highest
 * value inside a rolling window. The window is cut into 128 slots, so it may reach back one slot further than asked,
 * never less.
 * Cost per update: a few comparisons. Memory: 128 numbers.
 */
export class EquityTrack {
  value: number = NaN;
  peak: number = NaN;
  maxDrawdown = 0;
  /** Exact equity when first known, and at the last daily roll. */
  start: Decimal | undefined = undefined;
  dayStart: Decimal | undefined = undefined;
  readonly #slotLength: Micros;
  readonly #highs = new Float64Array(SLOTS).fill(-Infinity);
  #slot = -1;
  #slotEnd: Micros = 0;

  constructor(window: Micros) {
    this.#slotLength = Math.max(1, Math.ceil(window / (SLOTS - 1)));
  }

  update(value: number, at: Micros): void {
    if (at >= this.#slotEnd) this.#advance(at);
    this.value = value;
    if (value !== value) return;
    const k = this.#slot % SLOTS;
    if (value > (this.#highs[k] as number)) this.#highs[k] = value;
    if (!(value <= this.peak)) this.peak = value;
    else if (this.peak > 0) {
      const drawdown = (this.peak - value) / this.peak;
      if (drawdown > this.maxDrawdown) this.maxDrawdown = drawdown;
    }
  }

  /** Highest value inside the window that ends at `at`; NaN when none is known. Reading changes nothing. */
  rollingPeak(at: Micros): number {
    const slot = Math.max(this.#slot, Math.floor(at / this.#slotLength));
    let high = this.value === this.value ? this.value : -Infinity;
    for (let s = Math.max(0, slot - SLOTS + 1); s <= this.#slot; s++) {
      const v = this.#highs[s % SLOTS] as number;
      if (v > high) high = v;
    }
    return high === -Infinity ? NaN : high;
  }

  /** Money came or went that is neither profit nor loss. */
  shift(by: Decimal): void {
    const amount = by.toNumber();
    this.value += amount;
    this.peak += amount;
    this.start = this.start?.plus(by);
    this.dayStart = this.dayStart?.plus(by);
    for (let i = 0; i < SLOTS; i++) this.#highs[i] = (this.#highs[i] as number) + amount;
  }

  /** Starts anew with the next value. */
  forget(): void {
    this.peak = NaN;
    this.maxDrawdown = 0;
    this.start = this.dayStart = undefined;
    this.#highs.fill(-Infinity);
  }

  save(): SavedTrack {
    const { value, peak, maxDrawdown, start, dayStart } = this;
    const window = { slotLength: this.#slotLength, highs: this.#highs.slice(), slot: this.#slot };
    return { value, peak, maxDrawdown, start, dayStart, slotEnd: this.#slotEnd, ...window };
  }

  /** A window of another length begins anew: what was its highest cannot be told from the old one's slots. */
  load(saved: SavedTrack): void {
    this.value = saved.value;
    this.peak = saved.peak;
    this.maxDrawdown = saved.maxDrawdown;
    this.start = saved.start;
    this.dayStart = saved.dayStart;
    if (saved.slotLength !== this.#slotLength) return;
    this.#highs.set(saved.highs);
    this.#slot = saved.slot;
    this.#slotEnd = saved.slotEnd;
  }

  hash(hasher: Hasher): void {
    hasher.num(this.value).num(this.peak).num(this.maxDrawdown).dec(this.start).dec(this.dayStart);
    hasher.num(this.#slot).nums(this.#highs);
  }

  /** Enters the slot of `at`; it starts with the value held until now. Slots jumped over are empty. */
  #advance(at: Micros): void {
    const slot = Math.floor(at / this.#slotLength);
    const held = this.value === this.value ? this.value : -Infinity;
    const first = Math.max(this.#slot + 1, slot - SLOTS + 1);
    for (let s = first; s <= slot; s++) this.#highs[s % SLOTS] = held;
    this.#slot = slot;
    this.#slotEnd = (slot + 1) * this.#slotLength;
  }
}
