import { Observable, Subscriber, type OperatorFunction } from 'rxjs';

/**
 * Base of our own operators: a `Subscriber` whose `next` is the work itself, without the hops of stock operators.
 * It is chained to `out`, so that unsubscribing downstream stops even a synchronous source. Subclasses implement
 * `push` (one value) and, if they hold something back, `flush` (before completion).
 *
 * A throw in `push` or `flush` becomes an error of the output. Nothing is delivered after the end.
 */
export abstract class Stage<T, R> extends Subscriber<T> {
  protected readonly out: Subscriber<R>;

  constructor(out: Subscriber<R>) {
    super(out);
    this.out = out;
  }

  protected abstract push(value: T): void;

  /** Emits what is buffered; called once, before the output completes. */
  protected flush(): void {
    // nothing is buffered unless a subclass says so
  }

  override next(value: T): void {
    if (this.isStopped) return;
    try {
      this.push(value);
    } catch (error) {
      this.out.error(error);
    }
  }

  override error(error: unknown): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.out.error(error);
    this.unsubscribe();
  }

  override complete(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    try {
      this.flush();
    } catch (error) {
      this.out.error(error);
      this.unsubscribe();
      return;
    }
    this.out.complete();
    this.unsubscribe();
  }
}

/** Builds an operator from a {@link Stage}; `make` runs once per subscription, so state lives in the stage. */
export function stage<T, R>(make: (out: Subscriber<R>) => Subscriber<T>): OperatorFunction<T, R> {
  return (source) =>
    new Observable<R>((out) => {
      source.subscribe(make(out));
    });
}

export interface Handlers<T> {
  readonly next: (value: T) => void;
  /** Emits what is buffered; the output completes after it. */
  readonly flush?: () => void;
  readonly teardown?: () => void;
}

class HandlerStage<T, R> extends Stage<T, R> {
  readonly #next: (value: T) => void;
  readonly #flush: (() => void) | undefined;

  constructor(out: Subscriber<R>, handlers: Handlers<T>) {
    super(out);
    this.#next = handlers.next;
    this.#flush = handlers.flush;
  }

  protected override push(value: T): void {
    this.#next(value);
  }

  protected override flush(): void {
    this.#flush?.();
  }
}

/**
 * Builds an operator from functions. `init` runs once per subscription, so state lives in its closure.
 * Errors: a throw in a handler errors the output. Completion: `flush`, then complete. Unsubscribe: `teardown` only.
 */
export function operate<T, R>(init: (out: Subscriber<R>) => Handlers<T>): OperatorFunction<T, R> {
  return stage<T, R>((out) => {
    const handlers = init(out);
    if (handlers.teardown !== undefined) out.add(handlers.teardown);
    return new HandlerStage<T, R>(out, handlers);
  });
}
