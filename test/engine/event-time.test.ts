import { Observable } from 'rxjs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { InputEvent } from '../../src/model/event.js';
import { makeTrade, receivedAt } from '../../src/model/make.js';
import { defineSource } from '../../src/topology/spec.js';
import { runTopology, type TopologyRun } from '../support/run-topology.js';

const START = 1_736_150_400_000_000;
/** Milliseconds between trades: far from every deadline of the strategy, so that a late host changes nothing. */
const TIMES = [0, 10, 20, 400, 410, 1_000];

const recorded = defineSource({
  type: 'scripted',
  summary: 'Trades at known times.',
  config: z.strictObject({}),
  examples: [],
  reload: 'restart',
  emits: ['trade'],
  make: (_, { name }) => ({
    type: 'pull',
    pace: Infinity,
    batches: () => [
      TIMES.map((ms, i) => receivedAt(makeTrade(name, 0, 'A', 0, i + 1, 1, 1, ''), START + ms * 1_000)),
    ],
  }),
});
const pushed = defineSource({
  type: 'scripted',
  summary: 'The same trades, pushed on the wall clock.',
  config: z.strictObject({}),
  examples: [],
  reload: 'restart',
  emits: ['trade'],
  pushed: true,
  make: (_, { name }) => ({
    type: 'push',
    events$: new Observable<InputEvent>((out) => {
      const timers = TIMES.map((ms, i) =>
        setTimeout(() => {
          out.next(makeTrade(name, 0, 'A', 0, i + 1, 1, 1, ''));
          if (i === TIMES.length - 1) out.complete();
        }, ms),
      );
      return () => timers.forEach(clearTimeout);
    }),
  }),
});

const STRATEGY = `import { defineStrategy } from 'millrace';
import { catchError, ignoreElements, map, merge, of, tap, take } from 'rxjs';
import { z } from 'zod';
export default defineStrategy({
  name: 'time', version: '1.0.0', params: z.object({}),
  run: ({ trades$, log, now, ...t }) => {
    let at = 0;
    const say = (what) => tap((v) => log('info', what + ' ' + JSON.stringify(v) + ' +' + Math.round((now() - at) * 1000) / 1000));
    const price = trades$.pipe(tap(() => { at = now(); }), map((e) => e.price));
    return merge(
      price.pipe(say('trade')),
      price.pipe(t.debounceTime(150), say('debounce')),
      price.pipe(t.throttleTime(150), say('throttle')),
      price.pipe(t.delay(200), say('delay')),
      price.pipe(t.timeout(300), catchError((e) => of(e.name)), say('timeout')),
      price.pipe(take(1), map(() => 0), t.delay(0), say('soon')),
    ).pipe(ignoreElements());
  },
});
`;
const YAML = `version: 1
name: time
mode: paper
instruments: { A: { asset_class: equity, quote: USD, tick_size: 0.01, lot_size: 1 } }
sources: { market: { type: scripted } }
operators:
  time: { type: strategy, use: ./time.ts, inputs: [market] }
sinks:
  memory: { type: memory, inputs: ["*"] }
`;
const said = (run: TopologyRun): string[] =>
  run.records.flatMap((e) => (e.kind === 'log' ? [e.message] : []));

test('time operators do the same in a recorded run and on the wall clock; deadlines fire between events', async () => {
  const files = { 'time.ts': STRATEGY };
  const past = await runTopology(YAML, { components: [recorded], files });
  const live = await runTopology(YAML, { components: [pushed], files });
  expect([past.summary.error, live.summary.error]).toEqual([null, null]);
  const names = (run: TopologyRun): string[] => said(run).map((line) => line.replace(/ \+.*/, ''));
  expect(names(live)).toEqual(names(past));
  // the debounce of trade 3 is due between trades 3 and 4, and sees its own due time
  const lines = said(past);
  const debounce = lines.indexOf('debounce 3 +150');
  expect(debounce).toBeGreaterThan(lines.indexOf('trade 3 +0'));
  expect(debounce).toBeLessThan(lines.indexOf('trade 4 +0'));
  // in both runs `now()` of a deadline is exactly when it was due
  for (const run of [past, live]) {
    expect(said(run)).toContain('debounce 3 +150');
    expect(said(run)).toContain('timeout "TimeoutError" +300');
    for (const e of run.records) if (e.kind === 'clock') expect(e.at).toBe(e.due);
  }
});
