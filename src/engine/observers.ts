import type { InputEvent } from '../model/event.js';
import type { Event } from '../model/record.js';

/** Watches the turns of a running engine. */
export interface TurnObserver {
  /** One complete turn, still inside it: note what is needed, do not act, do not throw. `children` is used again. */
  saw(input: InputEvent, children: readonly Event[]): void;
  /** The same turn is over. */
  turn?(): void;
}

/** Those who watch now. */
export class Observers {
  #all: readonly TurnObserver[] = [];

  /** Returns what ends it. */
  add(observer: TurnObserver): () => void {
    this.#all = [...this.#all, observer];
    return () => {
      this.#all = this.#all.filter((one) => one !== observer);
    };
  }

  saw(input: InputEvent, children: readonly Event[]): void {
    const all = this.#all;
    for (let i = 0; i < all.length; i++) all[i]?.saw(input, children);
  }

  turn(): void {
    const all = this.#all;
    for (let i = 0; i < all.length; i++) all[i]?.turn?.();
  }
}
