import fc from 'fast-check';
import { from } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import { BookStream } from '../../../../src/brokers/binance/market/book-stream.js';
import { TradeStream } from '../../../../src/brokers/binance/market/trade-stream.js';
import type { BookEvent, GapEvent, MarketEvent, TradeEvent } from '../../../../src/model/event.js';
import { makeBook, makeTrade } from '../../../../src/model/make.js';
import type { Event } from '../../../../src/model/record.js';
import { book } from '../../../../src/operators/book/book.js';
import { OrderBook } from '../../../../src/streams/order-book/order-book.js';
import { TestHost, give, instrument, listener } from './support.js';

const btc = instrument('BTCUSDT');

/** What happens to a message on its way. */
type Fate = 'ok' | 'drop' | 'twice' | 'late' | 'cut';
const fates = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<Fate>('ok') },
    { weight: 1, arbitrary: fc.constantFrom<Fate>('drop', 'twice', 'late', 'cut') },
  ),
  { minLength: 5, maxLength: 80 },
);

/** The order in which messages arrive; -1 stands for a lost connection. */
function arrivals(of: readonly Fate[]): number[] {
  const order: number[] = [];
  const late: number[] = [];
  of.forEach((fate, i) => {
    if (fate === 'cut') order.push(-1);
    else if (fate === 'late') late.push(i);
    else if (fate !== 'drop') order.push(i, ...(fate === 'twice' ? [i] : []));
    if (fate !== 'late') order.push(...late.splice(0));
  });
  return [...order, ...late];
}

describe('books under drops, duplicates, reordering and lost connections', () => {
  for (const futures of [false, true]) {
    it(`are right or declared broken (${futures ? 'USD-M' : 'spot'})`, () => {
      fc.assert(
        fc.property(fates, fc.infiniteStream(fc.nat(3)), fc.boolean(), (plan, snapshotLag, overlap) => {
          // The venue: one change a message, ids in steps, prices that never cross.
          const lags = snapshotLag[Symbol.iterator]();
          let id = 100;
          const states: { id: number; levels: Map<number, number> }[] = [{ id, levels: new Map([[50, 1]]) }];
          const messages = plan.map((_, i) => {
            const first = id + 1 + (futures ? 2 : 0);
            const prev = id;
            id = first + (i % 3);
            const levels = new Map(states.at(-1)?.levels);
            const price = 40 + ((i * 7) % 10);
            const size = i % 4;
            if (size === 0) levels.delete(price);
            else levels.set(price, size);
            states.push({ id, levels });
            const data = {
              e: 'depthUpdate', E: 1, ...(futures ? { T: 1, pu: prev } : {}), s: 'BTCUSDT',
              U: first, u: id, b: [[String(price), String(size)]], a: [],
            }; // prettier-ignore
            return JSON.stringify({ stream: 'x', data });
          });
          let reached = 0;
          const host = new TestHost();
          const events: (MarketEvent | GapEvent)[] = [];
          let wanted: ((snapshot: BookEvent) => void) | undefined;
          const stream = new BookStream(host, 'x', btc, 0, {
            buffer: 50,
            reorder: 0,
            snapshot: (_n, done) => {
              wanted = done;
              return { cancel: () => (wanted = undefined) };
            },
          });
          const answer = (): void => {
            const done = wanted;
            if (done === undefined) return;
            wanted = undefined;
            const lag = Number(lags.next().value);
            const state = states[Math.max(0, reached - lag)] as { id: number; levels: Map<number, number> };
            const bids = [...state.levels].sort((a, b) => b[0] - a[0]).flat();
            done(makeBook('', 0, 'BTCUSDT', 0, true, bids, [60, 1], state.id, state.id, 0));
          };
          vi.useFakeTimers();
          try {
            stream.add(listener('m', events));
            stream.subscribed();
            host.overlap = overlap;
            arrivals(plan).forEach((i, n) => {
              if (i < 0) {
                stream.lost('cut');
                stream.subscribed();
                return;
              }
              reached = Math.max(reached, i + 1);
              expect(give(stream, messages[i] as string)).toBe('');
              if (n % 3 === 2) vi.runAllTimers();
              if (n % 2 === 1) answer();
            });
            vi.runAllTimers();
            for (let n = 0; n < 20; n++) answer();
          } finally {
            vi.useRealTimers();
          }
          // Downstream sees no hole that was not declared, and every book it has is one the venue had.
          const gaps: string[] = [];
          const known = new Map(states.map((state) => [state.id, state.levels]));
          from(events as Event[])
            .pipe(
              book({
                onGap: (gap) => gaps.push(gap.code),
                onBook: (of, event) => {
                  const levels = [...(known.get(event.last) ?? [])].sort((a, b) => b[0] - a[0]).flat();
                  expect(of.bids.levels()).toEqual(levels);
                },
              }),
            )
            .subscribe();
          expect(gaps).toEqual([]);
          stream.close();
        }),
      );
    });
  }

  it('start one who joins late with a book that goes on, on futures as well', () => {
    const host = new TestHost();
    let done: ((snapshot: BookEvent) => void) | undefined;
    const stream = new BookStream(host, 'x', btc, 0, {
      buffer: 50,
      reorder: 0,
      snapshot: (_n, found) => ((done = found), { cancel: () => undefined }),
    });
    const early: (MarketEvent | GapEvent)[] = [];
    const late: (MarketEvent | GapEvent)[] = [];
    stream.add(listener('early', early));
    stream.subscribed();
    done?.(makeBook('', 0, 'BTCUSDT', 0, true, [50, 1], [60, 1], 10, 10, 0));
    const change = (U: number, u: number, pu: number, price: string): string =>
      JSON.stringify({
        stream: 'x',
        data: { e: 'depthUpdate', E: 1, T: 1, s: 'BTCUSDT', U, u, pu, b: [[price, '2']], a: [] },
      });
    give(stream, change(9, 12, 8, '51'));
    stream.add(listener('late', late));
    give(stream, change(15, 17, 12, '52'));
    const tops: number[] = [];
    const codes: string[] = [];
    from(late as Event[])
      .pipe(
        book({ onGap: ({ code }) => codes.push(code), onBook: (of: OrderBook) => tops.push(of.bids.price) }),
      )
      .subscribe();
    expect([tops, codes]).toEqual([[51, 52], []]);
  });
});

