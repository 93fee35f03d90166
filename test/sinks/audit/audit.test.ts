import { mkdtempSync, readFileSync, appendFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeConnection, makeControl, makeHalt, makeLog, makeRegime } from '../../../src/model/make.js';
import { AuditSink, type AuditOptions } from '../../../src/sinks/audit/audit-sink.js';
import { verifyAudit, verifyAuditText } from '../../../src/sinks/audit/verify.js';
import { Secrets } from '../../../src/sinks/secrets.js';
import {
  deniedEvent,
  fillEvent,
  logLines,
  orderEvent,
  positionEvent,
  stamped,
  stateView,
  T0,
} from '../support/fixtures.js';
import { FaultyFiles } from '../support/faulty-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-audit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function options(name: string, change: Partial<AuditOptions> = {}): AuditOptions {
  return {
    path: join(folder, name),
    format: name.endsWith('.csv') ? 'csv' : 'jsonl',
    ...{ mode: 'paper', session: 's1', configurationHash: 'cfg', build: '0.1.0', maxBytes: 1_000_000 },
    ...{ state: stateView(), log: logLines(), secrets: new Secrets(), wall: () => T0 },
    fail: (error) => {
      throw error;
    },
    ...change,
  };
}

async function written(name: string, change: Partial<AuditOptions> = {}): Promise<AuditSink> {
  const sink = new AuditSink(options(name, change));
  await sink.open();
  sink.write(orderEvent(1));
  sink.write(deniedEvent(2, 'MAX_POSITION: note="a, b"\nnext'));
  sink.write(fillEvent(3, 'x1'));
  sink.write(positionEvent(3, '0.01'));
  sink.write(positionEvent(4, '0.02'));
  sink.write(positionEvent(5, '-0.01'));
  await sink.close();
  return sink;
}

const lines = (name: string): (string | undefined)[] =>
  readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
const join_ = (parts: readonly (string | undefined)[]): string =>
  parts.map((part) => `${part ?? ''}\n`).join('');

