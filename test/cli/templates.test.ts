import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtins } from '../../src/topology/builtins.js';
import { formatText } from '../../src/topology/diagnostic.js';
import { loadTopology } from '../../src/topology/load.js';
import { tryStrategies } from '../../src/topology/load-strategies.js';
import { newStrategy, newTopology, TEMPLATES } from '../../src/topology/new.js';
import { folder } from '../topology/fixtures.js';

test.each(TEMPLATES)('the template %s has nothing to correct', async (template) => {
  const { file, text } = newTopology('desk', template);
  const dir = folder({ [file]: text });
  const { diagnostics, topology, texts } = await loadTopology([join(dir, file)], {
    registry: builtins(),
    environment: { BINANCE_API_KEY: 'dummy-key-1234', BINANCE_SECRET_KEY: 'dummy-secret-1234' },
  });
  expect(formatText(diagnostics, texts)).toBe('0 errors, 0 warnings');
  expect(topology === undefined ? [] : (await tryStrategies(topology)).diagnostics).toEqual([]);
});

test('a new strategy is a module with a default export', () => {
  const { file, text } = newStrategy('breakout');
  expect(file).toBe('breakout.ts');
  expect(text).toContain("name: 'breakout'");
  expect(text).toContain('export default defineStrategy({');
});
