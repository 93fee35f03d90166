import { expect, test } from 'vitest';
import { tryStrategies } from '../../src/topology/load-strategies.js';
import { broken, load } from './fixtures.js';

async function codesOf(
  text: string,
  more: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { topology } = await load(text, {}, more);
  if (topology === undefined) throw new Error('lint failed');
  return (await tryStrategies(topology)).diagnostics.map(({ code, message }) => `${code} ${message}`);
}

test('a file that is no strategy, and one that throws, are told apart', async () => {
  const text = broken('use: ema-cross', 'use: ./mine.mjs');
  expect(await codesOf(text, { 'mine.mjs': 'export default 1;' })).toEqual([
    'E113 strategy "ema" cannot be used: the default export of ./mine.mjs is not a strategy.',
  ]);
  const [thrown] = await codesOf(text, { 'mine.mjs': 'throw new Error("no key");' });
  expect(thrown).toMatch(/^E113 strategy "ema" cannot be used: .*no key/);
});

test('parameters are checked by the strategy', async () => {
  const [wrong] = await codesOf(broken('fast: 12', 'fast: -1'));
  expect(wrong).toMatch(/^E113 strategy "ema" cannot be used: strategy ema-cross: params\.fast/);
});
