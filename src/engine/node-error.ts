import { MillraceError } from '../model/reason.js';

/** What an operator threw, with the operator's name; errors of the engine pass unchanged. */
export function nodeError(node: string, error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new MillraceError('NODE_FAILED', `operator "${node}" threw: ${message}`, '', { cause: error });
}
