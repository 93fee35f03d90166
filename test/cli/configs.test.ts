import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { formatText } from '../../src/topology/diagnostic.js';
import { loadTopology } from '../../src/topology/load.js';
import { tryStrategies } from '../../src/topology/load-strategies.js';

const folder = resolve(import.meta.dirname, '../../config');
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const environment = {
  BINANCE_API_KEY: 'dummy-key-1234',
  BINANCE_SECRET_KEY: 'dummy-secret-1234',
  BINANCE_REST_URL: 'http://127.0.0.1:1',
  BINANCE_STREAM_URL: 'ws://127.0.0.1:1',
  BINANCE_WS_API_URL: 'ws://127.0.0.1:1/ws-api/v3',
};

test.each(files)('config/%s has nothing to correct', async (file) => {
  const { diagnostics, topology, texts } = await loadTopology([resolve(folder, file)], { environment });
  expect(formatText(diagnostics, texts)).toBe('0 errors, 0 warnings');
  expect(topology === undefined ? [] : (await tryStrategies(topology)).diagnostics).toEqual([]);
});

test('the topologies for a venue need keys only where orders go to it', async () => {
  const needs = async (file: string): Promise<boolean> => {
    const { topology } = await loadTopology([resolve(folder, file)], { environment: {} });
    return topology === undefined;
  };
  expect(await needs('binance-paper.yaml')).toBe(false);
  expect(await needs('binance-testnet.yaml')).toBe(true);
  expect(await needs('binance-live.yaml')).toBe(true);
});

test('without its venue the quickstart says how to run it', async () => {
  const { diagnostics } = await loadTopology([resolve(folder, 'quickstart.yaml')], { environment: {} });
  expect(diagnostics.map(({ message }) => message)).toContain(
    'environment variable BINANCE_REST_URL is not set: this topology runs with --emulate binance.',
  );
});
