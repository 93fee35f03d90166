import { animationFrameScheduler, asapScheduler, asyncScheduler, config, queueScheduler } from 'rxjs';
import { MillraceError } from '../model/reason.js';

/**
 * Inside a turn there is no wall clock, no host timer and no unseeded randomness: a decision that used one could not be
 * replayed. While an engine is installed, these throw when they are called inside a turn, and name the tool to use
 * instead. Outside turns they work as ever.
 */
const HELP: Readonly<Record<string, string>> = {
  'Date.now()': 'use at() or scheduler.now() of the strategy context: event time',
  'new Date()': 'use new Date(at() / 1000) with at() of the strategy context: event time',
  'performance.now()': 'use scheduler.now() of the strategy context: event time',
  'Math.random()': 'use random() of the strategy context: it is seeded from the configuration',
  'setTimeout()': 'use timer() of the strategy context: it runs on event time',
  'setInterval()': 'use interval() of the strategy context: it runs on event time',
  'setImmediate()': 'use timer(0) of the strategy context: it runs on event time',
  'queueMicrotask()': 'use timer(0) of the strategy context: it runs on event time',
  asyncScheduler:
    'pass the scheduler of the strategy context, or use its time operators, which are bound to it',
  asapScheduler:
    'pass the scheduler of the strategy context, or use its time operators, which are bound to it',
  queueScheduler:
    'pass the scheduler of the strategy context, or use its time operators, which are bound to it',
  animationFrameScheduler: 'pass the scheduler of the strategy context',
};

let inTurn = false;
const NOTHING: readonly unknown[] = [];
let thrown = NOTHING;
let installed = 0;
let restore: (() => void)[] = [];

/** The real monotonic clock in milliseconds, also inside a turn. For the engine's own measurements only. */
export const monotonicMs: () => number = performance.now.bind(performance);
/** The real wall clock in milliseconds. For the engine itself. */
export const wallMs: () => number = Date.now.bind(Date);

export function enterTurn(): void {
  inTurn = true;
}

export function leaveTurn(): void {
  inTurn = false;
}

/**
 * What callbacks of plain subscriptions threw since the last call. RxJS reports such an error through a host timer;
 * inside a turn the guard takes it from there, as neither the timer nor a refusal of it would tell what happened.
 */
export function takeThrown(): readonly unknown[] {
  const taken = thrown;
  thrown = NOTHING;
  return taken;
}

/** Takes the error out of a timer by which RxJS reports it; false for every other timer. */
function takeReport(handler: unknown): boolean {
  if (typeof handler !== 'function' || !String(handler).includes('onUnhandledError')) return false;
  const { onUnhandledError } = config;
  config.onUnhandledError = null; // without it the handler throws what it reports
  try {
    Reflect.apply(handler, undefined, []);
  } catch (error) {
    thrown = [...thrown, error];
  } finally {
    config.onUnhandledError = onUnhandledError;
  }
  return true;
}

function refuse(what: string): never {
  throw new MillraceError('HOST_CLOCK', `${what} was called inside a turn`, HELP[what] ?? '');
}

type Fn = (...args: never[]) => unknown;

function guardMethod(owner: object, key: string, what: string): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, key);
  const original = (owner as Record<string, unknown>)[key] as Fn;
  const guarded = function (this: unknown, ...args: never[]): unknown {
    if (inTurn) {
      if (key === 'setTimeout' && takeReport(args[0])) return undefined;
      refuse(what);
    }
    return Reflect.apply(original, this, args);
  };
  Object.assign(guarded, original); // promisify symbols and the like
  Object.defineProperty(owner, key, {
    value: guarded,
    writable: true,
    configurable: true,
    enumerable: descriptor?.enumerable ?? false,
  });
  restore.push(() => {
    if (descriptor === undefined) Reflect.deleteProperty(owner, key);
    else Object.defineProperty(owner, key, descriptor);
  });
}

function guardDate(): void {
  const RealDate = globalThis.Date;
  const guarded = new Proxy(RealDate, {
    construct(target, args, newTarget): Date {
      if (inTurn && args.length === 0) refuse('new Date()');
      return Reflect.construct(target, args, newTarget) as Date;
    },
  });
  globalThis.Date = guarded;
  restore.push(() => {
    globalThis.Date = RealDate;
  });
}

/** Installs the guard for one engine; call the returned function when it has stopped. */
export function installGuard(): () => void {
  if (installed++ === 0) {
    guardMethod(Date, 'now', 'Date.now()');
    guardMethod(performance, 'now', 'performance.now()');
    guardMethod(Math, 'random', 'Math.random()');
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'])
      guardMethod(globalThis, name, `${name}()`);
    guardMethod(asyncScheduler, 'schedule', 'asyncScheduler');
    guardMethod(asapScheduler, 'schedule', 'asapScheduler');
    guardMethod(queueScheduler, 'schedule', 'queueScheduler');
    guardMethod(animationFrameScheduler, 'schedule', 'animationFrameScheduler');
    guardDate();
  }
  let done = false;
  return () => {
    if (done) return;
    done = true;
    if (--installed > 0) return;
    for (const undo of restore.reverse()) undo();
    restore = [];
  };
}
