import { tap } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { verifyJournal } from '../../src/engine/verify-journal.js';
import type { Event } from '../../src/model/record.js';
import { EVENT_KINDS } from '../../src/model/record.js';
import { journalSink } from '../../src/sinks/journal/index.js';
import { AuditSink } from '../../src/sinks/audit/audit-sink.js';
import { defineOperator, defineSink } from '../../src/topology/spec.js';
import { FaultyFiles } from '../sinks/support/faulty-files.js';
import { runTopology, type TopologyRun } from '../support/run-topology.js';

const of = <K extends Event['kind']>(run: TopologyRun, kind: K): Extract<Event, { kind: K }>[] =>
  run.records.filter((event): event is Extract<Event, { kind: K }> => event.kind === kind);

interface Parts {
  readonly operators?: string;
  readonly strategyInput?: string;
  readonly sinks?: string;
  readonly journal?: string;
  readonly duration?: string;
}

/** One order a second: rests far away, cancelled two seconds later. */
const RESTS = `import { defineStrategy } from 'millrace';
import { filter, map, merge, mergeMap, of } from 'rxjs';
import { z } from 'zod';
export default defineStrategy({
  name: 'rests', version: '1.0.0', params: z.object({ side: z.enum(['buy', 'sell']).default('buy') }),
  run: ({ interval, place, state, quotes$ }, { side }) => merge(
    interval(1000).pipe(map(() => place.limit({ side, quantity: 0.01, limitPrice: side === 'buy' ? 30000 : 90000 }))),
    interval(2000).pipe(mergeMap(() => of(...state.openOrders().slice(0, 1).map((o) => place.cancel(o.orderKey))))),
  ),
});
`;
const THROWS = `import { defineStrategy } from 'millrace';
import { map } from 'rxjs';
import { z } from 'zod';
export default defineStrategy({
  name: 'throws', version: '1.0.0', params: z.object({}),
  run: ({ quotes$ }) => quotes$.pipe(map((q) => { throw new Error('always ' + q.instrument); })),
});
`;
const FILES = { 'rests.ts': RESTS, 'throws.ts': THROWS };

const yaml = (parts: Parts = {}): string => `version: 1
name: failures
mode: paper
seed: 3
portfolio: { base_currency: USDT }
instruments: { BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 } }
brokers: { sim: { type: paper, prices: ticks, cash: { USDT: 1000000 }, latency: 10ms } }
sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000 } }, duration: ${parts.duration ?? '60s'}, rate: 20/s }
  fills: { type: executions, broker: sim }
operators:
  ticks: { type: normalize, inputs: [market] }
${parts.operators ?? ''}
  rests: { type: strategy, use: ./rests.ts, inputs: [${parts.strategyInput ?? 'ticks'}, fills] }
  risk: { type: risk, inputs: [rests] }
  pace: { type: throttle, inputs: [risk], orders: 100/s, cancels: 100/s, messages: 200/s }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  ${parts.journal ?? 'journal: { type: journal, path: ./journal }'}
  memory: { type: memory, inputs: ["*"] }
${parts.sinks ?? ''}
`;

test('a strategy that always throws is disabled after max_errors, the other trades on', async () => {
  const text = yaml().replace(
    '  risk: { type: risk, inputs: [rests] }',
    '  bad: { type: strategy, use: ./throws.ts, inputs: [ticks], max_errors: 3 }\n  risk: { type: risk, inputs: [bad, rests] }',
  );
  const run = await runTopology(text, { files: FILES });
  expect(run.summary.error).toBe(null);
  const logs = of(run, 'log');
  const failed = logs.filter(({ code }) => code === 'STRATEGY_FAILED');
  expect(failed.map(({ source }) => source)).toEqual(['bad', 'bad', 'bad']);
  expect(failed[2]?.message).toMatch(
    /^STRATEGY_FAILED: strategy=bad count=3 error=.*always BTCUSDT \(throws\.ts:\d+:\d+\)/,
  );
  expect(logs.filter(({ code }) => code === 'STRATEGY_DISABLED').map(({ source }) => source)).toEqual([
    'bad',
  ]);
  expect(
    of(run, 'control')
      .filter(({ action }) => action === 'strategy_disable')
      .map(({ target }) => target),
  ).toEqual(['bad']);
  expect(of(run, 'dispatch').filter(({ action }) => action === 'new').length).toBeGreaterThanOrEqual(55);
  expect(of(run, 'halt')).toEqual([]);
  expect((await verifyJournal(run.journal(), { topology: run.topology })).difference).toBe(undefined);
});

