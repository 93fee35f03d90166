import { readdirSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { MillraceError } from '../../model/reason.js';

const WILD = /[*?]/;

/**
 * Files a list of paths means, relative ones from `baseDir`. `*`, `?` and `**` are patterns, whose files come in the
 * order of their names. Throws MillraceError `BAD_INPUT` when a file is missing or a pattern fits none.
 */
export function expandPaths(paths: readonly string[], baseDir: string): string[] {
  return paths.flatMap((path) => {
    const full = isAbsolute(path) ? path : resolve(baseDir, path);
    if (!WILD.test(path)) {
      requireFile(full);
      return [full];
    }
    const found = glob(full);
    if (found.length > 0) return found;
    throw new MillraceError('BAD_INPUT', `no file fits ${path}`, `it was looked for from ${baseDir}`);
  });
}

function requireFile(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new MillraceError(
      'BAD_INPUT',
      `${path} does not exist`,
      'correct path: of the source, or give another one for this run: --set sources.NAME.path=FILE',
    );
}

function glob(pattern: string): string[] {
  const parts = pattern.split(/[\\/]/);
  const fixed = parts.findIndex((part) => WILD.test(part));
  const found: string[] = [];
  walk(parts.slice(0, fixed).join('/') || '/', parts.slice(fixed), found);
  return [...new Set(found)].sort();
}

function walk(dir: string, parts: readonly string[], found: string[]): void {
  const [part = '', ...rest] = parts;
  const fits = new RegExp(
    `^${part
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  if (part === '**' && rest.length > 0) walk(dir, rest, found);
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue;
    const path = join(dir, entry.name);
    const isDir =
      entry.isDirectory() ||
      (entry.isSymbolicLink() && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true);
    if (part === '**') {
      if (isDir) walk(path, parts, found);
      else if (rest.length === 0) found.push(path);
    } else if (fits.test(entry.name)) {
      if (rest.length === 0 && !isDir) found.push(path);
      else if (rest.length > 0 && isDir) walk(path, rest, found);
    }
  }
}
