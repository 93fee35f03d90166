import { MillraceError } from '../../../model/reason.js';
import { MAX_NAMES } from './layout.js';

/** A name with the instrument index it stood with (-1 for sources). */
export interface Name {
  readonly name: string;
  readonly ix: number;
}

/** Gives every source, and every instrument with its index, a number in order of first use. */
export class Names {
  readonly all: Name[] = [];
  readonly #ids = new Map<string, number>();
  readonly #byIx: number[] = [];
  #lastName = '';
  #lastId = -1;

  /** Number of a source. The one of the event before is found without a look-up. */
  source(name: string): number {
    if (name === this.#lastName && this.#lastId >= 0) return this.#lastId;
    this.#lastId = this.#lookUp(name, -1);
    this.#lastName = name;
    return this.#lastId;
  }

  /** Number of an instrument; found by its index when the name there is the same. */
  instrument(name: string, ix: number): number {
    const id = this.#byIx[ix];
    if (id !== undefined && this.all[id]?.name === name) return id;
    const found = this.#lookUp(name, ix);
    if (ix >= 0 && ix < MAX_NAMES) {
      while (this.#byIx.length <= ix) this.#byIx.push(-1);
      this.#byIx[ix] = found;
    }
    return found;
  }

  #lookUp(name: string, ix: number): number {
    const key = `${ix} ${name}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.all.length;
      if (id > MAX_NAMES)
        throw new MillraceError(
          'INVARIANT',
          `a journal holds at most ${MAX_NAMES} names of one kind; "${name}" is one more`,
        );
      this.all.push({ name, ix });
      this.#ids.set(key, id);
    }
    return id;
  }
}
