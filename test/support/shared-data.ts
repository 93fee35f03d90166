import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root =
  process.env['MILLRACE_SHARED_DATA'] ??
  resolve(dirname(fileURLToPath(import.meta.url)), '../../../shared/data');

/** Path of recorded data kept beside the project, or undefined (with a printed reason) when it is not there. */
export function sharedData(...segments: string[]): string | undefined {
  const path = resolve(root, ...segments);
  if (existsSync(path)) return path;
  console.warn(`skipped: recorded data not found at ${path}; set MILLRACE_SHARED_DATA to its folder`);
  return undefined;
}
