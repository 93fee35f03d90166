/** Listeners called in the order they came. */
export class Listeners<A extends readonly unknown[]> {
  readonly #all = new Set<(...args: A) => void>();

  /** Returns the way to stop. */
  add(listener: (...args: A) => void): () => void {
    this.#all.add(listener);
    return () => {
      this.#all.delete(listener);
    };
  }

  call(...args: A): void {
    for (const listener of this.#all) listener(...args);
  }
}
