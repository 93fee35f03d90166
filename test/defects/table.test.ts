import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** Numbers of defects in the names of tests: `defect 27: ...`, `defects 18 and 23`; in this folder also `27: ...`. */
function named(file: string, text: string): readonly number[] {
  const names = [...text.matchAll(/(?:\bit|\btest|describe)(?:\.each[^(]*\([^]*?\))?\(\s*['"`](.*)/g)].map(
    ([, name = '']) => name,
  );
  return names.flatMap((name) => {
    const listed = /\bdefects? (\d+(?:(?:, | and )\d+)*)/i.exec(name)?.[1] ?? '';
    const own = file.startsWith('defects/') ? (/^(\d+):/.exec(name)?.[1] ?? '') : '';
    return [...`${listed} ${own}`.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  });
}

test('each of the 30 defects of the systems before has a test that names it', () => {
  const files = (readdirSync(root, { recursive: true }) as string[]).filter((file) =>
    file.endsWith('.test.ts'),
  );
  const found = new Set(files.flatMap((file) => named(file, readFileSync(join(root, file), 'utf8'))));
  expect(Array.from({ length: 30 }, (_, i) => i + 1).filter((number) => !found.has(number))).toEqual([]);
});
