/**
 * The time in which the journal cannot write: recorded sources wait, live market data is refused and counted. Reports of
 * brokers and control go on, so that cancels and exits still work.
 */
export class Stall {
  readonly #pending: () => number;
  #active = false;
  #since = 0;

  /** @param pending bytes that wait for the disk */
  constructor(pending: () => number) {
    this.#pending = pending;
  }

  begin(): void {
    this.#active = true;
    this.#since = this.#pending();
  }

  /** Over as soon as three quarters of what waited are written. */
  get active(): boolean {
    if (this.#active && this.#pending() < this.#since / 4) this.#active = false;
    return this.#active;
  }
}
