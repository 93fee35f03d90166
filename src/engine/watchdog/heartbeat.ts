/** What main thread and watchdog share: a count that must move, and a flag that says that it did not. */
export class Heartbeat {
  readonly shared: SharedArrayBuffer;
  readonly #cells: Int32Array;
  #beats = 0;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.shared = shared;
    this.#cells = new Int32Array(shared);
  }

  /** The main thread goes on. One store: cheap enough for every turn. */
  beat(): void {
    this.#beats = (this.#beats + 1) | 0;
    Atomics.store(this.#cells, 0, this.#beats);
  }

  get beats(): number {
    return Atomics.load(this.#cells, 0);
  }

  /** True from the moment the watchdog acts until the main thread has taken note and trading was released. */
  get tripped(): boolean {
    return Atomics.load(this.#cells, 1) !== 0;
  }
  set tripped(value: boolean) {
    Atomics.store(this.#cells, 1, value ? 1 : 0);
  }
}
