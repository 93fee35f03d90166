import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { verifyAudit } from '../../src/sinks/audit/verify.js';
import { defineSink, defineSource, type ComponentSpec } from '../../src/topology/spec.js';
import { runTopology, tempFolder, type TopologyRun } from '../support/run-topology.js';
import { flakySpec, NO_FAULTS } from './support/flaky-broker.js';

interface Parts {
  readonly broker?: string;
  readonly sources?: string;
  readonly journal?: string;
  readonly audit?: string;
  readonly sinks?: string;
}
const yaml = (parts: Parts = {}): string => `version: 1
name: start
portfolio: { base_currency: USDT }
instruments: { BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 } }
brokers: { sim: { type: ${parts.broker ?? 'paper'}, prices: market, cash: { USDT: 1000 } } }
sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000 } }, duration: 10s, rate: 5/s }
  fills: { type: executions, broker: sim }
${parts.sources ?? ''}
operators:
  ema: { type: strategy, use: ema-cross, inputs: [market, fills], params: { fast: 2, slow: 5, quantity: 0.001 } }
  risk: { type: risk, inputs: [ema] }
  pace: { type: throttle, inputs: [risk] }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, path: ${parts.journal ?? './data/journal'} }
  records: { type: records, inputs: ["*"], path: ./data/records }
${parts.audit === undefined ? '' : `  audit: { type: audit, inputs: ["*"], path: ${parts.audit} }`}
${parts.sinks ?? ''}
`;

const closed: string[] = [];
/** A sink that keeps the order in which it was closed, or that cannot open. */
const sinkSpec = (type: string, openError?: Error): ComponentSpec =>
  defineSink({
    type,
    summary: 'For this test.',
    config: z.strictObject({}),
    examples: [],
    reload: 'restart',
    accepts: ['trade'],
    delivery: 'required',
    make: (_, { name }) => ({
      open: () => (openError === undefined ? Promise.resolve() : Promise.reject(openError)),
      write: () => undefined,
      close: () => Promise.resolve(void closed.push(name)),
    }),
  });

/** Everything the run made in its folder, except the topology; and that the guard is off. */
function left(run: TopologyRun, ...more: readonly string[]): string[] {
  const all = readdirSync(run.folder, { recursive: true }).map(String);
  return all.filter((name) => name !== 'topology.yaml' && !more.includes(name)).sort();
}

