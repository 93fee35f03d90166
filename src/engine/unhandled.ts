import { config } from 'rxjs';
import { MillraceError } from '../model/reason.js';
import { errorText } from '../operators/strategy/error-text.js';

type Watcher = (error: MillraceError) => void;

const watchers = new Set<Watcher>();
let before: typeof config.onUnhandledError = null;

/** What a callback of a plain `subscribe(...)` threw; errors of the engine pass unchanged. */
export function callbackFailed(error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  return new MillraceError(
    'CALLBACK_FAILED',
    `a subscribe() callback threw: ${errorText(error)}`,
    'catch the error inside the callback, or return the stream from run(), which counts errors of the strategy',
    { cause: error },
  );
}

/**
 * What RxJS would throw into the empty call stack, where it would end the process, goes to `watcher` instead: an
 * engine that dies leaves its orders alone. With several engines each is told, as the error does not say whose it is.
 * Returns what ends this; the last one to end gives RxJS its former setting back.
 */
export function watchUnhandled(watcher: Watcher): () => void {
  if (watchers.size === 0) {
    before = config.onUnhandledError;
    config.onUnhandledError = (error: unknown): void => {
      const failure = callbackFailed(error);
      for (const tell of watchers) tell(failure);
    };
  }
  watchers.add(watcher);
  return () => {
    if (watchers.delete(watcher) && watchers.size === 0) config.onUnhandledError = before;
  };
}
