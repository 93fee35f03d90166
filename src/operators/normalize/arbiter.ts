import type { Micros } from '../../model/time.js';

/**
 * Primary and backup of each instrument: a source is heard only while every one preferred to it has been silent on the
 * instrument for `staleAfter`. A source that is not listed is always heard. Needs no timer: silence is measured when
 * a backup speaks.
 */
export class Arbiter {
  readonly #prefer: readonly string[];
  readonly #staleAfter: Micros;
  /** Engine time of the last event by rank, then instrument. */
  readonly #heard: Micros[][];

  constructor(prefer: readonly string[], staleAfter: Micros) {
    this.#prefer = prefer;
    this.#staleAfter = staleAfter;
    this.#heard = prefer.map(() => []);
  }

  /** True when the event of this source counts. */
  hears(source: string, ix: number, at: Micros): boolean {
    const mine = this.#prefer.indexOf(source);
    if (mine < 0) return true;
    (this.#heard[mine] as Micros[])[ix] = at;
    for (let rank = 0; rank < mine; rank++) {
      const heard = this.#heard[rank] as Micros[];
      // Never heard: its silence starts now.
      const last = (heard[ix] ??= at);
      if (at - last < this.#staleAfter) return false;
    }
    return true;
  }
}
