import { Observable, type Subscriber } from 'rxjs';

/**
 * An event stream that keeps what is said before somebody listens: a session opens before the engine subscribes. At
 * most `most` events wait; one more ends the stream with an error, since reports may not be dropped.
 */
export class Outlet<T> {
  readonly events$: Observable<T>;
  readonly #most: number;
  readonly #subscribers = new Set<Subscriber<T>>();
  #waiting: T[] = [];
  #error: Error | undefined;
  #closed = false;

  constructor(most: number) {
    this.#most = most;
    this.events$ = new Observable((subscriber) => this.#subscribe(subscriber));
  }

  next(event: T): void {
    if (this.#closed) return;
    if (this.#subscribers.size === 0) {
      this.#waiting.push(event);
      if (this.#waiting.length > this.#most)
        this.error(new Error(`${this.#most} events wait and nobody listens`));
      return;
    }
    for (const subscriber of this.#subscribers) subscriber.next(event);
  }

  error(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#error = error;
    for (const subscriber of this.#subscribers) subscriber.error(error);
    this.#subscribers.clear();
  }

  complete(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const subscriber of this.#subscribers) subscriber.complete();
    this.#subscribers.clear();
  }

  #subscribe(subscriber: Subscriber<T>): () => void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const event of waiting) subscriber.next(event);
    if (this.#error !== undefined) subscriber.error(this.#error);
    else if (this.#closed) subscriber.complete();
    else this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }
}
