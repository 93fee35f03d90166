/** Remembers at least the newest `keep` ids and at most twice as many, at a constant cost for each. */
export class RecentIds {
  readonly #keep: number;
  #young = new Set<string>();
  #old = new Set<string>();

  constructor(keep: number) {
    this.#keep = keep;
  }

  /** False when it was there already. */
  add(id: string): boolean {
    if (this.has(id)) return false;
    this.#young.add(id);
    if (this.#young.size >= this.#keep) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    return true;
  }

  has(id: string): boolean {
    return this.#young.has(id) || this.#old.has(id);
  }
}
