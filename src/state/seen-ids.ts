import { Hasher } from './hash.js';

/** A bounded set of ids: when it is full, the oldest goes. Its hash is kept while ids are added. */
export class SeenIds {
  readonly #ids = new Set<string>();
  readonly #capacity: number;
  #rolling = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** False when the id was there already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    this.#rolling = parseInt(new Hasher(this.#rolling).str(id).digest().slice(0, 8), 16) | 0;
    if (this.#ids.size > this.#capacity) {
      for (const oldest of this.#ids) {
        this.#ids.delete(oldest);
        break;
      }
    }
    return true;
  }

  save(): { readonly ids: readonly string[]; readonly rolling: number } {
    return { ids: [...this.#ids], rolling: this.#rolling };
  }

  load(saved: ReturnType<SeenIds['save']>): void {
    this.#ids.clear();
    for (const id of saved.ids) this.#ids.add(id);
    this.#rolling = saved.rolling;
  }

  hash(hasher: Hasher): void {
    hasher.int(this.#ids.size).int(this.#rolling);
  }
}
