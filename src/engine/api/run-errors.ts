import { MillraceError, type ErrorCode } from '../../model/reason.js';
import { errorText } from '../../operators/strategy/error-text.js';
import type { CheckedTopology } from '../../topology/checked.js';
import { loadStrategies } from '../../topology/load-strategies.js';
import type { RunSummary } from '../summary.js';

/** Strategies are loaded here, so that one that cannot be is told as such. */
export async function ready(topology: () => Promise<CheckedTopology>): Promise<CheckedTopology> {
  const checked = await topology();
  try {
    return await loadStrategies(checked);
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    throw new MillraceError('STRATEGY_INIT_FAILED', error.message, error.help, { cause: error });
  }
}

export function callbackError(name: string, error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  return new MillraceError('CALLBACK_FAILED', `${name} threw: ${errorText(error)}`, 'mend the callback', {
    cause: error,
  });
}

export const isAborted: (signal: AbortSignal | undefined) => boolean = (signal) => signal?.aborted === true;

export function cancelled(): MillraceError {
  return new MillraceError(
    'CONTEXT_CANCELLED',
    'the signal was aborted',
    'nothing is wrong; run again to go on',
  );
}

export function errorOf({ error }: RunSummary): MillraceError | undefined {
  return error === null ? undefined : new MillraceError(error.code as ErrorCode, error.message, error.help);
}

/** What `run` was rejected with, as an error with a code. */
export function asError(error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  return new MillraceError('INVARIANT', errorText(error), '', { cause: error });
}

export function notRunning(): MillraceError {
  return new MillraceError('NOT_RUNNING', 'the engine does not run', 'await start() first');
}
