import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UserEventFilter } from '../../../src/brokers/binance/user-events.js';

const fill = (I: number, E: number): object => ({
  e: 'executionReport',
  E,
  s: 'A',
  i: 1,
  I,
  t: I,
  x: 'TRADE',
  X: 'NEW',
});
const transfer = (d: string, E: number): object => ({ e: 'balanceUpdate', E, a: 'BTC', d, T: 9 });

describe('UserEventFilter', () => {
  it('drops the copy of another connection, whenever that one sent it', () => {
    const filter = new UserEventFilter();
    expect([filter.take(1, fill(5, 100)), filter.take(2, fill(5, 101))]).toEqual([true, false]);
    expect([filter.take(2, transfer('1', 7)), filter.take(1, transfer('1', 8))]).toEqual([true, false]);
    expect(filter.dropped).toBe(2);
  });

  it('passes two equal transfers of one connection, and drops both of their copies', () => {
    const filter = new UserEventFilter();
    expect([1, 1, 2, 2].map((link) => filter.take(link, transfer('1', 7)))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('passes the news of a connection itself every time', () => {
    const filter = new UserEventFilter();
    const ended = (E: number): object => ({ e: 'eventStreamTerminated', E });
    expect([filter.take(1, ended(1)), filter.take(2, ended(2)), filter.take(2, ended(3))]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('whatever the interleaving, each event of two complete streams passes once and in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }),
        fc.array(fc.boolean(), { maxLength: 60 }),
        (kinds, turns) => {
          const stream = kinds.map((kind, n) => (kind === 0 ? fill(n, n) : transfer(String(kind), n)));
          const filter = new UserEventFilter();
          const passed: object[] = [];
          const at = [0, 0];
          const step = (link: 0 | 1): void => {
            const event = stream[at[link] ?? 0];
            if (event === undefined) return;
            at[link] = (at[link] ?? 0) + 1;
            if (filter.take(link, event)) passed.push(event);
          };
          for (const turn of turns) step(turn ? 0 : 1);
          for (let n = 0; n < stream.length; n++) {
            step(0);
            step(1);
          }
          expect(passed).toEqual(stream);
        },
      ),
    );
  });

  it('remembers only so many', () => {
    const filter = new UserEventFilter(2);
    for (const I of [1, 2, 3]) filter.take(1, fill(I, 0));
    expect(filter.take(2, fill(3, 0))).toBe(false);
    expect(filter.take(2, fill(1, 0))).toBe(true);
  });
});
