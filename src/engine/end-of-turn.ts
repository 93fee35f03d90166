import type { Graph } from './graph.js';

interface Hook {
  dirty: boolean;
  readonly flush: () => void;
}

/** Work that waits until every node of the graph is done: the queue folds during the turn and flushes here, once. */
export class EndOfTurn {
  readonly #hooks: Hook[] = [];
  #touched = false;

  add(flush: () => void): { touch(): void } {
    const hook: Hook = { dirty: false, flush };
    this.#hooks.push(hook);
    return {
      touch: () => {
        hook.dirty = true;
        this.#touched = true;
      },
    };
  }

  /** Releases joins, then flushes what was touched (everything, if `all`), until nothing is left to do. */
  settle(graph: Graph, all: boolean): void {
    graph.settle();
    if (all) {
      for (const hook of this.#hooks) hook.dirty = true;
      this.#touched = true;
    }
    while (this.#touched) {
      this.#touched = false;
      for (const hook of this.#hooks) {
        if (!hook.dirty) continue;
        hook.dirty = false;
        hook.flush();
        graph.settle();
      }
    }
  }
}
