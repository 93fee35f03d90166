import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { formatText } from '../../src/topology/diagnostic.js';
import { loadTopology } from '../../src/topology/load.js';
import { folder } from './fixtures.js';

const CONFIG = resolve(import.meta.dirname, '../../config');
const names = readdirSync(CONFIG).filter((name) => name.endsWith('.yaml'));

/** What the topologies for a venue ask for. */
const environment = {
  BINANCE_API_KEY: 'an-api-key-for-tests',
  BINANCE_SECRET_KEY: 'a-secret-key-for-tests',
  BINANCE_REST_URL: 'http://127.0.0.1:1',
  BINANCE_STREAM_URL: 'ws://127.0.0.1:1',
  BINANCE_WS_API_URL: 'ws://127.0.0.1:1/ws-api/v3',
};

/** What a journal keeps of its topology must be that topology again: same meaning, same hash. */
test.each(names)('%s: the recorded text loads, with the same hash and text', async (name) => {
  const first = await loadTopology([join(CONFIG, name)], { environment });
  expect(formatText(first.diagnostics, first.texts)).toContain('0 errors');
  const text = first.topology?.configurationText ?? '';
  const again = await loadTopology([join(folder({ 'recorded.yaml': text }), 'recorded.yaml')], {
    environment: {},
    baseDir: CONFIG,
  });
  expect(formatText(again.diagnostics, again.texts)).toContain('0 errors');
  expect(again.topology?.configurationHash).toBe(first.topology?.configurationHash);
  expect(again.topology?.configurationText).toBe(text);
});
