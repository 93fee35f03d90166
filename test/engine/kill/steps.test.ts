import { describe, expect, test, vi } from 'vitest';
import { Observable } from 'rxjs';
import type { Broker } from '../../../src/brokers/broker.js';
import { FaultyFiles } from '../../sinks/support/faulty-files.js';
import { Desk, until, type DeskOptions } from './support/desk.js';

const BY = { actor: 'ann', reason: 'a step broke' };
/** Orders that left after `from`, cancels aside. */
const left = (desk: Desk, from: number): readonly string[] =>
  desk.sent.slice(from).flatMap(({ dispatch }) => (dispatch.action === 'cancel' ? [] : [dispatch.action]));

describe('whatever breaks inside a step, nothing leaves a closed gate', () => {
  test.each(['throw', 'nan'] as const)('the strategy: %s', async (wish) => {
    const desk = await new Desk().start();
    desk.trade(wish);
    await desk.operations.kill(BY);
    const from = desk.sent.length;
    desk.trade(wish);
    desk.trade('rest');
    desk.trade('buy');
    expect(left(desk, from)).toEqual([]);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('broke');
      },
    ],
    ['gives NaN', () => NaN as never],
    ['gives nothing', () => undefined as never],
  ])('State, asked for a latch, %s: risk and outbox deny', async (_what, answer) => {
    const desk = await new Desk().start();
    const from = desk.sent.length;
    vi.spyOn(desk.engine.state.control, 'armed').mockImplementation(answer);
    desk.trade('rest');
    desk.trade('buy');
    expect(left(desk, from)).toEqual([]);
  });

  test('the outbox cannot ask: it withholds, closes the gate and halts', async () => {
    const desk = await new Desk().start();
    const from = desk.sent.length;
    const { guardian } = desk.engine;
    if (guardian === undefined) throw new Error('no guardian');
    vi.spyOn(guardian, 'tripped').mockImplementation(() => {
      throw new Error('broke');
    });
    desk.trade('buy');
    expect(left(desk, from)).toEqual([]);
    expect(desk.engine.outbox.gate?.code).toBe('INVARIANT');
    expect(desk.engine.state.control.trading).toBe('halted');
  });

  test('a tripped watchdog: nothing leaves although its kill was not reduced yet', async () => {
    const desk = await new Desk().start();
    const from = desk.sent.length;
    const { guardian } = desk.engine;
    if (guardian === undefined) throw new Error('no guardian');
    vi.spyOn(guardian, 'tripped').mockReturnValue('it acted');
    desk.trade('buy');
    expect(left(desk, from)).toEqual([]);
    expect(desk.engine.outbox.gate).toEqual({ code: 'LATCHED', reason: 'it acted' });
  });

  const wraps: readonly (readonly [string, DeskOptions['wrap']])[] = [
    ['throws on every question', () => ({ openOrders: () => Promise.reject(new Error('broke')) })],
    [
      'throws at once',
      () => ({
        openOrders: () => {
          throw new Error('broke');
        },
      }),
    ],
    ['never answers', () => ({ openOrders: () => new Promise<never>(() => undefined) })],
    ['answers nonsense', () => ({ openOrders: () => Promise.resolve(NaN as never) })],
    [
      'disconnects while it is sent a cancel',
      (paper: Broker) => ({
        execute: (commands$) =>
          new Observable((out) =>
            paper.execute(commands$).subscribe({
              next: (outcome) => {
                if (outcome.action === 'cancel') out.error(new Error('torn'));
                else out.next(outcome);
              },
            }),
          ),
      }),
    ],
  ];
  test.each(wraps)('the broker %s: latched, not verified, gate closed', async (name, wrap) => {
    const desk = await new Desk(wrap === undefined ? {} : { wrap }).start();
    desk.trade('rest');
    await until(() => desk.open === 1);
    const from = desk.sent.length;
    const waits = name.includes('never');
    const answering = desk.operations.kill(BY, undefined, 50);
    if (!waits) {
      const answer = await answering;
      expect(answer).toMatchObject({
        latch: { on: 'disk' },
        verified: name.includes('disconnects') ? (expect.any(Boolean) as boolean) : false,
      });
    }
    expect(desk.engine.state.control.killed).toBe(true);
    desk.trade('buy');
    expect(left(desk, from)).toEqual([]);
  });

  test('the latch file throws in every call: memory only, gate closed', async () => {
    const files = new FaultyFiles();
    const desk = await new Desk({ run: { files } }).start();
    const from = desk.sent.length;
    files.fixed = () => {
      throw new Error('EROFS');
    };
    expect((await desk.operations.kill(BY)).latch).toEqual({ on: 'memory only', why: 'EROFS' });
    desk.trade('buy');
    expect(left(desk, from)).toEqual([]);
  });

  test('the journal throws: trading halts, and the kill still closes and latches', async () => {
    const desk = await new Desk().start();
    const journal = desk.engine.sinks.journal;
    if (journal === undefined) throw new Error('no journal');
    const from = desk.sent.length;
    vi.spyOn(journal, 'commit').mockImplementation(() => undefined);
    desk.trade('rest');
    const answer = await desk.operations.kill(BY, undefined, 100);
    expect(answer.latch).toEqual({ on: 'disk' });
    vi.restoreAllMocks();
    await new Promise<void>((done) => journal.commit(done));
    desk.trade('buy');
    expect(left(desk, from)).toEqual([]);
  });
});
