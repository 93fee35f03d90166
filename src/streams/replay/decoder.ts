import type { InputEvent } from '../../model/event.js';
import type { Micros } from '../../model/time.js';
import type { BadData } from '../bad-data.js';
import type { InstrumentLookup } from './instrument-lookup.js';

/** Turns blocks of whole lines of one file into events whose `at` is the recorded receive time. */
export interface Decoder {
  decode(block: Buffer, out: InputEvent[]): void;
  /** True once times are past the wanted range: the rest of the file need not be read. */
  readonly finished: boolean;
  /** Time the data reaches without saying so by an event; -Infinity: that of its last event. */
  readonly ends: Micros;
}

/** What a decoder knows about the file it reads. */
export interface FileContext {
  /** Topology name of the source. */
  readonly source: string;
  readonly path: string;
  readonly lookup: InstrumentLookup;
  readonly bad: BadData;
  /** Wanted range [from, to) of receive times. */
  readonly from: Micros;
  readonly to: Micros;
}

/** Verdicts of {@link Timeline.check}. */
export const WANTED = 0;
const UNWANTED = 1;
export const BACKWARDS = 2;

/** Receive times of one file: they never go back, and only a range of them is wanted. */
export class Timeline {
  finished = false;
  readonly #from: Micros;
  readonly #to: Micros;
  #last = -Infinity;

  constructor(from: Micros, to: Micros) {
    this.#from = from;
    this.#to = to;
  }

  check(at: Micros): number {
    if (at < this.#last) return BACKWARDS;
    this.#last = at;
    if (at >= this.#from && at < this.#to) return WANTED;
    if (at >= this.#to) this.finished = true;
    return UNWANTED;
  }
}

/** `''` when a price can be used, else the kind of badness. */
export function badPrice(price: number, allowsNegative: boolean): string {
  if (price > 0 && price < Infinity) return '';
  if (!Number.isFinite(price)) return 'not_a_number';
  if (allowsNegative) return '';
  return price === 0 ? 'zero_price' : 'negative_price';
}

export function badSize(size: number): string {
  if (size >= 0 && size < Infinity) return '';
  return Number.isFinite(size) ? 'negative_size' : 'not_a_number';
}
