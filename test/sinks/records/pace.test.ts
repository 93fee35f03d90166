import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runTopology } from '../../support/run-topology.js';

const TOPOLOGY = `version: 1
name: pace
portfolio: { base_currency: USDT }
instruments:
  BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 }
brokers:
  sim: { type: paper, prices: ticks, cash: { USDT: 100000 }, fees: { maker: 2 bps, taker: 5 bps }, latency: 40ms }
sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000, volatility: 50% } }, duration: 30m, rate: 5/s, pace: max }
  fills: { type: executions, broker: sim }
operators:
  ticks: { type: normalize, inputs: [market] }
  bars: { type: bars, inputs: [ticks], every: 10s }
  ema: { type: strategy, use: ema-cross, inputs: [bars, fills], params: { fast: 2, slow: 4, quantity: 0.1 } }
  risk: { type: risk, inputs: [ema], limits: { max_position: 1 } }
  pace: { type: throttle, inputs: [risk], orders: 5/s }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  records: { type: records, inputs: ["*"], path: ./records, bars: true }
`;

it('one session gives the same files at full speed and at a pace', async () => {
  const tables = async (pace: string): Promise<Record<string, string>> => {
    const { folder, summary } = await runTopology(TOPOLOGY, {
      session: 's1',
      set: [`sources.market.pace=${pace}`],
    });
    expect(summary.error).toBeNull();
    expect(summary.fills).toBeGreaterThan(3);
    const [day = ''] = readdirSync(join(folder, 'records'));
    const run = join(folder, 'records', day, 'run_1');
    return Object.fromEntries(
      readdirSync(run)
        .filter((name) => name.endsWith('.csv'))
        .map((name) => [name, readFileSync(join(run, name), 'utf8')]),
    );
  };
  const [fast, paced] = [await tables('max'), await tables('3600x')];
  expect(paced).toEqual(fast);
  expect(fast['equity.csv']?.split('\n').length).toBeGreaterThan(30);
  expect(fast['bars.csv']?.split('\n').length).toBeGreaterThan(150);
});
