import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { LatchFile } from '../../../src/engine/kill/latch-file.js';
import { SENTINEL } from '../../../src/engine/kill/sentinel.js';
import { nodeFiles } from '../../../src/sinks/file-port.js';
import { emptyFolder, until } from '../kill/support/desk.js';

const BIN = resolve(import.meta.dirname, '../../../dist/cli/main.js');

const desk = (extra: string, use: string): string => `version: 1
name: desk
mode: paper
portfolio: { base_currency: USDT }
${extra}
plugins: [./feed.mjs]
instruments: { BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 } }
brokers: { sim: { type: VENUE, prices: market, cash: { USDT: 100000 }, latency: 1ms } }
sources:
  market: { type: ticking }
  fills: { type: executions, broker: sim }
operators:
  one: { type: strategy, use: ${use}, inputs: [market, fills] }
  risk: { type: risk, inputs: [one], limits: { max_position: 1 } }
  pace: { type: throttle, inputs: [risk], orders: 5/s }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, inputs: ["*"], path: ./data/journal, delivery: required }
`;

/** A source that pushes quotes by the wall clock, and a paper venue that can be asked to panic. */
const FEED = `import { defineSource, defineBroker, definePlugin } from 'millrace';
import { Observable } from 'rxjs';
import { z } from 'zod';
const ticking = defineSource({
  type: 'ticking', summary: 'Quotes by the wall clock.', config: z.strictObject({}), examples: [], reload: 'restart',
  emits: ['quote'], pushed: true,
  make: () => ({ type: 'push', events$: new Observable((out) => {
    const timer = setInterval(() => out.next({ kind: 'quote', seq: 0, sub: 0, at: 0, ts: Date.now() * 1000, source: 'market',
      instrument: 'BTCUSDT', ix: 0, bid: 60000, bidSize: 10, ask: 60000.1, askSize: 10 }), 20);
    return () => clearInterval(timer);
  }) }),
});
PANIC
export default definePlugin({ api: 1, components: [ticking, ...(typeof venue === 'undefined' ? [] : [venue])] });`;

const HANGS = `import { defineStrategy } from 'millrace';
import { filter, map } from 'rxjs';
import { z } from 'zod';
let n = 0;
export default defineStrategy({ name: 'hangs', version: '1.0.0', params: z.strictObject({}),
  run: ({ quotes$, place }) => quotes$.pipe(
    map(() => {
      if (++n === 30) { const end = process.hrtime.bigint() + 2500000000n; while (process.hrtime.bigint() < end); }
      return place.limit({ instrument: 'BTCUSDT', side: 'buy', quantity: 0.001, limitPrice: 30000 });
    }),
    filter(() => n === 5 || n === 30)),
});
`;

interface Running {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly folder: string;
}

function start(folder: string): Running {
  const child = spawn(process.execPath, ['--', BIN, 'run', 'desk.yaml', '--for', '25s'], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, said: () => said, folder };
}

const latches = (
  folder: string,
): readonly { readonly scope: string; readonly actor: string; readonly reason: string }[] =>
  new LatchFile(nodeFiles, join(folder, 'data/state/desk.latch')).read();

const running = (folder: string): boolean => existsSync(join(folder, 'data/journal'));

