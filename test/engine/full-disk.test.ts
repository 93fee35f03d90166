import { expect, test } from 'vitest';
import { z } from 'zod';
import { verifyJournal } from '../../src/engine/verify-journal.js';
import { EVENT_KINDS } from '../../src/model/record.js';
import { AuditSink } from '../../src/sinks/audit/audit-sink.js';
import { verifyAudit } from '../../src/sinks/audit/verify.js';
import { journalSink } from '../../src/sinks/journal/index.js';
import { defineSink, type ComponentSpec } from '../../src/topology/spec.js';
import { FaultyFiles } from '../sinks/support/faulty-files.js';
import { runTopology } from '../support/run-topology.js';

const yaml = (sinks: string, drain = '300ms'): string => `version: 1
name: full-disk
portfolio: { base_currency: USDT }
shutdown: { drain: ${drain} }
instruments: { BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 } }
brokers: { sim: { type: paper, prices: market, cash: { USDT: 100000 }, latency: 10ms } }
sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000, volatility: 50% } }, duration: 2h, rate: 10/s }
  fills: { type: executions, broker: sim }
operators:
  bars: { type: bars, inputs: [market], every: 10s }
  ema: { type: strategy, use: ema-cross, inputs: [bars, fills], params: { fast: 2, slow: 4, quantity: 0.1 } }
  risk: { type: risk, inputs: [ema] }
  pace: { type: throttle, inputs: [risk] }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  memory: { type: memory, inputs: ["*"] }
${sinks}
`;

/** A journal that waits with 1 MiB, on this disk. */
const journalOn = (files: FaultyFiles): ComponentSpec =>
  defineSink({
    type: 'small_journal',
    summary: 'A journal on a small disk.',
    config: z.strictObject({}),
    examples: [],
    reload: 'restart',
    accepts: EVENT_KINDS,
    inputsOptional: true,
    delivery: 'required',
    make: (_, context) =>
      journalSink(
        { path: `${context.baseDir}/journal`, files, bufferBytes: 1024 * 1024, closeMs: 100 },
        context,
      ),
  });

test('a disk that stays full: the run ends with JOURNAL_FULL, what is written verifies to its end', async () => {
  const files = new FaultyFiles();
  const run = await runTopology(yaml('  journal: { type: small_journal }'), {
    components: [journalOn(files)],
    onOpen: () => (files.room = 1_000_003),
  });
  expect(run.summary).toMatchObject({
    ended: 'failed',
    error: {
      code: 'JOURNAL_FULL',
      message: 'the journal could not write for as long as the drain time',
      help: 'free disk space; the journal is complete up to its last record',
    },
  });
  expect(run.logs.some((line) => line.includes('ENOSPC') && line.includes('JOURNAL_FULL'))).toBe(true);
  expect(run.logs.some((line) => line.includes('was not completed'))).toBe(true);
  const proof = await verifyJournal(run.journal(), { topology: run.topology });
  expect([proof.difference, proof.clean]).toEqual([undefined, false]);
  expect(proof.turns).toBeGreaterThan(5_000);
  expect(proof.turns).toBeLessThan(run.summary.events);
  // No new order left without its record: whatever the venue filled after the end of the journal was an exit.
  const fills = run.records.filter((event) => event.kind === 'execution' && event.report === 'fill');
  expect(fills.length).toBe(run.summary.fills);
  const recorded = new Set<string>();
  for (const { children } of run.journal().frames())
    for (const child of children) if (child.kind === 'dispatch') recorded.add(child.clientOrderId);
  const unrecorded = fills.filter(
    (event) => event.kind === 'execution' && !recorded.has(event.clientOrderId),
  );
  expect(unrecorded.filter((event) => event.kind === 'execution' && event.side !== 'sell')).toEqual([]);
});

test('space that comes back in time: the run goes on halted, every turn is in the journal', async () => {
  const files = new FaultyFiles();
  let freed = false;
  const run = await runTopology(yaml('  journal: { type: small_journal }', '5s'), {
    components: [journalOn(files)],
    onOpen: () => (files.room = 1_000_003),
    onProgress: (engine) => {
      if (engine.outbox.gate === undefined || freed) return;
      freed = true;
      files.room = Infinity;
    },
  });
  expect(run.summary).toMatchObject({
    ended: 'halted',
    error: {
      code: 'JOURNAL_FULL',
      help: 'free space or repair the disk; nothing is lost while the process lives',
    },
  });
  const proof = await verifyJournal(run.journal(), { topology: run.topology });
  expect([proof.difference, proof.clean, proof.turns]).toEqual([undefined, true, run.summary.events]);
  expect(proof.turns).toBeGreaterThan(70_000);
});

test('an audit trail on a full disk halts trading and says what to do', async () => {
  const files = new FaultyFiles();
  const audit = defineSink({
    type: 'small_audit',
    summary: 'An audit on a small disk.',
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
  const run = await runTopology(
    yaml('  journal: { type: journal, path: ./journal }\n  audit: { type: small_audit, inputs: ["*"] }'),
    { components: [audit], onOpen: () => (files.room = 30_000) },
  );
  expect(run.summary).toMatchObject({
    ended: 'halted',
    error: { code: 'SINK_FAILED', help: 'free space or repair the disk, then resume' },
  });
  expect(run.summary.error?.message).toMatch(
    /^audit: .*audit\.jsonl cannot be written \(ENOSPC: .*\) and \d+ bytes wait$/,
  );
  const halt = run.records.find((event) => event.kind === 'control' && event.action === 'halt');
  expect(halt).toMatchObject({ reason: expect.stringContaining('SINK_FAILED') as string });
  const late = run.records.filter(({ kind, seq }) => kind === 'dispatch' && seq > (halt?.seq ?? Infinity));
  // A strategy that is long or flat: its sells are exits, which pass while trading is halted.
  const opening = (event: (typeof late)[number]): boolean =>
    event.kind === 'dispatch' && event.action === 'new' && event.intent.side === 'buy';
  expect(late.filter(opening)).toEqual([]);
  expect(run.summary.denied['TRADING_HALTED']).toBeGreaterThan(0);
  const proof = await verifyJournal(run.journal(), { topology: run.topology });
  expect([proof.difference, proof.clean]).toEqual([undefined, true]);
  // Free again: the next session cuts the torn line and goes on with the chain.
  files.room = Infinity;
  const next = await runTopology(
    yaml('  journal: { type: journal, path: ./journal }\n  audit: { type: small_audit, inputs: ["*"] }'),
    { components: [audit], folder: run.folder },
  );
  expect(next.summary.error).toBe(null);
  expect(verifyAudit(`${run.folder}/audit.jsonl`)).toMatchObject({ intact: true, sessions: 2 });
});