describe('a start that fails leaves nothing behind', () => {
  const hostNow = Date.now;

  test.each([
    ['the journal is a file', { journal: './file' }, 'the journal cannot write to ', 'below a folder'],
    ['the audit is a folder', { audit: './folder' }, 'the audit trail cannot write to ', 'path of a file'],
    [
      'the audit is below a file',
      { audit: './file/a' },
      'the audit trail cannot write to ',
      'below a folder',
    ],
    [
      'the records are a file',
      { sinks: '  more: { type: records, inputs: ["*"], path: ./file }' },
      'the records cannot write to ',
      'below a folder',
    ],
    [
      'the records are below a file',
      { sinks: '  more: { type: records, inputs: ["*"], path: ./file/deep/er }' },
      'the records cannot write to ',
      'below a folder',
    ],
  ])('%s', async (_, parts, message, help) => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'file'), 'kept');
    mkdirSync(join(folder, 'folder'));
    const run = await runTopology(yaml(parts), { folder });
    expect(run.summary).toMatchObject({ ended: 'failed', journal: null, digest: null, events: 0 });
    expect(run.summary.error).toMatchObject({ code: 'INVALID_CONFIGURATION' });
    expect(run.summary.error?.message).toContain(message);
    expect(run.summary.error?.help).toContain(help);
    expect(left(run, 'file', 'folder')).toEqual([]);
    expect(Date.now).toBe(hostNow);
  });

  test('a sink that cannot open: those before it are closed, those after it are not touched', async () => {
    closed.length = 0;
    const run = await runTopology(
      yaml({
        sinks:
          '  one: { type: fine, inputs: ["*"] }\n  bad: { type: broken, inputs: ["*"] }\n  two: { type: fine, inputs: ["*"] }',
      }),
      { components: [sinkSpec('fine'), sinkSpec('broken', new Error('no cable'))] },
    );
    expect(run.summary.error).toMatchObject({
      code: 'SINK_FAILED',
      message: 'sink "bad" cannot be opened: no cable',
    });
    expect(closed).toEqual(['one']);
    expect(left(run)).toEqual([]);
    expect(Date.now).toBe(hostNow);
  });

  test('a source that cannot be made or read', async () => {
    const broken = defineSource({
      type: 'broken',
      summary: 'For this test.',
      config: z.strictObject({}),
      examples: [],
      reload: 'restart',
      emits: ['trade'],
      make: () => {
        throw new Error('no such feed');
      },
    });
    const made = await runTopology(yaml({ sources: '  bad: { type: broken }' }), { components: [broken] });
    expect(made.summary).toMatchObject({ ended: 'failed', journal: null });
    expect(made.summary.error?.message).toContain('no such feed');
    expect(left(made)).toEqual([]);
    const read = await runTopology(
      yaml({ sources: '  bad: { type: replay, path: ./none.gz, venue: binance }' }),
    );
    expect(read.summary).toMatchObject({ ended: 'failed', journal: null });
    expect(left(read)).toEqual([]);
    expect(Date.now).toBe(hostNow);
  });

  test('a broker that cannot open', async () => {
    const spec = flakySpec(
      NO_FAULTS,
      1,
      () => undefined,
      () => undefined,
    );
    const broker: typeof spec = {
      ...spec,
      make: (config, context) =>
        Object.assign(spec.make(config, context), {
          open: () => Promise.reject(new Error('no route to host')),
          close: () => Promise.reject(new Error('never open')),
        }),
    };
    const run = await runTopology(yaml({ broker: 'flaky' }), { components: [broker] });
    expect(run.summary).toMatchObject({ ended: 'failed', journal: null });
    expect(run.summary.error?.message).toBe('no route to host');
    expect(run.logs).toContain('warn broker sim could not be closed: never open');
    expect(left(run)).toEqual([]);
    expect(Date.now).toBe(hostNow);
  });

  test('an audit trail says that the session did not begin, and is free again', async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'file'), '');
    const audit = './data/audit.jsonl';
    const more = '  more: { type: records, inputs: ["*"], path: ./file }';
    const first = await runTopology(yaml({ audit, sinks: more }), { folder, session: 'one' });
    expect(first.summary.error?.code).toBe('INVALID_CONFIGURATION');
    expect(left(first, 'file')).toEqual(['data', 'data/audit.jsonl']);
    const second = await runTopology(yaml({ audit }), { folder, session: 'two' });
    expect(second.summary.error).toBe(null);
    const verdict = verifyAudit(join(folder, audit));
    expect(verdict).toMatchObject({ intact: true, sessions: 2 });
  });
});

test('the same session twice is refused, and the first stays whole', async () => {
  const folder = tempFolder();
  const first = await runTopology(yaml(), { folder, session: 'same' });
  const digest = first.summary.digest;
  const second = await runTopology(yaml(), { folder, session: 'same' });
  expect(second.summary).toMatchObject({ journal: null, ended: 'failed' });
  expect(second.summary.error).toMatchObject({
    code: 'INVALID_CONFIGURATION',
    help: 'every session writes to a folder of its own; choose another path or session id',
  });
  expect([...first.journal().frames()].length).toBe(first.summary.events);
  expect(digest).not.toBe(null);
});

test('two runs at once: the second is refused while the first writes the audit, and leaves nothing', async () => {
  const folder = tempFolder();
  const text = yaml({ audit: './data/audit.jsonl' });
  let second: Promise<TopologyRun> | undefined;
  const first = await runTopology(text, {
    folder,
    session: 'one',
    set: ['sources.market.pace=40x'],
    onOpen: () => {
      second = runTopology(text, { folder, session: 'two' });
    },
  });
  const refused = await second;
  expect(refused?.summary.error).toMatchObject({ code: 'INVALID_CONFIGURATION' });
  expect(refused?.summary.error?.message).toContain('in use by session one, process ');
  expect(first.summary.error).toBe(null);
  expect(readdirSync(join(folder, 'data')).sort()).toEqual(['audit.jsonl', 'journal', 'records']);
  expect(readdirSync(join(folder, 'data/journal'))).toEqual(['one']);
  expect(verifyAudit(join(folder, 'data/audit.jsonl'))).toMatchObject({ intact: true, sessions: 1 });
});

