import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LatchFile } from '../../../src/engine/kill/latch-file.js';
import { SENTINEL } from '../../../src/engine/kill/sentinel.js';
import { nodeFiles } from '../../../src/sinks/file-port.js';
import { FaultyFiles } from '../../sinks/support/faulty-files.js';
import { Desk, emptyFolder, until } from './support/desk.js';

const BY = { actor: 'ann', reason: 'it looks wrong' };
const latched = (folder: string): string[] =>
  new LatchFile(nodeFiles, join(folder, 'state', 'desk.latch')).read().map(({ scope }) => scope);

describe('kill', () => {
  test('closes the gate before the event, has the latch on disk before the answer, cancels and verifies', async () => {
    const desk = await new Desk().start();
    desk.trade('rest');
    desk.trade('rest');
    await until(() => desk.open === 2);
    const { engine } = desk;
    const order: string[] = [];
    const closeScope = engine.outbox.closeScope.bind(engine.outbox);
    engine.outbox.closeScope = function (scope, reason) {
      if (order.length === 0)
        order.push(`gate, with ${desk.words.filter((w) => w === 'control kill').length} kills recorded`);
      closeScope(scope, reason);
    };
    const answering = desk.operations.kill(BY);
    // All of this has happened synchronously.
    expect(order).toEqual(['gate, with 0 kills recorded']);
    expect(engine.outbox.gate?.code).toBe('LATCHED');
    expect(latched(desk.folder)).toEqual(['global']);
    const answer = await answering;
    expect(answer).toMatchObject({
      scope: 'global',
      latch: { on: 'disk' },
      verified: true,
      why: '',
      open: [],
      reconciliation: 'not needed',
      before: { trading: 'active', latches: [] },
      after: { trading: 'halted', latches: [{ scope: 'global', actor: 'ann', reason: 'it looks wrong' }] },
    });
    expect(answer.seq).toBeGreaterThan(0);
    expect(desk.open).toBe(0);
    desk.trade('rest');
    desk.trade('buy');
    expect(desk.words.slice(-2)).toEqual(['denied LATCHED', 'denied LATCHED']);
    expect(await desk.verify()).toBeUndefined();
  });

  test('says memory only when the disk fails, and is killed all the same', async () => {
    const files = new FaultyFiles();
    const desk = await new Desk({ run: { files } }).start();
    files.error = new Error('EIO: it broke');
    const answer = await desk.operations.kill(BY);
    expect(answer.latch).toEqual({ on: 'memory only', why: 'EIO: it broke' });
    expect(desk.engine.state.control.killed).toBe(true);
    files.error = undefined;
    files.syncError = new Error('EIO: no sync');
    expect((await desk.operations.kill(BY)).latch).toEqual({ on: 'memory only', why: 'EIO: no sync' });
  });

  test('is not verified while the venue is down, says so, and goes on until it is', async () => {
    let down = true;
    const desk = await new Desk({
      wrap: (paper) => ({
        openOrders: () => (down ? Promise.reject(new Error('unreachable')) : paper.openOrders()),
      }),
    }).start();
    desk.trade('rest');
    await until(() => desk.open === 1);
    const answer = await desk.operations.kill(BY, undefined, 200);
    expect(answer).toMatchObject({
      latch: { on: 'disk' },
      verified: false,
      why: 'sim could not be asked: unreachable',
    });
    expect(desk.safety.status().kills).toMatchObject([{ scope: 'global', verified: false }]);
    down = false;
    await until(() => desk.safety.status().kills[0]?.verified === true);
    expect(desk.logs.at(-1)).toContain('the venue has no open order left');
    expect(await desk.verify()).toBeUndefined();
  });

  test('of a strategy or account holds back that one only, and cancels its orders only', async () => {
    const desk = await new Desk({ strategies: ['one', 'two'] }).start();
    desk.trade('rest');
    await until(() => desk.open === 2);
    const answer = await desk.operations.kill(BY, { kind: 'strategy', name: 'one' });
    expect(answer).toMatchObject({ scope: 'strategy:one', verified: true, after: { trading: 'active' } });
    expect([...desk.engine.state.orders.open()].map(({ strategy }) => strategy)).toEqual(['two']);
    desk.trade('rest', 100, 'one');
    expect(desk.words.at(-1)).toBe('denied LATCHED');
    desk.trade('rest', 100, 'two');
    await until(() => desk.open === 2);
    await desk.operations.kill(BY, { kind: 'account', name: 'sim' });
    expect(desk.open).toBe(0);
    expect(latched(desk.folder)).toEqual(['strategy:one', 'account:sim']);
    expect((await desk.operations.release(BY, { kind: 'account', name: 'sim' })).refused).toBeUndefined();
    expect(latched(desk.folder)).toEqual(['strategy:one']);
    desk.trade('rest', 100, 'two');
    await until(() => desk.open === 1);
    expect(await desk.verify()).toBeUndefined();
  });

  test('defect 29: what waits in the queue is purged, recorded, and never dispatched', async () => {
    const desk = await new Desk({ paper: { latency: '300ms' } }).start();
    desk.trade('rest');
    const { engine } = desk;
    const [order] = [...engine.state.orders.open()];
    expect(order?.inFlight?.action).toBe('new');
    const before = desk.sent.length;
    await desk.operations.kill(BY);
    desk.trade('rest');
    expect(desk.sent.slice(before).map(({ dispatch }) => dispatch.action)).toEqual(['cancel']);
    expect(desk.words.filter((word) => word === 'denied LATCHED')).toHaveLength(1);
  });

  test('a resume asked for before a kill does not open its gate', async () => {
    const desk = await new Desk().start();
    await desk.operations.pause(BY);
    const { engine } = desk;
    const answers: Promise<unknown>[] = [];
    engine.sequencer.runAt(engine.sequencer.at, () => {
      answers.push(desk.operations.resume(BY), desk.operations.kill(BY));
    });
    engine.sequencer.advance(engine.sequencer.at);
    await Promise.all(answers);
    expect(engine.outbox.gate?.code).toBe('LATCHED');
    expect(engine.state.control.killed).toBe(true);
  });
});

