import { describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTopology } from '../../src/topology/load.js';

const feed = (mode: string): string => `
version: 1
name: feed
mode: ${mode}
brokers:
  binance: { type: binance, api_key: "\${secret:THE_KEY}", secret: "\${secret:THE_SECRET}", instruments: [BTCUSDT] }
sources:
  market: { type: market_data, broker: binance, instruments: [BTCUSDT] }
operators:
  bars: { type: bars, inputs: [market], every: 1m }
sinks:
  journal: { type: journal, inputs: ["*"], path: ./journal, delivery: required }
`;

async function load(mode: string, environment: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-live-only-'));
  const seen: string[] = [];
  try {
    writeFileSync(join(folder, 't.yaml'), feed(mode));
    const { diagnostics, topology } = await loadTopology([join(folder, 't.yaml')], {
      environment,
      onSecret: (value) => seen.push(value),
    });
    const errors = diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    return { errors, topology, seen };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('credentials of a venue', () => {
  const environment = { THE_KEY: 'canary-key-1', THE_SECRET: 'canary-secret-2' };

  it.each(['paper', '${MODE:-paper}'])('are never looked up in mode %s, nor needed', async (mode) => {
    const without = await load(mode, {});
    expect(without.errors).toEqual([]);
    const present = await load(mode, environment);
    expect(present.seen).toEqual([]);
    expect(JSON.stringify(present.topology?.brokers.map(({ config }) => config))).not.toContain('canary');
  });

  it('are read in mode live, and asked for', async () => {
    expect((await load('live', environment)).seen).toEqual(['canary-key-1', 'canary-secret-2']);
    expect((await load('live', {})).errors).toEqual([
      'secret THE_KEY is not set.',
      'secret THE_SECRET is not set.',
    ]);
  });
});