describe('fail closed', () => {
  const explosive = (after: number): ReturnType<typeof defineOperator> => {
    let seen = 0;
    return defineOperator({
      type: 'explosive',
      summary: 'Throws.',
      config: z.strictObject({}),
      examples: [],
      reload: 'restart',
      accepts: ['trade', 'quote'],
      emits: 'same',
      make: () => {
        seen = 0;
        return tap(() => {
          if (++seen === after) throw new Error('boom');
        });
      },
    });
  };

  test('an operator that throws halts trading, cancels still leave', async () => {
    const run = await runTopology(
      yaml({
        operators:
          '  mine: { type: explosive, inputs: [ticks] }\n  other: { type: bars, inputs: [mine], every: 10s }',
      }),
      { components: [explosive(600)], files: FILES },
    );
    const [halt, ...more] = of(run, 'halt');
    expect(more).toEqual([]);
    expect(halt).toMatchObject({ code: 'NODE_FAILED', source: 'engine' });
    expect(halt?.reason).toContain('boom');
    expect(run.summary.ended).toBe('halted');
    expect(run.summary.error).toMatchObject({ code: 'NODE_FAILED', message: 'operator "mine" threw: boom' });
    const after = (event: Event): boolean => event.seq > (halt?.seq ?? Infinity);
    const dispatched = of(run, 'dispatch').filter(after);
    expect(dispatched.map(({ action }) => action).filter((action) => action !== 'cancel')).toEqual([]);
    expect(dispatched.length).toBeGreaterThan(5);
    const sent = of(run, 'outcome').filter(after);
    expect(sent.some(({ action, outcome }) => action === 'cancel' && outcome === 'sent')).toBe(true);
    expect(
      of(run, 'denied')
        .filter(after)
        .every(({ code }) => code === 'TRADING_HALTED'),
    ).toBe(true);
    expect((await verifyJournal(run.journal(), { topology: run.topology })).difference).toBe(undefined);
  });

  test('a journal on a full disk halts trading with a reason; cancels still leave; nothing is dropped', async () => {
    const disk = new FaultyFiles();
    let turns = 0;
    const journal = defineSink({
      type: 'small_journal',
      summary: 'A journal on a disk that fills.',
      config: z.strictObject({ path: z.string() }),
      examples: [],
      reload: 'restart',
      accepts: EVENT_KINDS,
      inputsOptional: true,
      delivery: 'required',
      make: (_, context) => {
        const made = journalSink(
          { path: `${context.baseDir}/journal`, files: disk, bufferBytes: 1024 * 1024, closeMs: 100 },
          context,
        );
        const frame = made.frame.bind(made);
        made.frame = (input, children) => {
          if (++turns === 7_000)
            disk.error = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          frame(input, children);
        };
        return made;
      },
    });
    const text = yaml({ journal: 'journal: { type: small_journal, path: ./journal }', duration: '30m' });
    // the disk is repaired a moment after trading was halted
    let halted = false;
    const run = await runTopology(text, {
      components: [journal],
      files: FILES,
      onProgress: (engine) => {
        if (engine.outbox.gate === undefined || halted) return;
        halted = true;
        setTimeout(() => (disk.error = undefined), 150);
      },
    });
    const controls = of(run, 'control').filter(({ action }) => action === 'halt');
    expect(controls.length).toBe(1);
    expect(controls[0]?.reason).toContain('JOURNAL_FULL');
    expect(controls[0]?.reason).toContain('no space left on device');
    const since = controls[0]?.seq ?? Infinity;
    const sentAfter = of(run, 'outcome').filter(({ seq, outcome }) => seq > since && outcome === 'sent');
    expect(sentAfter.length).toBeGreaterThan(0);
    expect(sentAfter.every(({ action }) => action === 'cancel')).toBe(true);
    expect(run.summary.error).toMatchObject({ code: 'JOURNAL_FULL' });
    // what waited was written: every turn is there, and proves itself
    const proof = await verifyJournal(run.journal(), { topology: run.topology });
    expect(proof.difference).toBe(undefined);
    expect([proof.turns, proof.clean]).toEqual([run.summary.events, true]);
  });

  test('a required audit that cannot write halts trading', async () => {
    const files = new FaultyFiles();
    const audit = defineSink({
      type: 'frail_audit',
      summary: 'An audit on a disk that fails.',
      config: z.strictObject({}),
      examples: [],
      reload: 'restart',
      accepts: EVENT_KINDS,
      delivery: 'required',
      make: (_, context) =>
        new AuditSink({
          path: `${context.baseDir}/audit.jsonl`,
          format: 'jsonl',
          mode: context.mode,
          session: context.session,
          configurationHash: '',
          build: '',
          maxBytes: 8_192,
          state: context.state,
          log: context.log,
          fail: (error) => context.fail(error),
          files,
        }),
    });
    const run = await runTopology(yaml({ sinks: '  audit: { type: frail_audit, inputs: ["*"] }' }), {
      components: [audit],
      files: FILES,
      onOpen: () => (files.room = 20_000),
    });
    const halts = of(run, 'control').filter(({ action }) => action === 'halt');
    expect(halts.length).toBeGreaterThan(0);
    expect(halts[0]?.reason).toContain('audit');
    expect(run.summary.error?.message).toContain('audit');
    const since = halts[0]?.seq ?? Infinity;
    expect(of(run, 'dispatch').filter(({ seq, action }) => seq > since && action === 'new')).toEqual([]);
  });

  test('a best-effort sink that throws or is slow never changes the decisions', async () => {
    let taken = 0;
    const nasty = defineSink({
      type: 'nasty',
      summary: 'Throws half the time, and dawdles.',
      config: z.strictObject({}),
      examples: [],
      reload: 'restart',
      accepts: EVENT_KINDS,
      delivery: 'best_effort',
      make: () => ({
        open: () => Promise.resolve(),
        write: () => {
          if (++taken % 2 === 0) throw new Error('nasty');
          const until = performance.now() + 0.05;
          while (performance.now() < until);
        },
        close: () => Promise.reject(new Error('nasty close')),
      }),
    });
    const plain = await runTopology(yaml(), { files: FILES, session: 'same' });
    const disturbed = await runTopology(
      yaml({ sinks: '  nasty: { type: nasty, inputs: ["*"], buffer: { max_events: 100 } }' }),
      { components: [nasty], files: FILES, session: 'same' },
    );
    expect(taken).toBeGreaterThan(50);
    expect(disturbed.summary.error).toBe(null);
    expect(disturbed.summary.digest).toBe(plain.summary.digest);
    expect(disturbed.records).toEqual(plain.records);
  });
});
