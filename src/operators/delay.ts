import type { MonoTypeOperatorFunction, SchedulerLike, Subscriber } from 'rxjs';
import { MillraceError } from '../model/reason.js';
import { Stage, stage } from '../streams/operate.js';

export interface DelayOptions {
  /** Values held at most; one more is an error (order-carrying buffers may only halt). Default 1,000,000. */
  readonly capacity?: number;
}

/** First-in first-out ring that doubles when full; memory follows the highest depth. */
class Ring<T> {
  #values: (T | undefined)[] = new Array<T | undefined>(64).fill(undefined);
  #dues: Float64Array = new Float64Array(64);
  #head = 0;
  count = 0;

  /** Due time of the oldest value; Infinity when empty. */
  get due(): number {
    return this.count === 0 ? Infinity : (this.#dues[this.#head] as number);
  }

  push(value: T, due: number): void {
    if (this.count === this.#values.length) this.#grow();
    const at = (this.#head + this.count++) & (this.#values.length - 1);
    this.#values[at] = value;
    this.#dues[at] = due;
  }

  shift(): T {
    const value = this.#values[this.#head] as T;
    this.#values[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#values.length - 1);
    this.count--;
    return value;
  }

  #grow(): void {
    const size = this.#values.length;
    const dues = new Float64Array(size * 2);
    const values = new Array<T | undefined>(size * 2).fill(undefined);
    for (let i = 0; i < size; i++) {
      const from = (this.#head + i) & (size - 1);
      values[i] = this.#values[from];
      dues[i] = this.#dues[from] as number;
    }
    this.#values = values;
    this.#dues = dues;
    this.#head = 0;
  }
}

class DelayStage<T> extends Stage<T, T> {
  readonly #micros: number;
  readonly #scheduler: SchedulerLike;
  readonly #capacity: number;
  readonly #ring: Ring<T> = new Ring<T>();
  #done = false;
  #armed = false;

  constructor(out: Subscriber<T>, ms: number, scheduler: SchedulerLike, capacity: number) {
    super(out);
    this.#micros = Math.max(1, Math.round(ms * 1000));
    this.#scheduler = scheduler;
    this.#capacity = capacity;
  }

  protected override push(value: T): void {
    if (this.#ring.count >= this.#capacity) {
      throw new MillraceError(
        'INVARIANT',
        `delay holds ${this.#capacity} values already`,
        'raise its capacity or shorten the delay',
      );
    }
    this.#ring.push(value, this.#now() + this.#micros);
    if (!this.#armed) this.#arm();
  }

  override complete(): void {
    if (this.isStopped) return;
    if (this.#ring.count === 0) super.complete();
    else this.#done = true;
  }

  #now(): number {
    return Math.round(this.#scheduler.now() * 1000);
  }

  #arm(): void {
    this.#armed = true;
    const wait = (this.#ring.due - this.#now()) / 1000;
    const timer = this.#scheduler.schedule(() => {
      this.out.remove(timer);
      this.#armed = false;
      this.#release();
    }, wait);
    this.out.add(timer);
  }

  #release(): void {
    const now = this.#now();
    while (this.#ring.due <= now && !this.out.closed) this.out.next(this.#ring.shift());
    if (this.out.closed) return;
    if (this.#ring.count > 0) this.#arm();
    else if (this.#done) super.complete();
  }
}

/**
 * Delays every value by `ms` (at least one microsecond) at a constant cost per value, where RxJS `delay` keeps one
 * timer a value.
 *
 * ```
 * in:            a-b---|
 * delay(3 ms):   ---a-b---(|)     completes when the last value has left
 * ```
 *
 * An error passes at once and drops what waits. Completion waits for the values held. Memory: the values inside the
 * window, at most `capacity`; one pending timer.
 */
export function delay<T>(
  ms: number,
  scheduler: SchedulerLike,
  options: DelayOptions = {},
): MonoTypeOperatorFunction<T> {
  const capacity = options.capacity ?? 1_000_000;
  return stage<T, T>((out) => new DelayStage<T>(out, ms, scheduler, capacity));
}
