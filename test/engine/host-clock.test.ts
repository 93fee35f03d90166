import { describe, expect, test } from 'vitest';
import { verifyJournal } from '../../src/engine/verify-journal.js';
import { forBacktest } from '../../src/engine/backtest.js';
import { run } from '../../src/engine/run.js';
import { readJournal } from '../../src/sinks/journal/index.js';
import { runTopology } from '../support/run-topology.js';

/** What a strategy must not use inside a turn, and words of the help. */
const FORBIDDEN: readonly (readonly [string, string])[] = [
  ['Date.now()', 'use at() or scheduler.now()'],
  ['new Date()', 'use new Date(at() / 1000)'],
  ['performance.now()', 'use scheduler.now()'],
  ['Math.random()', 'use random()'],
  ['setTimeout(() => undefined, 1)', 'use timer()'],
  ['setInterval(() => undefined, 1)', 'use interval()'],
  ['setImmediate(() => undefined)', 'use timer(0)'],
  ['queueMicrotask(() => undefined)', 'use timer(0)'],
  [
    'let error; timer(5).subscribe({ error: (e) => (error = e) }); if (error) throw error',
    'use its time operators, which are bound to it',
  ],
  [
    'let error; interval(5).subscribe({ error: (e) => (error = e) }); if (error) throw error',
    'use its time operators, which are bound to it',
  ],
  ['asapScheduler.schedule(() => undefined)', 'use its time operators, which are bound to it'],
];

const files = Object.fromEntries(
  FORBIDDEN.map(([code], i) => [
    `bad${i}.ts`,
    `import { defineStrategy } from 'millrace';
import { asapScheduler, interval, map, timer } from 'rxjs';
import { z } from 'zod';
void [asapScheduler, interval, timer];
export default defineStrategy({
  name: 'bad', version: '1.0.0', params: z.object({}),
  run: ({ bars$, place }) => bars$.pipe(map(() => { ${code}; return place.market({ side: 'buy', quantity: 1 }); })),
});
`,
  ]),
);

const yaml = (mode: string): string => `version: 1
name: clocks
mode: ${mode}
portfolio: { base_currency: USDT }
instruments: { BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 } }
brokers: { sim: { type: paper, prices: ticks, cash: { USDT: 1000000 } } }
sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000 } }, duration: 60s, rate: 20/s }
  fills: { type: executions, broker: sim }
operators:
  ticks: { type: normalize, inputs: [market] }
  bars: { type: bars, inputs: [ticks], every: 20s }
${FORBIDDEN.map((_, i) => `  bad${i}: { type: strategy, use: ./bad${i}.ts, inputs: [bars], max_errors: 2 }`).join('\n')}
  risk: { type: risk, inputs: [${FORBIDDEN.map((_, i) => `bad${i}`).join(', ')}] }
  pace: { type: throttle, inputs: [risk] }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, path: ./journal }
  memory: { type: memory, inputs: ["*"] }
`;

describe('host clocks inside a turn', () => {
  test.each(['paper', 'replay'])(
    'mode %s: an error of the strategy that names the tool to use',
    async (mode) => {
      const ran = await runTopology(yaml(mode), { files });
      expect(ran.summary.error).toBe(null);
      expect(ran.summary.orders).toBe(0);
      for (const [i, [code, help]] of FORBIDDEN.entries()) {
        const logs = ran.records.flatMap((e) => (e.kind === 'log' && e.source === `bad${i}` ? [e] : []));
        expect(
          logs.map((log) => log.code),
          code,
        ).toEqual(['STRATEGY_FAILED', 'STRATEGY_FAILED', 'STRATEGY_DISABLED']);
        expect(logs[0]?.message, code).toContain('HOST_CLOCK');
        expect(logs[0]?.message, code).toContain(help);
      }
      expect((await verifyJournal(ran.journal(), { topology: ran.topology })).identical).toBe(true);
    },
  );

  test('in a backtest as well', async () => {
    const ran = await runTopology(yaml('paper'), { files });
    const back = await run(forBacktest(ran.topology, ran.summary.journal ?? ''));
    const journal = readJournal(back.journal ?? '');
    const failed = [...journal.frames()].flatMap(({ children }) =>
      children.filter(
        (child) => child.kind === 'log' && (child as { code?: string }).code === 'STRATEGY_FAILED',
      ),
    );
    expect(failed.length).toBe(2 * FORBIDDEN.length);
  });

  test('outside turns they work as ever', () => {
    expect(Date.now()).toBeGreaterThan(0);
    expect(new Date().getTime()).toBeGreaterThan(0);
    expect(Math.random()).toBeLessThan(1);
  });
});
