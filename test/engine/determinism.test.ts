import { join } from 'node:path';
import { Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { verifyJournal } from '../../src/engine/verify-journal.js';
import type { InputEvent } from '../../src/model/event.js';
import { makeQuote, makeTrade } from '../../src/model/make.js';
import { seededRandom } from '../../src/model/random.js';
import { defineSource } from '../../src/topology/spec.js';
import { runTopology, type TopologyRun } from '../support/run-topology.js';

const CHURN = join(import.meta.dirname, 'strategies/churn.ts');
const HEAD = `version: 1
name: churn
mode: paper
seed: 11
portfolio: { base_currency: USDT }
instruments:
  BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001, min_notional: 10 }
  ETHUSDT: { asset_class: crypto_spot, base: ETH, quote: USDT, tick_size: 0.1, lot_size: 0.001, min_notional: 10 }
brokers:
  sim: { type: paper, prices: ticks, cash: { USDT: 1000000 }, fees: { maker: 2 bps, taker: 5 bps }, latency: 40ms, latency_jitter: 30ms, report_latency: 5ms, reject_probability: 0.02 }
`;
const tail = (journal: string): string => `
operators:
  ticks: { type: normalize, inputs: [market] }
  bars: { type: bars, inputs: [ticks], every: 10s }
  btc: { type: strategy, use: ${CHURN}, inputs: [ticks, fills], instruments: [BTCUSDT], params: { quantity: 0.01 } }
  eth: { type: strategy, use: ${CHURN}, inputs: [ticks, fills], instruments: [ETHUSDT], params: { quantity: 0.2 } }
  ema: { type: strategy, use: ema-cross, inputs: [bars, fills], instruments: [BTCUSDT], params: { fast: 2, slow: 5, quantity: 0.02 } }
  risk: { type: risk, inputs: [btc, eth, ema], limits: { max_position: 5, max_order_value: 20000 USDT, price_collar: 5%, max_open_orders: 12, duplicate_window: 200ms } }
  pace: { type: throttle, inputs: [risk], orders: [2/s, 60/min] }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, path: ./journal, ${journal} }
  memory: { type: memory, inputs: ["*"] }
`;
const RECORDED = `sources:
  market:
    type: synthetic
    instruments: { BTCUSDT: { price: 60000, volatility: 6% }, ETHUSDT: { price: 2600, volatility: 7% } }
    duration: 24m
    rate: 12/s
    gaps: 4
  fills: { type: executions, broker: sim }
`;

const count = (run: TopologyRun, kind: string, test: (event: never) => boolean = () => true): number =>
  run.records.filter((event) => event.kind === kind && test(event as never)).length;

/** The session holds what the proof is about. */
function expectRich(run: TopologyRun): void {
  expect(run.summary.error).toBe(null);
  expect(count(run, 'order')).toBeGreaterThan(400);
  expect(count(run, 'dispatch', ({ action }: { action: string }) => action === 'new')).toBeGreaterThanOrEqual(
    200,
  );
  expect(count(run, 'dispatch', ({ action }: { action: string }) => action === 'cancel')).toBeGreaterThan(5);
  expect(count(run, 'dispatch', ({ action }: { action: string }) => action === 'replace')).toBeGreaterThan(5);
  expect(count(run, 'queued', ({ reason }: { reason: string }) => reason === 'rate')).toBeGreaterThan(5);
  expect(count(run, 'denied')).toBeGreaterThan(5);
  expect(count(run, 'clock')).toBeGreaterThan(500);
  expect(count(run, 'mark')).toBeGreaterThan(5);
}

/** Pushes quotes and trades in bursts, after random real delays. */
const bursts = defineSource({
  type: 'bursts',
  summary: 'Bursts of market data at random moments of real time.',
  config: z.strictObject({ seed: z.int(), bursts: z.int() }),
  examples: [],
  reload: 'restart',
  emits: ['trade', 'quote'],
  pushed: true,
  make: ({ seed, bursts: wanted }, { name, instruments }) => ({
    type: 'push',
    events$: new Observable<InputEvent>((out) => {
      const random = seededRandom(seed);
      const prices = [60_000, 2_600];
      let left = wanted;
      let timer: NodeJS.Timeout | undefined;
      const burst = (): void => {
        for (let n = 1 + Math.floor(random() * 12); n > 0; n--) {
          const ix = random() < 0.5 ? 0 : 1;
          const { symbol } = instruments.at(ix) ?? { symbol: '' };
          const price = Math.round((prices[ix] ?? 0) * (1 + (random() - 0.5) / 2_000) * 10) / 10;
          prices[ix] = price;
          const ts = Date.now() * 1_000;
          if (random() < 0.4)
            out.next(makeTrade(name, ts, symbol, ix, price, 1, random() < 0.5 ? 1 : -1, ''));
          else out.next(makeQuote(name, ts, symbol, ix, price - 0.1, 5, price + 0.1, 5));
        }
        if (--left === 0) out.complete();
        else timer = setTimeout(burst, random() ** 2 * 30);
      };
      timer = setTimeout(burst, 1);
      return () => clearTimeout(timer);
    }),
  }),
});

describe('a recorded session', () => {
  test.each(['binary', 'jsonl'])(
    '%s: verify is identical, two runs give the same bytes',
    async (encoding) => {
      const yaml = HEAD + RECORDED + tail(`encoding: ${encoding}`);
      const one = await runTopology(yaml, { session: 'same' });
      expectRich(one);
      const proof = await verifyJournal(one.journal(), { topology: one.topology });
      expect(proof.difference).toBe(undefined);
      expect(proof).toMatchObject({
        identical: true,
        clean: true,
        turns: one.summary.events,
        orders: one.summary.orders,
      });
      expect(proof.checkpoints).toBe(Math.floor(one.summary.events / 1_000));
      expect(proof.checkpoints).toBeGreaterThan(10);
      expect([proof.digest, proof.recordedDigest]).toEqual([one.summary.digest, one.summary.digest]);
      const two = await runTopology(yaml, { session: 'same' });
      expect(two.summary.digest).toBe(one.summary.digest);
      expect(two.records.length).toBe(one.records.length);
    },
  );
});

describe('a session paced like live', () => {
  test('random delays on the wall clock, late timers and latencies: verify is identical', async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    console.log(`seed of the random delays: ${seed}`);
    const sources = `sources:
  market: { type: bursts, seed: ${seed}, bursts: 220 }
  other: { type: bursts, seed: ${seed + 1}, bursts: 180 }
  fills: { type: executions, broker: sim }
`;
    const yaml = (HEAD + sources + tail('durability: fsync'))
      .replace('inputs: [market]', 'inputs: [market, other]')
      .replaceAll('quantity: 0.01 }', 'quantity: 0.01, speed: 25 }')
      .replaceAll('quantity: 0.2 }', 'quantity: 0.2, speed: 25 }')
      .replace('[2/s, 60/min]', '[40/s, 2000/min]')
      .replace('latency: 40ms, latency_jitter: 30ms', 'latency: 4ms, latency_jitter: 6ms');
    const run = await runTopology(yaml, { components: [bursts] });
    expect(run.summary.error).toBe(null);
    expect(run.summary.drained).toBe(true);
    expect(count(run, 'dispatch')).toBeGreaterThan(20);
    expect(count(run, 'execution')).toBeGreaterThan(20);
    // deadlines fire at their due time, whenever the host got round to them
    const clocks = run.records.filter((event) => event.kind === 'clock');
    expect(clocks.length).toBeGreaterThan(300);
    expect(clocks.every(({ at, due, ts }) => at === due && ts >= due)).toBe(true);
    for (let i = 1; i < run.records.length; i++)
      if ((run.records[i]?.at ?? 0) < (run.records[i - 1]?.at ?? 0))
        throw new Error(`time went back at record ${i}`);
    const proof = await verifyJournal(run.journal(), { topology: run.topology });
    expect(proof.difference, `seed ${seed}`).toBe(undefined);
    expect(proof).toMatchObject({ identical: true, turns: run.summary.events });
    expect(proof.checkpoints).toBeGreaterThan(0);
  });
});