describe('trades under drops, duplicates, reordering and lost connections', () => {
  it('come once and in order, and what is missing is declared', async () => {
    await fc.assert(
      fc.asyncProperty(fates, fc.constantFrom(0, 3, 1_000), fc.boolean(), async (plan, backfill, works) => {
        const host = new TestHost();
        const events: (MarketEvent | GapEvent)[] = [];
        const trade = (id: number): TradeEvent => makeTrade('', 0, 'BTCUSDT', 0, 10, 1, 1, String(id));
        const stream = new TradeStream(host, 'x', btc, 0, {
          aggregated: false,
          backfill,
          reorder: 0,
          fetch: (first, count) =>
            works
              ? Promise.resolve(Array.from({ length: Math.min(2, count) }, (_, i) => trade(first + i)))
              : Promise.reject(new Error('no')),
        });
        stream.add(listener('m', events));
        let highest = -1;
        for (const [n, i] of arrivals(plan).entries()) {
          if (i < 0) stream.lost('cut');
          // After a cut only newer trades come: what an old connection still had is gone with it.
          else if (i >= highest || n % 2 === 0) {
            if (i < highest && events.length === 0) continue;
            const data = { e: 'trade', E: 1, s: 'BTCUSDT', t: 100 + i, p: '10', q: '1', T: 1, m: false };
            give(stream, JSON.stringify({ stream: 'x', data }));
            highest = Math.max(highest, i);
          }
          if (n % 4 === 3) await new Promise((resolve) => setImmediate(resolve));
        }
        for (let n = 0; n < 30; n++) await new Promise((resolve) => setImmediate(resolve));
        let next = -1;
        for (const event of events) {
          if (event.kind === 'gap') {
            // either a hole, or ids that went back after a cut
            expect(event.expected).toBe(next);
            next = event.received;
          } else if (event.kind === 'trade') {
            expect(event.source).toBe('m');
            if (next >= 0) expect(Number(event.tradeId)).toBe(next);
            next = Number(event.tradeId) + 1;
          }
        }
        if (highest >= 0) expect(next).toBeGreaterThan(100);
        stream.close();
      }),
      { numRuns: 60 },
    );
  });
});