describe('audit lines', () => {
  it('say what happened, who did it and why', async () => {
    await written('a.jsonl');
    const rows = lines('a.jsonl').map((line) => JSON.parse(line ?? '') as Record<string, unknown>);
    expect(rows.map((r) => r['type'])).toEqual([
      ...['system_start', 'order_accepted', 'order_denied', 'fill', 'position_opened'],
      ...['position_closed', 'position_opened', 'system_stop'],
    ]);
    expect(rows[0]).toMatchObject({
      line: 1,
      prev: '0'.repeat(64),
      metadata: { session: 's1', configuration: 'cfg', build: '0.1.0', mode: 'paper' },
    });
    expect(rows[1]).toMatchObject({
      actor: 'ema',
      seq: 1,
      sub: 1,
      time: '2024-08-08T23:54:13.937085Z',
      at: T0,
    });
    expect(rows[1]?.['metadata']).toMatchObject({ broker: 'sim', mode: 'paper', client_order_id: 'c1' });
    expect(rows[2]).toMatchObject({ reason: 'MAX_POSITION: note="a, b"\nnext' });
    expect(rows[5]).toMatchObject({ details: 'long BTCUSDT closed', seq: 5 });
    expect(rows[6]).toMatchObject({ details: 'short 0.01 BTCUSDT at 60000.5' });
  });

  it('cover control actions, connections, halts, errors and regimes, and leave out the rest', async () => {
    const sink = new AuditSink(options('b.jsonl'));
    await sink.open();
    sink.write(stamped(makeControl(T0, 'kill', 'alice', 'fat finger'), 1, 0));
    sink.write(stamped(makeConnection('market', T0, 'binance', 'down', 2, 'ECONNRESET'), 2, 0));
    sink.write(stamped(makeHalt('SINK_FAILED', 'disk full'), 2, 1));
    sink.write(stamped(makeLog('info', 'X', 'not audited'), 3, 1));
    sink.write(stamped(makeLog('anomaly', 'ORDER_ANOMALY', 'late fill'), 3, 2));
    sink.write(stamped(makeRegime(T0, '', -1, 'bear', 'bull', 0.8, 'hmm'), 4, 1));
    await sink.close();
    const rows = lines('b.jsonl').map((line) => JSON.parse(line ?? '') as Record<string, string>);
    expect(rows.slice(1, -1).map((r) => [r['type'], r['actor'], r['reason'], r['details']])).toEqual([
      ['control_kill', 'alice', 'fat finger', 'kill'],
      ['connection_down', 'binance', 'ECONNRESET', 'binance is down'],
      ['halt', 'test', 'disk full', 'trading halted: SINK_FAILED'],
      ['anomaly', 'test', 'ORDER_ANOMALY', 'late fill'],
      ['regime_change', 'hmm', '', 'market: bull to bear'],
    ]);
  });

  it('tell a fill from a repeated report of it', async () => {
    const sink = new AuditSink(options('r.jsonl'));
    await sink.open();
    for (const [seq, execId] of [
      [1, 'x1'],
      [2, 'x1'],
      [3, 'x2'],
      [4, ''],
      [5, ''],
    ] as const)
      sink.write(fillEvent(seq, execId));
    await sink.close();
    const rows = lines('r.jsonl').map((line) => JSON.parse(line ?? '') as Record<string, string>);
    expect(rows.slice(1, -1).map((r) => r['type'])).toEqual([
      ...['fill', 'fill_duplicate', 'fill', 'fill', 'fill'],
    ]);
    expect(rows[2]).toMatchObject({
      details: 'told again, counted once: buy 0.01 BTCUSDT at 60000.5',
      metadata: { exec_id: 'x1' },
    });
  });

  it('are quoted CSV that a CSV reader reads back', async () => {
    await written('a.csv');
    const text = readFileSync(join(folder, 'a.csv'), 'utf8');
    const rows = parse(text, { columns: true });
    const denied = (rows as Record<string, string>[])[2];
    expect(denied?.['reason']).toBe('MAX_POSITION: note="a, b"\\nnext');
    expect(JSON.parse(denied?.['metadata'] ?? '')).toMatchObject({ stage: 'risk', wish: 'cross' });
    expect(text.split('\n')).toHaveLength(rows.length + 2);
  });

  it('hide registered secrets everywhere', async () => {
    const secrets = new Secrets();
    secrets.add('tok-12345');
    const sink = new AuditSink(options('c.jsonl', { secrets }));
    await sink.open();
    sink.write(stamped(makeConnection('m', T0, 'binance', 'down', 1, 'refused tok-12345'), 1, 0));
    sink.write(deniedEvent(2, 'why tok-12345', { reason: 'tok-12345', strategy: 'tok-12345' }));
    await sink.close();
    const text = readFileSync(join(folder, 'c.jsonl'), 'utf8');
    expect(text).not.toContain('tok-12345');
    expect(text).toContain('refused ***');
  });
});

