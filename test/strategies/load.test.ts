import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MillraceError } from '../../src/model/reason.js';
import { hashStrategy } from '../../src/strategies/hash.js';
import { loadStrategy, strategyParams, type LoadedStrategy } from '../../src/strategies/load.js';
import { importModule } from '../../src/topology/import-module.js';

const folder = mkdtempSync(join(tmpdir(), 'strategies-'));
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

beforeAll(() => {
  write('level.ts', 'export const level: number = 3;\n');
  write(
    'good.ts',
    `import { defineStrategy } from 'millrace';\nimport { map } from 'rxjs';\nimport { z } from 'zod';\nimport { level } from './level.js';\n` +
      `interface Unused { readonly a: number }\nexport default defineStrategy({ name: 'mine', version: String(level), params: z.strictObject({ size: z.int().positive() }), run: ({ events$ }) => events$.pipe(map((e) => e as never)) });\n`,
  );
  write('none.ts', 'export const x = 1;\n');
  write('wrong.js', 'export default { name: "x" };\n');
  write('broken.ts', 'throw new Error("top level");\n');
  write('notes.txt', 'hello');
});
afterAll(() => rmSync(folder, { recursive: true }));

const load = (use: string): Promise<LoadedStrategy> => loadStrategy(use, folder, importModule);
const problem = async (use: string): Promise<string> => {
  try {
    await load(use);
  } catch (error) {
    const { code, message } = error as MillraceError;
    return `${code} ${message}`;
  }
  return 'loaded';
};

describe('loadStrategy', () => {
  it('finds built-in strategies', async () => {
    const loaded = await load('ema-cross');
    expect([loaded.definition.name, loaded.path, loaded.hash.length]).toStrictEqual([
      'ema-cross',
      undefined,
      64,
    ]);
  });

  it('loads TypeScript as it is', async () => {
    const loaded = await load('./good.ts');
    expect([loaded.definition.name, loaded.definition.version, loaded.path]).toStrictEqual([
      'mine',
      '3',
      join(folder, 'good.ts'),
    ]);
    expect(loaded.hash).toBe(hashStrategy(join(folder, 'good.ts')));
    // One copy of rxjs, zod and this package, wherever the file lies: it knows the very class.
    expect(loaded.definition.params).toBeInstanceOf(z.ZodObject);
  });

  it('says what is wrong', async () => {
    expect(await problem('./missing.ts')).toBe(
      'STRATEGY_INIT_FAILED strategy file ./missing.ts does not exist',
    );
    expect(await problem('ema-kross')).toBe('STRATEGY_INIT_FAILED there is no built-in strategy "ema-kross"');
    expect(await problem('./none.ts')).toBe(
      'STRATEGY_INIT_FAILED strategy file ./none.ts has no default export',
    );
    expect(await problem('./wrong.js')).toBe(
      'STRATEGY_INIT_FAILED the default export of ./wrong.js is not a strategy',
    );
    expect(await problem('./broken.ts')).toBe(
      'STRATEGY_INIT_FAILED strategy file ./broken.ts cannot be loaded: top level',
    );
    expect(await problem('./notes.txt')).toBe(
      'STRATEGY_INIT_FAILED strategy file ./notes.txt is neither TypeScript nor JavaScript',
    );
  });

  it('names each wrong parameter', async () => {
    const { definition } = await load('./good.ts');
    expect(strategyParams(definition, { size: 2 })).toStrictEqual({ size: 2 });
    expect(() => strategyParams(definition, { size: -1, extra: 1 })).toThrow(
      /^strategy mine: params\.size: .*; params: .*extra/,
    );
  });
});

describe('hashStrategy', () => {
  it('changes with a relative import and with the lock file, and with nothing else', () => {
    const path = join(folder, 'good.ts');
    const before = hashStrategy(path);
    expect(hashStrategy(path)).toBe(before);
    write('level.ts', 'export const level: number = 4;\n');
    expect(hashStrategy(path)).not.toBe(before);
    write('level.ts', 'export const level: number = 3;\n');
    expect(hashStrategy(path)).toBe(before);
    write('package-lock.json', '{}');
    expect(hashStrategy(path)).not.toBe(before);
    rmSync(join(folder, 'package-lock.json'));
    expect(hashStrategy(path)).toBe(before);
  });
});
