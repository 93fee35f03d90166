import { chmodSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { EMPTY } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { BrokerError, type Broker } from '../../../src/brokers/broker.js';
import { main } from '../../../src/cli/main.js';
import { examine, type DoctorOptions } from '../../../src/engine/doctor/doctor.js';
import type { Finding } from '../../../src/engine/check/finding.js';
import { LatchFile } from '../../../src/engine/kill/latch-file.js';
import { run } from '../../../src/engine/run.js';
import { nodeFiles } from '../../../src/sinks/file-port.js';
import { defineBroker, type BrokerSpec } from '../../../src/topology/spec.js';
import { memoryLog, tempFolder, topologyOf } from '../../support/run-topology.js';

const YAML = `version: 1
name: sick
mode: paper
portfolio: { base_currency: USDT }
instruments: { BTCUSDT: { asset_class: crypto_spot, base: BTC, quote: USDT, tick_size: 0.1, lot_size: 0.0001 } }
brokers: { sim: { type: paper, prices: ticks, cash: { USDT: 1000000 } } }
sources:
  market: { type: synthetic, instruments: { BTCUSDT: { price: 60000 } }, duration: 10s, rate: 20/s }
  fills: { type: executions, broker: sim }
operators:
  ticks: { type: normalize, inputs: [market] }
  ema: { type: strategy, use: ema-cross, inputs: [ticks, fills], params: { fast: 3, slow: 8, quantity: 0.01 } }
  risk: { type: risk, inputs: [ema] }
  pace: { type: throttle, inputs: [risk] }
sinks:
  orders: { type: orders, broker: sim, inputs: [pace] }
  journal: { type: journal, path: ./journal }
`;

async function sick(
  folder: string,
  options: Partial<DoctorOptions> = {},
  text = YAML,
): Promise<readonly Finding[]> {
  const topology = await topologyOf(text, { folder });
  const found = await examine({
    topology,
    topologyFiles: 'desk.yaml',
    secretFiles: [],
    log: memoryLog(),
    ...options,
  });
  return found.filter(({ status }) => status === 'fail');
}
const brief = (found: readonly Finding[]): readonly string[] =>
  found.map(({ check, next }) => `${check} -> ${next}`);
const state = (folder: string): string => {
  const path = join(folder, 'data/state');
  mkdirSync(path, { recursive: true });
  return path;
};

describe('doctor', () => {
  it('finds nothing where nothing is wrong', async () => {
    expect(await sick(tempFolder())).toEqual([]);
  });

  it('finds an old Node', async () => {
    expect(brief(await sick(tempFolder(), { nodeVersion: '20.18.1' }))).toEqual(['node -> nvm install 22']);
    expect(await sick(tempFolder(), { nodeVersion: '20.19.0' })).toEqual([]);
  });

  it.each([
    ['ENOSPC', 'is full', /^du /],
    ['EROFS', 'is read-only', /^mount -o remount,rw /],
    ['EACCES', 'cannot be written', /^sudo chown /],
  ])('finds a disk that answers %s', async (code, words, command) => {
    const broken = (): never => {
      throw Object.assign(new Error(code), { code });
    };
    const files = {
      ...nodeFiles,
      create: (path: string) => ({
        ...nodeFiles.create(path),
        path,
        append: broken,
        size: () => 0,
        truncate: () => undefined,
        sync: () => undefined,
        syncLater: () => undefined,
        close: () => undefined,
      }),
    };
    const found = await sick(tempFolder(), { files });
    expect(found.length).toBeGreaterThan(0);
    for (const { check, message, next } of found) {
      expect([check, message.includes(words)]).toEqual(['disk', true]);
      expect(next).toMatch(command);
    }
  });

  it('finds tokens, secrets and latches that others can read or change', async () => {
    const folder = tempFolder();
    const secret = join(folder, 'live.env');
    for (const [path, mode] of [
      [join(state(folder), 'tokens.json'), 0o644],
      [join(state(folder), 'operator.token'), 0o600],
      [join(state(folder), 'sick.latch'), 0o666],
      [secret, 0o640],
    ] as const) {
      writeFileSync(path, path.endsWith('latch') ? Buffer.alloc(8192) : 'x');
      chmodSync(path, mode);
    }
    const found = await sick(folder, { secretFiles: [secret] });
    expect(brief(found)).toEqual([
      `permissions -> chmod 600 ${join(state(folder), 'tokens.json')}`,
      `permissions -> chmod 600 ${secret}`,
      `permissions -> chmod go-w ${join(state(folder), 'sick.latch')}`,
    ]);
  });

  it('finds the lock of a process that is no more, and one nobody can read', async () => {
    const folder = tempFolder();
    mkdirSync(join(folder, 'journal'));
    mkdirSync(join(state(folder), 'accounts'));
    const gone = join(folder, 'journal/sick.lock');
    const garbled = join(state(folder), 'accounts/binance-live-main.lock');
    writeFileSync(gone, JSON.stringify({ pid: 2 ** 22 - 3, host: hostname(), session: 'old', began: '1' }));
    writeFileSync(garbled, 'what?');
    expect(brief(await sick(folder))).toEqual([`lock -> rm ${gone}`, `lock -> rm ${garbled}`]);
  });

  it('finds a latch that is set, and the kill file', async () => {
    const folder = tempFolder();
    const latch = new LatchFile(nodeFiles, join(state(folder), 'sick.latch'));
    latch.write([{ scope: 'global', actor: 'me', reason: 'test', since: '2026-01-01T00:00:00.000Z' }]);
    latch.close();
    const [found] = await sick(folder);
    expect([found?.check, found?.next.includes('millrace release --reason')]).toEqual(['latch', true]);
    const other = tempFolder();
    writeFileSync(join(state(other), 'KILL'), 'stop it');
    expect(brief(await sick(other))).toEqual([`latch -> rm ${join(state(other), 'KILL')}`]);
  });

  it('finds a torn journal and a damaged one', async () => {
    const folder = tempFolder();
    await run(await topologyOf(YAML, { folder }), {});
    expect(await sick(folder)).toEqual([]);
    const session = join(folder, 'journal', readdirSync(join(folder, 'journal'))[0] ?? '');
    const segment = join(session, readdirSync(session).find((name) => name.endsWith('.mlj')) ?? '');
    const whole = readFileSync(segment);
    truncateSync(segment, whole.length - 60);
    const [torn] = await sick(folder);
    expect([torn?.check, torn?.message.split(':')[0], torn?.next.startsWith('millrace run')]).toEqual([
      'journal',
      'JOURNAL_TORN',
      true,
    ]);
    const half = Math.floor(whole.length / 2);
    whole[half] = (whole[half] ?? 0) ^ 0xff;
    writeFileSync(segment, whole);
    const [damaged] = await sick(folder);
    expect([damaged?.message.split(':')[0], damaged?.next.startsWith('cp -a')]).toEqual([
      'JOURNAL_DAMAGED',
      true,
    ]);
  });

  it('finds a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const text = `${YAML}  metrics: { type: prometheus, listen: "127.0.0.1:${port}" }\ncontrol: { listen: "127.0.0.1:${port}" }\n`;
    const folder = tempFolder();
    // Left behind by an engine that crashed: whoever has the port now, it is not that one.
    const address = { url: `http://127.0.0.1:${port}`, pid: 2 ** 22 - 3, session: 'old', topology: 'sick' };
    writeFileSync(
      join(state(folder), 'control.json'),
      JSON.stringify({ ...address, started: '2026-01-01T00:00:00.000Z' }),
    );
    const found = await sick(folder, {}, text);
    await new Promise((resolve) => server.close(resolve));
    expect(brief(found)).toEqual([
      `port -> ss -ltnp 'sport = :${port}'`,
      `port -> ss -ltnp 'sport = :${port}'`,
    ]);
  });

  it('finds a venue that cannot be reached, and a clock that is off', async () => {
    const venue = (name: string, skewMs: number, open: () => Promise<void>): BrokerSpec =>
      defineBroker({
        ...{ type: name, summary: 'A venue.', config: z.strictObject({}), examples: [], reload: 'restart' },
        simulated: false,
        make: () =>
          ({
            ...{
              name,
              venue: name,
              account: 'main',
              simulated: false,
              connection$: EMPTY,
              executions$: EMPTY,
            },
            open,
            close: () => Promise.resolve(),
            instruments: () => Promise.resolve([]),
            serverTime: () => Promise.resolve((Date.now() + skewMs) * 1000),
          }) as unknown as Broker,
      });
    const far = venue('far', 0, () => Promise.reject(new BrokerError('network', 'connection refused', true)));
    const off = venue('off', -20_000, () => Promise.resolve());
    const text = YAML.replace('brokers: { sim:', 'brokers: { a: { type: far }, b: { type: off }, sim:');
    const topology = await topologyOf(text, { components: [far, off] });
    const found = await examine({ topology, topologyFiles: 'd', secretFiles: [], log: memoryLog() });
    expect(
      found.filter(({ status }) => status === 'fail').map(({ about, check }) => `${about} ${check}`),
    ).toEqual(['a reach', 'b clock']);
    expect(found.find(({ check }) => check === 'clock')?.next).toContain('NTP');
  });
});

