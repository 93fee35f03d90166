import { MillraceError } from '../model/reason.js';

const HELP: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free space or choose another path',
  EROFS: 'the disk is read-only: choose another path',
  EACCES: 'this user may not write there: change the permissions or choose another path',
  EPERM: 'this user may not write there: change the permissions or choose another path',
  EISDIR: 'this is a folder: give the path of a file',
  ENOTDIR: 'a part of this path is a file: give a path below a folder',
  ENOENT: 'no folder can be made there: choose another path',
  EEXIST: 'it exists already: choose another path or session id',
};

/** What a sink that cannot start rejects with: which path, why, and what to do. Codes of its own pass unchanged. */
export function openError(what: string, path: string, error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const help = HELP[(error as NodeJS.ErrnoException).code ?? ''] ?? 'check the path and the disk';
  return new MillraceError('INVALID_CONFIGURATION', `${what} cannot write to ${path}: ${message}`, help, {
    cause: error,
  });
}
