import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MillraceError } from '../../src/model/reason.js';
import { hashStrategy } from '../../src/strategies/hash.js';
import { loadStrategy, strategyParams } from '../../src/strategies/load.js';

const folder = mkdtempSync(join(tmpdir(), 'strategies-'));
const define = resolve(import.meta.dirname, '../../src/operators/strategy/definition.ts');
const zod = resolve(import.meta.dirname, '../../node_modules/zod/index.js');
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

beforeAll(() => {
  write('level.ts', 'export const level: number = 3;\n');
  write(
    'good.ts',
    `import { defineStrategy } from ${JSON.stringify(define)};\nimport { z } from ${JSON.stringify(zod)};\nimport { level } from './level.js';\n` +
      `interface Unused { readonly a: number }\nexport default defineStrategy({ name: 'mine', version: String(level), params: z.strictObject({ size: z.int().positive() }), run: ({ events$ }) => events$ as never });\n`,
  );
  write('none.ts', 'export const x = 1;\n');
  write('wrong.js', 'export default { name: "x" };\n');
  write('broken.ts', 'throw new Error("top level");\n');
  write('notes.txt', 'hello');
});
afterAll(() => rmSync(folder, { recursive: true }));

const problem = (use: string): string => {
  try {
    loadStrategy(use, folder);
  } catch (error) {
    const { code, message } = error as MillraceError;
    return `${code} ${message}`;
  }
  return 'loaded';
};

describe('loadStrategy', () => {
  it('finds built-in strategies', () => {
    const loaded = loadStrategy('ema-cross', folder);
    expect([loaded.definition.name, loaded.path, loaded.hash.length]).toStrictEqual([
      'ema-cross',
      undefined,
      64,
    ]);
  });

  it('loads TypeScript as it is', () => {
    const loaded = loadStrategy('./good.ts', folder);
    expect([loaded.definition.name, loaded.definition.version, loaded.path]).toStrictEqual([
      'mine',
      '3',
      join(folder, 'good.ts'),
    ]);
    expect(loaded.hash).toBe(hashStrategy(join(folder, 'good.ts')));
  });

  it('says what is wrong', () => {
    expect(problem('./missing.ts')).toBe('STRATEGY_INIT_FAILED strategy file ./missing.ts does not exist');
    expect(problem('ema-kross')).toBe('STRATEGY_INIT_FAILED there is no built-in strategy "ema-kross"');
    expect(problem('./none.ts')).toBe('STRATEGY_INIT_FAILED strategy file ./none.ts has no default export');
    expect(problem('./wrong.js')).toBe(
      'STRATEGY_INIT_FAILED the default export of ./wrong.js is not a strategy',
    );
    expect(problem('./broken.ts')).toBe(
      'STRATEGY_INIT_FAILED strategy file ./broken.ts cannot be loaded: top level',
    );
    expect(problem('./notes.txt')).toBe(
      'STRATEGY_INIT_FAILED strategy file ./notes.txt is neither TypeScript nor JavaScript',
    );
  });

  it('names each wrong parameter', () => {
    const { definition } = loadStrategy('./good.ts', folder);
    expect(strategyParams(definition, { size: 2 })).toStrictEqual({ size: 2 });
    expect(() => strategyParams(definition, { size: -1, extra: 1 })).toThrow(
      /^strategy mine: params\.size: .*; params: .*extra/,
    );
  });
});

describe('hashStrategy', () => {
  it('changes with a relative import and with nothing else', () => {
    const path = join(folder, 'good.ts');
    const before = hashStrategy(path);
    expect(hashStrategy(path)).toBe(before);
    write('level.ts', 'export const level: number = 4;\n');
    expect(hashStrategy(path)).not.toBe(before);
    write('level.ts', 'export const level: number = 3;\n');
    expect(hashStrategy(path)).toBe(before);
  });
});