describe('millrace doctor', () => {
  async function doctor(...args: readonly string[]): Promise<{ code: number; out: string }> {
    let out = '';
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
    const code = await main(['doctor', ...args]);
    spy.mockRestore();
    return { code, out };
  }

  it('names missing environment variables and how to set them; exit code 1; --json', async () => {
    const folder = tempFolder();
    const file = join(folder, 'desk.yaml');
    writeFileSync(file, YAML.replace('price: 60000', 'price: "${DOCTOR_PRICE}"'));
    const { code, out } = await doctor(file);
    expect([code, out.includes('-> export DOCTOR_PRICE=...')]).toEqual([1, true]);
    const json = await doctor(file, '--json');
    const { findings } = JSON.parse(json.out) as { findings: readonly Finding[] };
    expect(findings[0]).toMatchObject({
      check: 'environment',
      status: 'fail',
      next: 'export DOCTOR_PRICE=...',
    });
    writeFileSync(file, YAML);
    const well = await doctor(file);
    expect([well.code, well.out.split('\n').every((line) => line === '' || line.startsWith('ok'))]).toEqual([
      0,
      true,
    ]);
  });

  it('needs no file', async () => {
    const { code, out } = await doctor();
    expect([code, /ok {3}machine: node/.test(out)]).toEqual([0, true]);
  });
});
