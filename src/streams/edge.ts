import { Observable, Subscriber } from 'rxjs';

/** Anything an edge delivers to. */
export interface Target<T> {
  next(value: T): void;
  complete(): void;
}

/**
 * A static edge of the compiled graph: an Observable whose `next` is a plain loop over its targets, in the order they
 * were linked. No error channel: a throw goes straight up into the turn. Targets linked for some instruments only cost
 * nothing for the others.
 *
 * ```
 * next:  --a---b--|
 * out 1: --a---b--|
 * out 2: --a---b--|
 * ```
 */
export class Edge<T extends object> extends Observable<T> implements Target<T> {
  readonly name: string;
  #links: { readonly target: Target<T>; readonly ixs: ReadonlySet<number> | undefined }[] = [];
  /** Every target: for events that are about no single instrument (orders, control, the whole market). */
  #every: Target<T>[] = [];
  /** Targets for an event of no listed instrument. */
  #all: Target<T>[] = [];
  /** Targets by instrument index, where some target is restricted. */
  #keyed: (Target<T>[] | undefined)[] | undefined;
  #completed = false;

  constructor(name: string) {
    super((subscriber) => this.link(subscriber));
    this.name = name;
  }

  /** Links a target, for events of the given instruments only if `ixs` is given. Returns the unlink function. */
  link(target: Target<T>, ixs?: Iterable<number>): () => void {
    if (this.#completed) {
      target.complete();
      return () => undefined;
    }
    const entry = { target, ixs: ixs === undefined ? undefined : new Set(ixs) };
    this.#links = [...this.#links, entry];
    this.#rebuild();
    return () => {
      this.#links = this.#links.filter((link) => link !== entry);
      this.#rebuild();
    };
  }

  get linked(): number {
    return this.#links.length;
  }

  next(value: T): void {
    let targets = this.#all;
    if (this.#keyed !== undefined) {
      const ix = (value as { readonly ix?: number }).ix;
      targets = ix === undefined || ix < 0 ? this.#every : (this.#keyed[ix] ?? targets);
    }
    for (let i = 0; i < targets.length; i++) (targets[i] as Target<T>).next(value);
  }

  complete(): void {
    if (this.#completed) return;
    this.#completed = true;
    for (const link of this.#links) link.target.complete();
    this.#links = [];
    this.#rebuild();
  }

  #rebuild(): void {
    this.#every = this.#links.map((link) => link.target);
    this.#all = this.#links.filter((link) => link.ixs === undefined).map((link) => link.target);
    const ixs = new Set(this.#links.flatMap((link) => [...(link.ixs ?? [])]));
    if (ixs.size === 0) {
      this.#keyed = undefined;
      return;
    }
    const keyed: (Target<T>[] | undefined)[] = [];
    for (const ix of ixs) {
      keyed[ix] = this.#links
        .filter((link) => link.ixs === undefined || link.ixs.has(ix))
        .map((link) => link.target);
    }
    this.#keyed = keyed;
  }
}

/** End of an operator chain inside the graph: values and errors go into the turn that caused them, at once. */
export class Into<T> extends Subscriber<T> {
  readonly #onNext: (value: T) => void;
  readonly #onError: (error: unknown) => void;
  readonly #onComplete: () => void;

  constructor(
    onNext: (value: T) => void,
    onError: (error: unknown) => void,
    onComplete: () => void = () => undefined,
  ) {
    super();
    this.#onNext = onNext;
    this.#onError = onError;
    this.#onComplete = onComplete;
  }

  override next(value: T): void {
    if (!this.isStopped) this.#onNext(value);
  }

  override error(error: unknown): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.unsubscribe();
    this.#onError(error);
  }

  override complete(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.unsubscribe();
    this.#onComplete();
  }
}
