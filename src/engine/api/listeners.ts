/** Functions that want to hear something. One that throws keeps no other from it: `failed` is told. */
export class Listeners<T> {
  readonly #all = new Set<(value: T) => unknown>();
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Returns what ends it. */
  add(listener: (value: T) => unknown): () => void {
    const own = (value: T): unknown => listener(value);
    this.#all.add(own);
    return () => void this.#all.delete(own);
  }

  get used(): boolean {
    return this.#all.size > 0;
  }

  tell(value: T): void {
    for (const listener of [...this.#all]) guarded(() => listener(value), this.#failed);
  }
}

/** Calls it; `failed` gets what it throws, and what a promise it returns is rejected with. */
export function guarded(call: () => unknown, failed: (error: unknown) => void): void {
  try {
    const answer = call();
    if (answer instanceof Promise) answer.catch(failed);
  } catch (error) {
    failed(error);
  }
}
