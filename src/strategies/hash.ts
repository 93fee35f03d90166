import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])(\.{1,2}\/[^'"]+)\1/g;
const EXTENSIONS = ['', '.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js'];

function locate(from: string, specifier: string): string | undefined {
  const path = resolve(dirname(from), specifier);
  const candidates = [
    ...EXTENSIONS.map((extension) => path + extension),
    path.replace(/\.([mc]?)js$/, '.$1ts'),
  ];
  return candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
}

/**
 * SHA-256 (hex) of a strategy's source together with everything it imports by a relative path, in the order of their
 * names. A relative import that cannot be found counts by its name. Packages are not followed: the nearest
 * package-lock.json upwards, if there is one, stands for them.
 */
export function hashStrategy(path: string): string {
  const entry = resolve(path);
  const sources = new Map<string, Buffer>();
  const missing = new Set<string>();
  const queue = [entry];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (sources.has(file)) continue;
    const source = readFileSync(file);
    sources.set(file, source);
    for (const match of source.toString('utf8').matchAll(IMPORT)) {
      const found = locate(file, match[2] ?? '');
      if (found === undefined) missing.add(match[2] ?? '');
      else queue.push(found);
    }
  }
  const hash = createHash('sha256');
  const names = [...sources].map(
    ([file, source]) => [relative(dirname(entry), file).replaceAll('\\', '/'), source] as const,
  );
  for (const [name, source] of names.sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    hash.update(`${name}\0${source.length}\0`).update(source);
  }
  for (const name of [...missing].sort()) hash.update(`missing\0${name}\0`);
  const lock = lockFile(dirname(entry));
  if (lock !== undefined) hash.update('lock\0').update(readFileSync(lock));
  return hash.digest('hex');
}

/** The package-lock.json of this folder, or of the nearest folder above that has one. */
function lockFile(folder: string): string | undefined {
  const file = join(folder, 'package-lock.json');
  if (existsSync(file)) return file;
  const above = dirname(folder);
  return above === folder ? undefined : lockFile(above);
}
