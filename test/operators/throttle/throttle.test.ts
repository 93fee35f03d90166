import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../../src/model/decimal.js';
import { mintApproved } from '../../../src/model/command.js';
import type { ExecutionReport } from '../../../src/model/event.js';
import { makeDenied } from '../../../src/model/make.js';
import type { Event } from '../../../src/model/record.js';
import { fillOf, report } from '../../state/support.js';
import { Loop, intentOf, rates } from './support.js';

const created = (orderKey: string, fields = {}) => intentOf('new', { orderKey, ...fields });
const replace = (orderKey: string, quantity: number) =>
  intentOf('replace', { orderKey, quantity: dec(quantity) });
const cancel = (orderKey: string) => intentOf('cancel', { orderKey });
const told = (kind: ExecutionReport, clientOrderId: string) => report(kind, { clientOrderId });

describe('throttle', () => {
  it('sends what needs no wait in the same turn, without records of waiting', () => {
    const loop = new Loop().approve(created('a'), created('b'));
    expect(loop.log).toEqual(['new a', 'new b']);
    expect([loop.of('queued').length, loop.asked, loop.state.queue.size]).toEqual([0, 0, 0]);
  });

  it('defect 27: new + cancel in one turn sends nothing, new + replace sends the updated new', () => {
    const loop = new Loop().approve(created('a'), cancel('a'), created('b'), replace('b', 3));
    expect(loop.log).toEqual(['new b']);
    expect(loop.sent[0]?.command.intent.quantity.toString()).toBe('3');
    expect(loop.of('superseded').map((s) => `${s.intent.action} ${s.result} ${s.by}`)).toEqual([
      'new annihilated cancel',
      'cancel annihilated new',
      'new updated replace',
    ]);
    expect([loop.state.orders.get('a')?.state, loop.state.orders.get('b')?.quantity.toString()]).toEqual([
      'cancelled',
      '3',
    ]);
    expect(loop.state.orders.exposed('main', 0, 'buy').toString()).toBe('3');
    expect(loop.asked).toBe(1);
  });

  it('keeps one request in flight per order; cancels pass', () => {
    const loop = new Loop().approve(created('a')).approve(replace('a', 5)).approve(replace('a', 6));
    expect(loop.log).toEqual(['new a']);
    expect(loop.of('queued').map((q) => q.reason)).toEqual(['inflight']);
    loop.apply(told('accepted', 'id1'));
    expect(loop.log).toEqual(['new a', 'replace a']);
    expect([loop.sent[1]?.command.intent.quantity.toString(), loop.asked]).toEqual(['6', 1]);
    loop.approve(replace('a', 7)).approve(cancel('a'));
    expect(loop.log).toEqual(['new a', 'replace a', 'cancel a']);
    loop.approve(cancel('a'));
    expect([loop.log.length, loop.state.queue.size]).toEqual([3, 1]);
    loop.apply(told('cancel_rejected', 'id3'));
    expect(loop.log).toEqual(['new a', 'replace a', 'cancel a', 'cancel a']);
  });

  it('defect 30: waiting intents of every order are served in one global order, cancels first', () => {
    const loop = new Loop({ orders: rates('1/s'), cancels: rates('1/s') });
    loop.approve(created('a')).advance(1_000_000).approve(created('b')).apply(told('accepted', 'id1'));
    loop.apply(told('accepted', 'id2'));
    loop.approve(created('c'), replace('a', 5), replace('b', 5), created('d'), cancel('b'));
    loop.advance(10_000_000);
    expect(loop.log).toEqual(['new a', 'new b', 'cancel b', 'replace a', 'new c', 'new d']);
    expect(loop.sent.slice(2).map(({ at }) => (at - (loop.sent[0]?.at ?? 0)) / 1e6)).toEqual([1, 2, 3, 4]);
  });

  it('defect 28: a limit below one a second sends, and wakes by itself', () => {
    const loop = new Loop({ orders: rates('1/5s') }).approve(created('a'), created('b'));
    expect(loop.log).toEqual(['new a']);
    expect(loop.state.orders.get('b')?.state).toBe('queued');
    loop.advance(4_999_999);
    expect(loop.log).toEqual(['new a']);
    loop.advance(1);
    expect(loop.log).toEqual(['new a', 'new b']);
    expect(loop.scheduler.nextDue()).toBe(Infinity);
  });

  it('defect 29: a halt purges waiting orders; what waited is asked again', () => {
    const loop = new Loop({ orders: rates('1/s') }).approve(created('a'), created('b'), created('c'));
    loop.refuse = () => (loop.state.control.trading === 'active' ? undefined : 'TRADING_HALTED');
    loop.control('kill');
    expect(loop.of('denied').map((d) => [d.intent.orderKey, d.code, d.stage])).toEqual([
      ['b', 'TRADING_HALTED', 'queue'],
      ['c', 'TRADING_HALTED', 'queue'],
    ]);
    expect([loop.state.queue.size, loop.state.orders.get('b')?.state]).toEqual([0, 'denied']);
    loop.advance(10_000_000);
    expect(loop.log).toEqual(['new a']);
  });

  it('refuses at the exit what risk refuses now', () => {
    const loop = new Loop({ orders: rates('1/s') }).approve(created('a'), created('b'));
    loop.refuse = () => 'MAX_POSITION';
    loop.advance(1_000_000);
    expect(loop.log).toEqual(['new a']);
    expect(loop.of('denied').map((d) => `${d.code} ${d.stage}`)).toEqual(['MAX_POSITION queue']);
    expect(loop.state.orders.exposed('main', 0, 'buy').toString()).toBe('10');
  });

  it('rejects instead of waiting when told so, but never a cancel', () => {
    const loop = new Loop({ orders: rates('1/s'), cancels: rates('1/s'), onLimit: 'reject' });
    loop.approve(created('a'), created('b')).apply(told('accepted', 'id1'));
    expect(loop.of('denied').map((d) => d.code)).toEqual(['RATE_LIMIT']);
    loop.approve(cancel('a')).apply(told('cancel_rejected', 'id2')).approve(cancel('a'));
    expect(loop.log).toEqual(['new a', 'cancel a']);
    loop.advance(1_000_000);
    expect(loop.log).toEqual(['new a', 'cancel a', 'cancel a']);
  });

  it('is bounded: QUEUE_FULL for orders, never for cancels', () => {
    const loop = new Loop({ orders: rates('1/s'), cancels: rates('1/s'), maxQueue: 1 });
    loop
      .approve(created('a'))
      .apply(told('accepted', 'id1'))
      .approve(created('b'), created('c'), cancel('a'));
    expect(loop.of('denied').map((d) => `${d.intent.orderKey} ${d.code}`)).toEqual(['c QUEUE_FULL']);
    expect(loop.log).toEqual(['new a', 'cancel a']);
  });

  it('gives exits and cancels their own lane', () => {
    const loop = new Loop({ orders: rates('1/s'), cancels: rates('5/s'), messages: rates('8/s') });
    loop.approve(created('a'));
    loop.apply(report('fill', { clientOrderId: 'id1', execId: 'e1', fill: fillOf(10, 100) }));
    loop.approve(created('b'), created('x', { side: 'sell', quantity: dec(4) }));
    expect(loop.log).toEqual(['new a', 'new x']);
    loop.advance(999_999);
    expect(loop.log).toHaveLength(2);
    loop.advance(1);
    expect(loop.log).toEqual(['new a', 'new x', 'new b']);
  });

  it('keeps messages for cancels: orders never use them up', () => {
    const loop = new Loop({ messages: rates('4/s') });
    loop.approve(...['a', 'b', 'c', 'd'].map((key) => created(key)));
    expect(loop.log).toEqual(['new a', 'new b', 'new c']);
    loop.approve(cancel('a'));
    expect(loop.log).toEqual(['new a', 'new b', 'new c', 'cancel a']);
  });

  it('several windows hold at once', () => {
    const loop = new Loop({ orders: rates('2/s', '3/min') });
    loop.approve(...['a', 'b', 'c', 'd', 'e'].map((key) => created(key))).advance(120_000_000);
    expect(loop.sent.map(({ at }) => (at - (loop.sent[0]?.at ?? 0)) / 1e6)).toEqual([0, 0, 1, 60, 60]);
  });

  it('refuses an approval that risk did not make', () => {
    const loop = new Loop();
    const forged = { ...loop.approve(created('a')).of('approved')[0], intent: created('z') };
    loop.next(forged as never);
    expect(loop.log).toEqual(['new a']);
    expect(loop.failure).toMatchObject({ code: 'COMMAND_FORGED' });
  });

  it('same events, same State: the queue is part of the hash', () => {
    const run = (last: string) =>
      new Loop({ orders: rates('1/s') })
        .approve(created('a'), created('b'))
        .approve(created(last))
        .state.hash();
    expect(run('c')).toBe(run('c'));
    expect(run('c')).not.toBe(run('d'));
  });

  it('holds its invariants under any sequence of intents and reports', () => {
    const keys = ['a', 'b', 'c'];
    const step = fc.oneof(
      fc.record({
        type: fc.constant('intents' as const),
        list: fc.array(fc.tuple(fc.constantFrom(...keys), fc.constantFrom('new', 'replace', 'cancel')), {
          minLength: 1,
          maxLength: 4,
        }),
      }),
      fc.record({
        type: fc.constant('answer' as const),
        pick: fc.nat(20),
        kind: fc.constantFrom(
          'accepted',
          'rejected',
          'fill',
          'cancelled',
          'replaced',
          'cancel_rejected',
          'replace_rejected',
        ),
      }),
      fc.record({ type: fc.constant('time' as const), micros: fc.nat(1_500_000) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const loop = new Loop({ orders: rates('2/s'), cancels: rates('3/s'), messages: rates('4/s') });
        let approved = 0;
        let generation = 0;
        for (const s of steps) {
          if (s.type === 'time') loop.advance(s.micros);
          else if (s.type === 'answer') {
            const target = loop.sent[s.pick % Math.max(1, loop.sent.length)];
            if (target === undefined) continue;
            const fields = s.kind === 'fill' ? { execId: `e${++generation}`, fill: fillOf(1, 100) } : {};
            loop.apply(report(s.kind, { clientOrderId: target.id, ...fields }));
          } else {
            const intents = s.list
              .map(([key, action]) =>
                intentOf(action as 'new', { orderKey: key, limitPrice: dec(100 + ++generation) }),
              )
              .filter(
                (i) =>
                  (i.action === 'new') !==
                  (loop.state.orders.get(i.orderKey)?.closedAt === undefined &&
                    loop.state.orders.get(i.orderKey) !== undefined),
              );
            const seen = new Set<string>();
            const legal = intents.filter(
              (i) => i.action !== 'new' || (!seen.has(i.orderKey) && seen.add(i.orderKey)),
            );
            approved += legal.length;
            loop.approve(...legal);
          }
          const discarded = loop.of('superseded').length;
          expect(loop.sent.length + loop.of('denied').length + discarded + loop.state.queue.size).toBe(
            approved,
          );
          expect(loop.state.queue.size).toBeLessThanOrEqual(keys.length);
        }
        const opened = new Map<string, boolean>();
        for (const record of loop.records) {
          if (record.kind !== 'dispatch') continue;
          if (record.action === 'new') opened.set(record.clientOrderId, true);
        }
        expect(opened.size).toBe(loop.sent.filter(({ command }) => command.action === 'new').length);
        expect(new Set(loop.sent.map(({ command }) => command.intent)).size).toBe(loop.sent.length);
        for (const { at } of loop.sent) {
          const window = loop.sent.filter((other) => other.at > at - 1_000_000 && other.at <= at);
          expect(window.length).toBeLessThanOrEqual(4);
          expect(window.filter(({ command }) => command.action === 'cancel').length).toBeLessThanOrEqual(3);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a queue that is full or unheard', () => {
  it('lets exits and cancels in when it is full', () => {
    const loop = new Loop({ orders: rates('1/10s'), cancels: rates('1/10s'), maxQueue: 1 });
    loop
      .approve(created('a'))
      .apply(report('fill', { clientOrderId: 'id1', execId: 'e', fill: fillOf(10, 100) }));
    loop.approve(created('b'), created('c'));
    expect(loop.of('denied').map((d) => [d.intent.orderKey, d.code])).toEqual([['c', 'QUEUE_FULL']]);
    loop.approve(created('out', { side: 'sell', type: 'market', reduceOnly: true, quantity: dec(4) }));
    loop.approve(created('out2', { side: 'sell', type: 'market', reduceOnly: true, quantity: dec(4) }));
    expect(loop.log).toEqual(['new a', 'new out']);
    expect(loop.of('denied').length).toBe(1);
    expect(loop.state.queue.size).toBe(2);
  });

  it('refuses to cancel what never left and waits in another queue', () => {
    const loop = new Loop();
    loop.apply(mintApproved(created('a'), dec(100), () => makeDenied(created('a'), 'LATCHED', '', 'queue')));
    loop.approve(cancel('a'));
    expect(loop.log).toEqual([]);
    expect(loop.of('denied').map((d) => [d.intent.action, d.code, d.stage])).toEqual([
      ['cancel', 'ORDER_NOT_FOUND', 'queue'],
    ]);
    expect(loop.state.orders.get('a')?.state).toBe('initialized');
  });

  it('keeps what waits when nobody hears it any more', () => {
    const loop = new Loop({ orders: rates('1/s') }).approve(created('a'), created('b'));
    loop.next({ ...loop.of('approved')[0] } as Event);
    expect(loop.failure).toBeInstanceOf(Error);
    loop.advance(5_000_000).control('pause');
    expect([loop.log, loop.state.queue.size]).toEqual([['new a'], 1]);
  });
});
