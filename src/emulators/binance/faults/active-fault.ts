import { Random } from '../../../streams/random.js';
import type { FaultSpec } from './spec.js';

/** A fault that was set: counts its occasions and decides on which of them it happens. */
export class ActiveFault {
  readonly id: string;
  readonly spec: FaultSpec;
  /** Host time in ms it begins and ends. */
  readonly from: number;
  readonly until: number;
  injected: number = 0;
  #left: number;
  #skip: number;
  readonly #random: Random;

  constructor(id: string, spec: FaultSpec, seed: number, now: number) {
    this.id = id;
    this.spec = spec;
    this.from = now + spec.after_ms;
    this.until = spec.for_ms === undefined ? Infinity : this.from + spec.for_ms;
    const unlimited = spec.probability !== undefined || spec.for_ms !== undefined;
    this.#left = spec.times ?? (unlimited ? Infinity : 1);
    this.#skip = spec.skip;
    this.#random = new Random(seed, id);
  }

  /** True once it can never happen again. */
  over(now: number): boolean {
    return this.#left <= 0 || now >= this.until;
  }

  /** An occasion: true when it happens now. */
  hit(now: number): boolean {
    if (now < this.from || this.over(now)) return false;
    if (this.#skip > 0) {
      this.#skip--;
      return false;
    }
    const { probability } = this.spec;
    if (probability !== undefined && this.#random.next() >= probability) return false;
    this.#left--;
    this.injected++;
    return true;
  }
}