describe.each(['jsonl', 'csv'] as const)('the chain of a %s file', (format) => {
  const name = `chain.${format}`;
  const head = format === 'csv' ? 1 : 0;
  const check = (parts: readonly (string | undefined)[]) => verifyAuditText(join_(parts), format);

  it('is intact as written, and goes on when the file is opened again', async () => {
    const first = await written(name);
    expect(verifyAudit(join(folder, name))).toEqual({
      ...{ intact: true, lines: 8, lastHash: first.chain.lastHash, sessions: 1, unclosed: 0 },
    });
    const second = await written(name, { session: 's2' });
    expect(verifyAudit(join(folder, name))).toEqual({
      ...{ intact: true, lines: 16, lastHash: second.chain.lastHash, sessions: 2, unclosed: 0 },
    });
  });

  it('names a removed, changed, reordered or truncated line', async () => {
    await written(name);
    const all = lines(name);
    const at = (n: number): number => n - 1 + head;
    const without = all.filter((_, i) => i !== at(3));
    expect(check(without)).toEqual({
      ...{ intact: false, problem: 'removed', line: 3, fileLine: 3 + head, message: 'Line 3 was removed.' },
    });
    const two = all.filter((_, i) => i !== at(3) && i !== at(4));
    expect(check(two)).toMatchObject({ problem: 'removed', line: 3, message: 'Lines 3 to 4 were removed.' });

    const changed = [...all];
    changed[at(2)] = changed[at(2)]?.replace('BTCUSDT', 'ETHUSDT');
    expect(check(changed)).toMatchObject({
      ...{
        problem: 'changed',
        line: 2,
        fileLine: 2 + head,
        message: 'The text of line 2 does not fit its hash.',
      },
    });

    const swapped = [...all];
    [swapped[at(4)], swapped[at(5)]] = [swapped[at(5)], swapped[at(4)]];
    expect(check(swapped)).toMatchObject({
      ...{ problem: 'reordered', line: 4, message: 'Line 4 stands later, in the place of line 5.' },
    });

    expect(check(all.slice(0, -1))).toMatchObject({ problem: 'truncated', line: 8, fileLine: 8 + head });
    expect(verifyAuditText(join_(all.slice(0, -1)), format, true)).toMatchObject({
      intact: true,
      unclosed: 1,
    });
    expect(verifyAuditText(join_(all).slice(0, -20), format)).toMatchObject({
      ...{ problem: 'truncated', line: 8, message: 'Line 8 ends in the middle.' },
    });
    expect(verifyAuditText('', format)).toMatchObject({ problem: 'truncated', line: 1 });
  });

  it('names a line that was replaced by another sound one', async () => {
    await written(name);
    const all = lines(name);
    await written(`other.${format}`, { mode: 'live' });
    const forged = [...all];
    forged[1 + head] = lines(`other.${format}`)[1 + head];
    expect(check(forged)).toMatchObject({ intact: false, problem: 'changed' });
  });

  it('cuts a line that a crash tore, says so, and goes on', async () => {
    await written(name);
    appendFileSync(join(folder, name), 'half a line');
    await written(name, { session: 's2' });
    expect(verifyAudit(join(folder, name))).toMatchObject({ intact: true, lines: 16, sessions: 2 });
    expect(lines(name)[8 + head]).toContain('torn_bytes_cut');
  });

  it('refuses to continue a file whose end is not a chain', async () => {
    await written(name);
    appendFileSync(join(folder, name), 'something else\n');
    await expect(new AuditSink(options(name)).open()).rejects.toThrow('not the end of an audit chain');
  });
});

describe('a full disk', () => {
  it('keeps lines, halts when the buffer is full, and loses nothing once there is room again', async () => {
    const files = new FaultyFiles();
    const failures: string[] = [];
    const log = logLines();
    const sink = new AuditSink(
      options('d.jsonl', { files, log, maxBytes: 4096, fail: (error) => void failures.push(error.message) }),
    );
    await sink.open();
    files.room = 100;
    let n = 0;
    while (failures.length === 0 && n < 100) sink.write(orderEvent(++n));
    expect(n).toBeLessThan(12);
    expect(failures[0]).toMatch(/d\.jsonl cannot be written \(.+\) and \d+ bytes wait/);
    sink.write(stamped(makeHalt('SINK_FAILED', 'audit'), ++n, 1));
    expect(failures).toHaveLength(1);
    files.room = Infinity;
    await sink.close();
    expect(verifyAudit(join(folder, 'd.jsonl'))).toMatchObject({ intact: true, lines: n + 2 });
    expect(log.lines.some((line) => line.includes('cannot write, trying again: ENOSPC'))).toBe(true);
    expect(log.lines.some((line) => line.includes('writing again'))).toBe(true);
  });

  it('counts in a line of its own what even the reserve could not hold', async () => {
    const files = new FaultyFiles();
    const sink = new AuditSink(options('e.jsonl', { files, maxBytes: 4096, fail: () => undefined }));
    await sink.open();
    files.room = 0;
    for (let n = 1; n <= 50; n++) sink.write(orderEvent(n));
    const kept = sink.chain.lines;
    expect(sink.pendingBytes).toBeLessThanOrEqual(8192);
    files.room = Infinity;
    await sink.close();
    expect(verifyAudit(join(folder, 'e.jsonl'))).toMatchObject({ intact: true, lines: kept + 2 });
    expect(JSON.parse(lines('e.jsonl')[kept] ?? '')).toMatchObject({
      ...{ type: 'audit_lost', metadata: { lost: String(50 - (kept - 1)) } },
    });
  });

  it('rejects close when the disk never takes the lines', async () => {
    const files = new FaultyFiles();
    const sink = new AuditSink(options('f.jsonl', { files }));
    await sink.open();
    sink.write(orderEvent(1));
    files.room = 0;
    await expect(sink.close()).rejects.toThrow(/bytes could not be written/);
  });
});
