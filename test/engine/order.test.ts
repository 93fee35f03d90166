import { describe, expect, test } from 'vitest';
import { map } from 'rxjs';
import { z } from 'zod';
import type { InputEvent, TradeEvent } from '../../src/model/event.js';
import { makeBar, makeQuote, makeTrade, receivedAt } from '../../src/model/make.js';
import { seededRandom } from '../../src/model/random.js';
import type { Event } from '../../src/model/record.js';
import { verifyJournal } from '../../src/engine/verify-journal.js';
import { defineOperator, defineSource, type ComponentSpec } from '../../src/topology/spec.js';
import { runTopology } from '../support/run-topology.js';

const START = 1_736_150_400_000_000;
const PER_SOURCE = 1_000;

/** Many events at few instants, so that only the sequencer can tell their order. */
const flood: ComponentSpec = defineSource({
  type: 'flood',
  summary: 'Many trades and quotes at the same instants.',
  config: z.strictObject({ seed: z.int() }),
  examples: [],
  reload: 'restart',
  emits: ['trade', 'quote'],
  make: ({ seed }, { name, instruments }) => ({
    type: 'pull',
    pace: Infinity,
    *batches(): Generator<readonly InputEvent[]> {
      const random = seededRandom(seed);
      const ix = Number(name.slice(1));
      const symbol = instruments.at(ix)?.symbol ?? '';
      let at = START;
      for (let b = 0; b < PER_SOURCE / 100; b++) {
        const batch: InputEvent[] = [];
        for (let i = 0; i < 100; i++) {
          if (random() < 0.05) at += 1_000;
          const price = 100 + Math.floor(random() * 10);
          const event =
            random() < 0.5
              ? makeTrade(name, at, symbol, ix, price, 1, 1, `${name}-${b * 100 + i}`)
              : makeQuote(name, at, symbol, ix, price, 1, price + 1, b * 100 + i + 1);
          batch.push(receivedAt(event, at));
        }
        yield batch;
      }
    },
  }),
});

const NAMES = ['s0', 's1', 's2', 's3', 's4'];
const each = (line: (name: string, i: number) => string): string => NAMES.map(line).join('\n');
const FLOOD = `version: 1
name: flood
mode: replay
portfolio: { base_currency: USD }
instruments:
${each((_, i) => `  I${i}: { asset_class: equity, quote: USD, tick_size: 0.01, lot_size: 1 }`)}
brokers:
  sim: { type: paper, prices: [${NAMES.join(', ')}], cash: { USD: 100000000 } }
sources:
${each((name, i) => `  ${name}: { type: flood, seed: ${i + 1} }`)}
  fills: { type: executions, broker: sim }
operators:
${each((name, i) => `  x${i}: { type: strategy, use: ./every.ts, inputs: [${name}, fills], instruments: [I${i}] }`)}
  risk: { type: risk, inputs: [x4, x3, x2, x1, x0] }
  pace: { type: throttle, inputs: [risk], orders: 1000000/s, messages: 1000000/s, cancels: 1000000/s }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, path: ./journal }
  memory: { type: memory, inputs: ["*"] }
`;
/** An order every tenth trade; every fill is answered with the opposite order, once. */
const EVERY = `import { defineStrategy } from 'millrace';
import { filter, map, merge } from 'rxjs';
import { z } from 'zod';
export default defineStrategy({
  name: 'every', version: '1.0.0', params: z.object({}),
  run: ({ trades$, fills$, place, state }) => merge(
    trades$.pipe(filter((_, i) => i % 10 === 3), map(() => place.market({ side: 'buy', quantity: 1, tag: 'in' }))),
    fills$.pipe(filter((f) => f.side === 'buy'), map((f) => place.market({ side: 'sell', quantity: 1, tag: 'out' }))),
  ),
});
`;