describe('release', () => {
  test('needs a reason, leaves trading halted, and resume opens', async () => {
    const desk = await new Desk().start();
    expect((await desk.operations.release(BY)).refused).toContain('no kill switch is latched');
    await desk.operations.kill(BY);
    expect((await desk.operations.release({ actor: 'ann', reason: ' ' })).refused).toBe(
      'a release needs a reason',
    );
    expect((await desk.operations.resume(BY)).refused).toContain('release it first');
    const released = await desk.operations.release(BY);
    expect(released).toMatchObject({ latch: { on: 'disk' }, after: { trading: 'halted', latches: [] } });
    desk.trade('rest');
    expect(desk.words.at(-1)).toBe('denied TRADING_HALTED');
    await desk.operations.resume(BY);
    desk.trade('rest');
    await until(() => desk.open === 1);
    expect(latched(desk.folder)).toEqual([]);
  });

  test('of a live desk needs books that were found to agree after the kill', async () => {
    const desk = await new Desk({ mode: 'live' }).start();
    await desk.operations.kill(BY, undefined, 100);
    expect((await desk.operations.release(BY)).refused).toContain('not reconciled since the kill: sim');
    expect(latched(desk.folder)).toEqual(['global']);
    desk.reconciled();
    expect((await desk.operations.release(BY)).refused).toBeUndefined();
    expect(latched(desk.folder)).toEqual([]);
  });
});

describe('a restart', () => {
  test('stays killed from its first turn on, before any feed', async () => {
    const folder = emptyFolder();
    const first = await new Desk({ folder }).start();
    await first.operations.kill(BY);
    await first.stop();
    const second = new Desk({ folder, run: { resume: 'never' } });
    await second.start();
    expect(second.engine.outbox.gate?.code).toBe('LATCHED');
    expect(second.engine.state.control.latches()[0]?.reason).toContain('it looks wrong');
    const first2 = second.records.findIndex(({ kind }) => kind === 'quote' || kind === 'trade');
    const kill = second.records.findIndex((event) => event.kind === 'control' && event.action === 'kill');
    expect(kill).toBeGreaterThanOrEqual(0);
    expect(kill).toBeLessThan(first2);
    second.trade('buy');
    expect(second.words.at(-1)).toBe('denied LATCHED');
  });

  test('a latch file that cannot be read is a kill', async () => {
    const folder = emptyFolder();
    const first = await new Desk({ folder }).start();
    await first.operations.kill(BY);
    await first.stop();
    const path = join(folder, 'state', 'desk.latch');
    writeFileSync(path, Buffer.alloc(8_192, 7));
    const second = await new Desk({ folder, run: { resume: 'never' } }).start();
    expect(second.engine.state.control.latches()[0]?.reason).toContain('cannot be read');
  });
});

describe('the sentinel file', () => {
  test('kills with its words as the reason, holds over a restart, and goes with the release', async () => {
    const folder = emptyFolder();
    const desk = await new Desk({ folder }).start();
    await desk.operations.pause(BY);
    await desk.operations.resume(BY);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(join(folder, 'state'), { recursive: true });
    writeFileSync(join(folder, 'state', SENTINEL), 'stop, says the phone\n');
    await until(() => desk.engine.state.control.killed);
    expect(desk.engine.state.control.latches()).toMatchObject([
      { actor: 'sentinel', reason: 'stop, says the phone' },
    ]);
    await until(() => latched(folder).length === 1);
    expect((await desk.operations.release(BY)).refused).toBeUndefined();
    expect(existsSync(join(folder, 'state', SENTINEL))).toBe(false);
    expect(readFileSync(join(folder, 'state', 'desk.latch')).length).toBe(8_192);
  });
});
