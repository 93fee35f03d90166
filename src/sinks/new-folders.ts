import { dirname } from 'node:path';
import type { FilePort } from './file-port.js';

/**
 * Remembers which folders on the way to `folder`, itself included, are not there yet. The function it returns removes
 * those that are empty: what a start that failed would leave behind.
 */
export function newFolders(files: FilePort, folder: string): () => void {
  const missing: string[] = [];
  for (let path = folder; !files.exists(path); path = dirname(path)) {
    missing.push(path);
    if (dirname(path) === path) break;
  }
  return () => {
    for (const path of missing) files.removeFolder(path);
  };
}
