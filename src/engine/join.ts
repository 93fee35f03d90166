import type { Event } from '../model/record.js';
import type { Edge, Target } from '../streams/edge.js';

/**
 * Where inputs of one node share an ancestor, their values meet here: collected while the turn runs, released after
 * all upstream nodes are done, in `inputs:` order. So a diamond is delivered once, without glitches.
 *
 * ```
 * input 1: --(ab)--     one turn
 * input 2: --c-----     same turn
 * output:  --(abc)-     after both branches are done
 * ```
 *
 * Memory is bounded by what one turn emits.
 */
export class Join {
  readonly output: Edge<Event>;
  readonly #buffers: Event[][];
  readonly #dirty: () => void;
  #open: number;

  constructor(output: Edge<Event>, inputs: number, dirty: () => void) {
    this.output = output;
    this.#buffers = Array.from({ length: inputs }, () => []);
    this.#dirty = dirty;
    this.#open = inputs;
  }

  /** Target to link the i-th input to. */
  input(i: number): Target<Event> {
    const buffer = this.#buffers[i] as Event[];
    return {
      next: (event) => {
        buffer.push(event);
        this.#dirty();
      },
      complete: () => {
        this.#open--;
        if (this.#open === 0) this.#dirty();
      },
    };
  }

  flush(): void {
    for (const buffer of this.#buffers) {
      for (let i = 0; i < buffer.length; i++) this.output.next(buffer[i] as Event);
      buffer.length = 0;
    }
    if (this.#open === 0) this.output.complete();
  }
}

/** Joins of a graph by rank. A flush can only make joins of higher rank dirty, so one ascending pass settles a turn. */
export class Settling {
  readonly #joins: (Join | undefined)[] = [];
  #dirty = new Uint8Array(16);
  #lowest = Infinity;

  /** Makes the join of the node at this rank; `dirty` marks it for this turn. */
  add(rank: number, make: (dirty: () => void) => Join): Join {
    const join = make(() => {
      this.#dirty[rank] = 1;
      if (rank < this.#lowest) this.#lowest = rank;
    });
    this.#joins[rank] = join;
    if (rank >= this.#dirty.length) {
      const grown = new Uint8Array(rank * 2);
      grown.set(this.#dirty);
      this.#dirty = grown;
    }
    return join;
  }

  settle(): void {
    while (this.#lowest !== Infinity) {
      const rank = this.#lowest;
      this.#dirty[rank] = 0;
      this.#lowest = Infinity;
      for (let r = rank + 1; r < this.#joins.length; r++) {
        if (this.#dirty[r] === 1) {
          this.#lowest = r;
          break;
        }
      }
      this.#joins[rank]?.flush();
    }
  }
}
