import {
  auditTime,
  bufferTime,
  debounceTime,
  interval,
  sampleTime,
  throttleTime,
  timeout,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
  type ThrottleConfig,
} from 'rxjs';
import { delay, type DelayOptions } from './delay.js';

/** RxJS time operators bound to one scheduler, so that nobody forgets it. All times are milliseconds. */
export interface TimeOperators {
  readonly debounceTime: <T>(ms: number) => MonoTypeOperatorFunction<T>;
  readonly throttleTime: <T>(ms: number, config?: ThrottleConfig) => MonoTypeOperatorFunction<T>;
  readonly auditTime: <T>(ms: number) => MonoTypeOperatorFunction<T>;
  readonly sampleTime: <T>(ms: number) => MonoTypeOperatorFunction<T>;
  /** At most `max` values are held; a full buffer is emitted early. */
  readonly bufferTime: <T>(ms: number, every?: number | null, max?: number) => OperatorFunction<T, T[]>;
  readonly delay: <T>(ms: number, options?: DelayOptions) => MonoTypeOperatorFunction<T>;
  /** Errors with a `TimeoutError` when no value comes for `ms`. */
  readonly timeout: <T>(ms: number) => MonoTypeOperatorFunction<T>;
  readonly timer: (ms: number, period?: number) => Observable<number>;
  readonly interval: (ms: number) => Observable<number>;
  /** Engine time in milliseconds. */
  readonly now: () => number;
}

/** Binds the time operators to `scheduler` (`context.scheduler` in the graph, the `TestScheduler` in tests). */
export function timeOperators(scheduler: SchedulerLike): TimeOperators {
  return {
    debounceTime: (ms) => debounceTime(ms, scheduler),
    throttleTime: (ms, config) => throttleTime(ms, scheduler, config),
    auditTime: (ms) => auditTime(ms, scheduler),
    sampleTime: (ms) => sampleTime(ms, scheduler),
    bufferTime: (ms, every = null, max = 100_000) => bufferTime(ms, every, max, scheduler),
    delay: (ms, options) => delay(ms, scheduler, options),
    timeout: (ms) => timeout({ each: ms, scheduler }),
    timer: (ms, period) => (period === undefined ? timer(ms, scheduler) : timer(ms, period, scheduler)),
    interval: (ms) => interval(ms, scheduler),
    now: () => scheduler.now(),
  };
}