describe('order', () => {
  test('five flooding sources and re-entrant fills: one total order', async () => {
    const run = await runTopology(FLOOD, { components: [flood], files: { 'every.ts': EVERY } });
    expect(run.summary.error).toBe(null);
    const { records } = run;
    for (let i = 1; i < records.length; i++) {
      const [a, b] = [records[i - 1] as Event, records[i] as Event];
      if (!(b.seq > a.seq || (b.seq === a.seq && b.sub > a.sub)) || b.at < a.at)
        throw new Error(
          `record ${i}: ${a.kind} ${a.seq}.${a.sub} at ${a.at}, then ${b.kind} ${b.seq}.${b.sub} at ${b.at}`,
        );
    }
    const inputs = records.filter((event) => event.sub === 0);
    expect(inputs.map((event) => event.seq)).toEqual(inputs.map((_, i) => i + 1));
    // each input of a source once, in its own order
    for (const name of NAMES) {
      const own = inputs.filter((event) => event.source === name);
      expect(own.length).toBe(PER_SOURCE);
      const numbers = own.map((e) =>
        e.kind === 'trade' ? Number(e.tradeId.split('-')[1]) : e.kind === 'quote' ? e.askSize - 1 : -1,
      );
      expect(numbers).toEqual(numbers.map((_, i) => i));
    }
    // ties between sources: in the order they are written
    const market = inputs.filter((event) => NAMES.includes(event.source));
    for (let i = 1; i < market.length; i++) {
      const [a, b] = [market[i - 1] as Event, market[i] as Event];
      if (a.at === b.at) expect(a.source <= b.source).toBe(true);
    }
    // a fill comes right after its cause, at the same engine time: nothing from outside gets between
    const dispatches = records.filter((event) => event.kind === 'dispatch');
    expect(dispatches.length).toBeGreaterThan(400);
    const fillOf = new Map(
      inputs.flatMap((e) =>
        e.kind === 'execution' && e.report === 'fill' ? [[e.clientOrderId, e] as const] : [],
      ),
    );
    const REENTRANT = new Set(['outcome', 'execution', 'account']);
    for (const dispatch of dispatches) {
      const fill = fillOf.get(dispatch.clientOrderId);
      expect(fill?.at).toBe(dispatch.at);
      for (let seq = dispatch.seq + 1; seq <= (fill?.seq ?? 0); seq++)
        expect(REENTRANT.has(inputs[seq - 1]?.kind ?? '')).toBe(true);
    }
    expect(fillOf.size).toBe(dispatches.length);
    expect((await verifyJournal(run.journal(), { topology: run.topology })).difference).toBe(undefined);
  });

  test('a diamond is delivered once, by rank, in the order of inputs', async () => {
    const yaml = `version: 1
name: diamond
mode: replay
portfolio: { base_currency: USD }
instruments: { I0: { asset_class: equity, quote: USD, tick_size: 0.01, lot_size: 1 } }
brokers: { sim: { type: paper, prices: ticks, cash: { USD: 1000000 } } }
sources:
  s0: { type: flood, seed: 9 }
  fills: { type: executions, broker: sim }
operators:
  ticks: { type: normalize, inputs: [s0], filters: { crossed: true } }
  one: { type: one_bar, inputs: [ticks] }
  two: { type: one_bar, inputs: [one] }
  first: { type: strategy, use: ./seen.ts, inputs: [ticks, two] }
  second: { type: strategy, use: ./seen.ts, inputs: [two, ticks, one] }
  risk: { type: risk, inputs: [second, first], limits: {} }
  pace: { type: throttle, inputs: [risk], orders: 1000000/s, messages: 1000000/s }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  memory: { type: memory, inputs: ["*"] }
`;
    const SEEN = `import { defineStrategy } from 'millrace';
import { filter, mergeMap, of } from 'rxjs';
import { z } from 'zod';
export default defineStrategy({
  name: 'seen', version: '1.0.0', params: z.object({}),
  run: ({ events$, place, log, at }) => events$.pipe(mergeMap((event, i) => {
    log('info', event.kind === 'bar' ? 'bar ' + event.count : event.kind);
    return event.kind === 'bar' && event.count === 2 ? of(place.limit({ side: 'buy', quantity: 1, limitPrice: '1.' + String(event.open).padStart(2, '0').slice(-2) })) : of();
  })),
});
`;
    // one bar a trade; its count says how often it was copied
    const oneBar = defineOperator({
      type: 'one_bar',
      summary: 'A bar for every trade or bar.',
      config: z.strictObject({}),
      examples: [],
      reload: 'restart',
      accepts: ['trade', 'bar'],
      emits: ['bar'],
      make: (_, { name }) =>
        map((event: Event): Event => {
          const { instrument, ix, ts } = event as TradeEvent;
          const count = event.kind === 'bar' ? event.count + 1 : 1;
          return makeBar(name, ts, instrument, ix, {
            basis: 'trade',
            every: 0,
            start: 0,
            open: 1,
            high: 1,
            low: 1,
            close: 1,
            volume: 1,
            count,
          });
        }),
    });
    const run = await runTopology(yaml, { components: [flood, oneBar], files: { 'seen.ts': SEEN } });
    expect(run.summary.error).toBe(null);
    const turns = new Map<number, Event[]>();
    for (const event of run.records) turns.set(event.seq, [...(turns.get(event.seq) ?? []), event]);
    let trades = 0;
    for (const [input, ...children] of turns.values()) {
      if (input?.kind !== 'trade') continue;
      trades++;
      const said = children.flatMap((c) => (c.kind === 'log' ? [`${c.source} ${c.message}`] : []));
      expect(said).toEqual(['first trade', 'first bar 2', 'second bar 2', 'second trade', 'second bar 1']);
      // both strategies speak in this turn; risk takes them in the order of its inputs
      const risked = children.flatMap((c) =>
        c.kind === 'approved' || c.kind === 'denied' ? [c.intent.strategy] : [],
      );
      expect(risked).toEqual(['second', 'first']);
    }
    expect(trades).toBeGreaterThan(400);
  });
});
