import { config } from 'rxjs';
import { expect, test } from 'vitest';
import { verifyJournal } from '../../src/engine/verify-journal.js';
import { runTopology } from '../support/run-topology.js';

/** A strategy whose own subscription throws; it would buy once a second. */
const throwing = (subscription: string): string => `import { defineStrategy } from 'millrace';
import { filter, map, Observable } from 'rxjs';
import { z } from 'zod';
export default defineStrategy({
  name: 'callback', version: '1.0.0', params: z.object({}),
  run: ({ quotes$, interval, place }) => {
    ${subscription}
    return interval(1000).pipe(map(() => place.market({ side: 'buy', quantity: 0.01 })));
  },
});
`;

const yaml = `version: 1
name: callback
mode: paper
portfolio: { base_currency: USDT }
instruments: { BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 } }
brokers: { sim: { type: paper, prices: ticks, cash: { USDT: 1000000 } } }
sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000 } }, duration: 10s, rate: 20/s }
  fills: { type: executions, broker: sim }
operators:
  ticks: { type: normalize, inputs: [market] }
  mine: { type: strategy, use: ./mine.ts, inputs: [ticks] }
  risk: { type: risk, inputs: [mine] }
  pace: { type: throttle, inputs: [risk] }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, path: ./journal }
  memory: { type: memory, inputs: ["*"] }
`;

test('a callback that throws inside a turn halts trading with its own error, and replays', async () => {
  const ran = await runTopology(yaml, {
    files: {
      'mine.ts': throwing(
        `quotes$.pipe(filter((_, i) => i === 50)).subscribe(() => { throw new Error('my mistake'); });`,
      ),
    },
  });
  const halts = ran.records.filter((event) => event.kind === 'halt');
  expect(halts.map(({ code }) => code)).toEqual(['CALLBACK_FAILED']);
  expect(halts[0]?.reason).toMatch(/a subscribe\(\) callback threw: my mistake \(mine\.ts:7:\d+\)/);
  expect(ran.summary.error?.code).toBe('CALLBACK_FAILED');
  const fills = ran.records.filter((event) => event.kind === 'execution' && event.report === 'fill');
  expect(fills.length).toBeGreaterThan(0);
  for (const fill of fills) expect(fill.at).toBeLessThanOrEqual(halts[0]?.at ?? 0);
  expect((await verifyJournal(ran.journal(), { topology: ran.topology })).difference).toBe(undefined);
});

test('a callback that throws outside a turn halts trading instead of ending the process', async () => {
  const before = config.onUnhandledError;
  const ran = await runTopology(yaml.replace('rate: 20/s', 'rate: 20/s, pace: 20x'), {
    files: {
      'mine.ts': throwing(
        `new Observable((observer) => {
           void Promise.resolve().then(() => observer.next(1));
         }).subscribe(() => { throw new Error('my mistake'); });`,
      ),
    },
  });
  expect(ran.summary.error?.code).toBe('CALLBACK_FAILED');
  expect(ran.summary.error?.message).toContain('a subscribe() callback threw: my mistake');
  expect(ran.records.some((event) => event.kind === 'control' && event.reason.includes('my mistake'))).toBe(
    true,
  );
  expect(ran.logs.filter((line) => line.includes('my mistake'))).toHaveLength(1);
  expect(config.onUnhandledError).toBe(before);
});