test('two runs of one records folder get folders of their own', async () => {
  const folder = tempFolder();
  const runs = await Promise.all(['one', 'two'].map((session) => runTopology(yaml(), { folder, session })));
  expect(runs.map(({ summary }) => summary.error)).toEqual([null, null]);
  const [day = ''] = readdirSync(join(folder, 'data/records'));
  expect(readdirSync(join(folder, 'data/records', day)).sort()).toEqual(['run_1', 'run_2']);
});

describe('the port of the metrics', () => {
  const metrics = async (): Promise<string> => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => new Promise<void>((done) => void server.close(() => done())));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  };

  test('in use: warns and goes on', async () => {
    const listen = await metrics();
    const run = await runTopology(yaml({ sinks: `  metrics: { type: prometheus, listen: "${listen}" }` }));
    expect(run.summary.error).toBe(null);
    expect(run.logs.some((line) => line.startsWith(`warn ${listen} is in use by another process: `))).toBe(
      true,
    );
  });

  test('in use and required: refuses, and leaves nothing', async () => {
    const listen = await metrics();
    const run = await runTopology(
      yaml({ sinks: `  metrics: { type: prometheus, listen: "${listen}", required: true }` }),
    );
    expect(run.summary.error).toMatchObject({
      code: 'INVALID_CONFIGURATION',
      message: `${listen} is in use by another process`,
    });
    expect(left(run)).toEqual([]);
  });
});

test('/readyz: 503 before the start turn, 200 while running, 503 with the reason after a halt', async () => {
  interface Answer {
    readonly status: number;
    readonly engine: string;
    readonly trading: { readonly ready: boolean; readonly status: string; readonly reason: string };
  }
  const logs = { address: '' };
  const ask = async (): Promise<Answer> => {
    const answer = await fetch(`${logs.address}/readyz`);
    const { components } = (await answer.json()) as {
      components: { engine: { status: string }; trading: Answer['trading'] };
    };
    return { status: answer.status, engine: components.engine.status, trading: components.trading };
  };
  const answers: Answer[] = [];
  const probe = defineSink({
    type: 'probe',
    summary: 'Asks before the start turn.',
    config: z.strictObject({}),
    examples: [],
    reload: 'restart',
    accepts: ['trade'],
    delivery: 'best_effort',
    make: (_, { log }) => {
      const info = log.info.bind(log);
      log.info = (message, fields): void => {
        logs.address = /served at (\S+)\/metrics/.exec(message)?.[1] ?? logs.address;
        info(message, fields);
      };
      return {
        open: async () => void answers.push(await ask()),
        write: () => undefined,
        close: () => Promise.resolve(),
      };
    },
  });
  const abort = new AbortController();
  let asking = 0;
  const run = await runTopology(
    yaml({
      sinks:
        '  metrics: { type: prometheus, listen: "127.0.0.1:0", required: true }\n  probe: { type: probe, inputs: ["*"] }',
    }),
    {
      components: [probe],
      set: ['sources.market.pace=1x'],
      signal: abort.signal,
      onProgress: (engine) => {
        if (asking++ === 1) void ask().then((answer) => answers.push(answer));
        if (asking === 5) engine.haltFromOutside('SINK_FAILED', 'by hand');
        if (asking === 8)
          void ask().then((answer) => {
            answers.push(answer);
            abort.abort();
          });
      },
    },
  );
  expect(run.summary.error?.code).toBe('SINK_FAILED');
  expect(answers).toMatchObject([
    { status: 503, engine: 'stopped', trading: { ready: false } },
    { status: 200, engine: 'running', trading: { ready: true, status: 'active', reason: '' } },
    {
      status: 503,
      engine: 'running',
      trading: { ready: false, status: 'halted', reason: expect.stringContaining('by hand') as string },
    },
  ]);
});
