import type { Micros } from '../model/time.js';

interface Entry {
  readonly due: Micros;
  readonly id: number;
  readonly run: () => void;
}

/** Functions ordered by (due, insertion): the deadlines brokers own. Nothing is cancelled, so it stays this small. */
export class DueHeap {
  readonly #heap: Entry[] = [];
  #nextId = 0;

  get size(): number {
    return this.#heap.length;
  }

  nextDue(): Micros {
    return this.#heap[0]?.due ?? Infinity;
  }

  push(due: Micros, run: () => void): void {
    const heap = this.#heap;
    const entry: Entry = { due, id: this.#nextId++, run };
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!before(entry, above)) break;
      heap[i] = above;
      i = parent;
    }
    heap[i] = entry;
  }

  /** Removes the earliest and returns its function. */
  pop(): () => void {
    const heap = this.#heap;
    const top = heap[0] as Entry;
    const last = heap.pop() as Entry;
    const n = heap.length;
    if (n > 0) {
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= n) break;
        if (child + 1 < n && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
        if (!before(heap[child] as Entry, last)) break;
        heap[i] = heap[child] as Entry;
        i = child;
      }
      heap[i] = last;
    }
    return top.run;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.due < b.due || (a.due === b.due && a.id < b.id);
}