describe('a running program', () => {
  test('is killed by SIGUSR2, says so, and stays killed when it starts again', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'feed.mjs'), FEED.replace('PANIC', ''));
    writeFileSync(
      join(folder, 'desk.yaml'),
      desk('', 'ema-cross')
        .replace('VENUE', 'paper')
        .replace('[market, fills] }', '[market, fills], params: { quantity: 0.1 } }'),
    );
    const first = start(folder);
    await until(() => running(folder), 20_000);
    await new Promise((done) => setTimeout(done, 300));
    first.child.kill('SIGUSR2');
    await until(() => first.said().includes('killed; latched: disk; no order is open at the venue'), 10_000);
    expect(latches(folder)).toMatchObject([{ scope: 'global', actor: 'signal', reason: 'SIGUSR2' }]);
    first.child.kill('SIGTERM');
    await until(() => first.child.exitCode !== null, 10_000);
    const second = start(folder);
    await until(() => second.said().includes('trading is killed from before'), 20_000);
    second.child.kill('SIGTERM');
    await until(() => second.child.exitCode !== null, 10_000);
  });

  test('is killed by a sentinel file', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'feed.mjs'), FEED.replace('PANIC', ''));
    writeFileSync(
      join(folder, 'desk.yaml'),
      desk('', 'ema-cross')
        .replace('VENUE', 'paper')
        .replace('[market, fills] }', '[market, fills], params: { quantity: 0.1 } }'),
    );
    const { child, said } = start(folder);
    await until(() => running(folder), 20_000);
    mkdirSync(join(folder, 'data/state'), { recursive: true });
    writeFileSync(
      join(folder, 'data/state', SENTINEL),
      JSON.stringify({ scope: 'account:sim', actor: 'ann', reason: 'by hand' }),
    );
    await until(() => latches(folder).length > 0, 10_000);
    expect(latches(folder)).toMatchObject([{ scope: 'account:sim', actor: 'ann', reason: 'by hand' }]);
    await until(() => said().includes('killed (account:sim) by ann: by hand; latch: disk'), 10_000);
    child.kill('SIGTERM');
    await until(() => child.exitCode !== null, 10_000);
  });

  test('whose strategy hangs is latched by its watchdog, which cancels through a session of its own', async () => {
    const asked: string[] = [];
    const server = createServer((request, answer) => {
      asked.push(`${request.method} ${request.url}`);
      answer.end(JSON.stringify({ cancelled: 1 }));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const folder = emptyFolder();
    const panic = join(folder, 'panic.mjs');
    writeFileSync(
      panic,
      `export async function cancelEverything({ url }) {
  const { cancelled } = await (await fetch(url, { method: 'DELETE' })).json();
  return { cancelled, verified: true, reason: '' };
}`,
    );
    const venue = `import { paperSpec } from '${resolve(import.meta.dirname, '../../../dist/topology/components/brokers/paper.js')}';
const venue = defineBroker({ ...paperSpec, type: 'panicking', summary: 'A paper venue with a way to panic.',
  make: (config, context) => {
    const paper = paperSpec.make(config, context);
    paper.panic = () => ({ module: ${JSON.stringify(panic)}, options: { url: 'http://127.0.0.1:${port}/orders' } });
    return paper;
  } });
`;
    writeFileSync(join(folder, 'feed.mjs'), FEED.replace('PANIC', venue));
    writeFileSync(join(folder, 'hangs.mjs'), HANGS);
    const safety = 'safety: { watchdog: { enabled: true, stall: 1s, warn: 100ms } }';
    writeFileSync(join(folder, 'desk.yaml'), desk(safety, './hangs.mjs').replace('VENUE', 'panicking'));
    const { child, said } = start(folder);
    // While the main thread still hangs.
    await until(() => asked.length > 0, 20_000).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${said()}`);
    });
    expect(asked).toEqual(['DELETE /orders']);
    expect(latches(folder)).toMatchObject([
      { scope: 'global', actor: 'watchdog', reason: 'the main thread hung for 1 s' },
    ]);
    await until(() => existsSync(join(folder, 'data/state/desk.watchdog.json')), 5_000);
    expect(JSON.parse(readFileSync(join(folder, 'data/state/desk.watchdog.json'), 'utf8'))).toMatchObject({
      latch: 'disk',
      verified: true,
      brokers: [{ broker: 'sim', cancelled: 1, verified: true, reason: '' }],
    });
    // It comes back: what it wanted to send meanwhile does not leave, and trading is halted.
    await until(() => said().includes('the watchdog acted'), 10_000);
    await until(() => said().includes('killed (global) by watchdog'), 15_000);
    child.kill('SIGTERM');
    await until(() => child.exitCode !== null, 10_000);
    const { readJournal } = await import('../../../src/sinks/journal/index.js');
    const { readdirSync } = await import('node:fs');
    const session = readdirSync(join(folder, 'data/journal')).find((name) => !name.endsWith('.lock')) ?? '';
    const outcomes: string[] = [];
    for (const { input } of readJournal(join(folder, 'data/journal', session)).frames()) {
      if (input.kind === 'outcome' && input.action === 'new')
        outcomes.push(`${input.outcome} ${input.reason.split(':')[0] ?? ''}`);
    }
    expect(outcomes).toEqual(['sent ', 'not_sent LATCHED']);
  });
});
