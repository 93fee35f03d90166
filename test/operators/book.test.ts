import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { Subject, from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { makeBook, makeGap, makeQuote } from '../../src/model/make.js';
import type { BookEvent, QuoteEvent } from '../../src/model/event.js';
import type { Event } from '../../src/model/record.js';
import { BookSide } from '../../src/streams/order-book/book-side.js';
import { book } from '../../src/operators/book/book.js';
import type { BookGap } from '../../src/operators/book/book-sync.js';
import type { OrderBook } from '../../src/streams/order-book/order-book.js';
import { stampLike } from '../../src/operators/stamp.js';
import { marbles } from '../support/marbles.js';
import { sharedData } from '../support/shared-data.js';

const snapshot = (last: number, bids: number[], asks: number[]): BookEvent =>
  makeBook('f', 0, 'X', 0, true, bids, asks, last, last, 0);
const delta = (first: number, last: number, bids: number[], asks: number[], prev = 0): BookEvent =>
  makeBook('f', 0, 'X', 0, false, bids, asks, first, last, prev);

function run(events: Event[], options: Parameters<typeof book>[0] = {}): { out: Event[]; gaps: BookGap[] } {
  const out: Event[] = [];
  const gaps: BookGap[] = [];
  from(events)
    .pipe(book({ ...options, onGap: (gap) => gaps.push(gap) }))
    .subscribe((e) => out.push(e));
  return { out, gaps };
}
const tops = (out: Event[]) =>
  out.filter((e): e is QuoteEvent => e.kind === 'quote').map((q) => [q.bid, q.bidSize, q.ask, q.askSize]);

describe('BookSide', () => {
  it('equals a sorted map for any sequence of changes', () => {
    const change = fc.record({
      price: fc.integer({ min: 1, max: 40 }),
      size: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 400 }),
        fc.constantFrom(1 as const, -1 as const),
        (changes, sign) => {
          const side = new BookSide(sign);
          const model = new Map<number, number>();
          for (const { price, size } of changes) {
            side.set(price / 8, size);
            if (size === 0) model.delete(price / 8);
            else model.set(price / 8, size);
          }
          const expected = [...model].sort((a, b) => sign * (b[0] - a[0])).flat();
          expect(side.levels()).toStrictEqual(expected);
          expect(side.count).toBe(model.size);
        },
      ),
    );
  });

  it('grows beyond its first capacity', () => {
    const side = new BookSide(1);
    for (let i = 1; i <= 5000; i++) side.set(i, 1);
    expect([side.count, side.price, side.priceAt(4999), side.priceAt(5000)]).toStrictEqual([
      5000,
      5000,
      1,
      NaN,
    ]);
  });
});

describe('book', () => {
  it(
    'emits the top when it changes, with the stamp of its cause',
    marbles((m) => {
      const a = stampLike(snapshot(10, [100, 1, 99, 2], [101, 3]), { seq: 7, sub: 0, at: 5 });
      const b = delta(11, 12, [99, 5], []);
      const c = delta(13, 13, [100, 0], [101, 4]);
      const q1 = stampLike(makeQuote('book', 0, 'X', 0, 100, 1, 101, 3), a);
      const q2: QuoteEvent = { ...q1, seq: 0, at: 0, bid: 99, bidSize: 5, ask: 101, askSize: 4 };
      m.expect(m.hot('a-b-c-|', { a, b, c }).pipe(book())).toBeObservable('p---q-|', { p: q1, q: q2 });
      m.expect(m.hot('a-#', { a }).pipe(book())).toBeObservable('p-#', { p: q1 });
    }),
  );

  it('spot: keeps deltas until the snapshot, skips what it contains', () => {
    const { out, gaps } = run([
      delta(1, 5, [90, 1], []),
      delta(6, 9, [91, 1], []),
      delta(10, 14, [100, 7], []),
      snapshot(11, [100, 1], [101, 1]),
      delta(15, 15, [], [101, 2]),
    ]);
    expect(gaps).toStrictEqual([]);
    expect(tops(out)).toStrictEqual([
      [100, 7, 101, 1],
      [100, 7, 101, 2],
    ]);
  });

  it('spot: a missing update drops the book until the next snapshot', () => {
    const { out, gaps } = run([
      snapshot(10, [100, 1], [101, 1]),
      delta(11, 12, [100, 2], []),
      delta(14, 15, [100, 3], []),
      delta(16, 16, [100, 4], []),
      snapshot(15, [100, 9], [101, 9]),
    ]);
    expect(gaps).toStrictEqual([{ code: 'BOOK_GAP', expected: 13, received: 14 }]);
    expect(tops(out)).toStrictEqual([
      [100, 1, 101, 1],
      [100, 2, 101, 1],
      [NaN, 0, NaN, 0],
      [100, 4, 101, 9],
    ]);
  });

  it('futures: checks the previous id', () => {
    const { out, gaps } = run([
      snapshot(10, [100, 1], [101, 1]),
      delta(5, 9, [1, 1], [], 4),
      delta(8, 12, [100, 2], [], 7),
      delta(15, 17, [100, 3], [], 12),
      delta(20, 22, [100, 4], [], 18),
    ]);
    expect(gaps).toStrictEqual([{ code: 'BOOK_GAP', expected: 17, received: 18 }]);
    expect(tops(out).map((t) => t[1])).toStrictEqual([1, 2, 3, 0]);
  });

  it('ignores a delta that came twice', () => {
    const again = delta(11, 12, [100, 2], []);
    const { out, gaps } = run([snapshot(10, [100, 1], [101, 1]), again, again, delta(13, 13, [100, 3], [])]);
    expect(gaps).toStrictEqual([]);
    expect(tops(out)).toHaveLength(3);
  });

  it('bounds what waits for a snapshot', () => {
    const deltas = Array.from({ length: 5 }, (_, i) => delta(i + 1, i + 1, [100, i + 1], []));
    const { gaps } = run(deltas, { buffer: 3 });
    expect(gaps.map((g) => g.code)).toStrictEqual(['BOOK_BUFFER_FULL', 'BOOK_BUFFER_FULL']);
  });

  it('never applies half of an unusable event', () => {
    const { out, gaps } = run([snapshot(10, [100, 1], [101, 1]), delta(11, 11, [100, 5, 99, NaN], [])]);
    expect(gaps).toStrictEqual([{ code: 'BOOK_BAD_LEVEL', expected: 10, received: 11 }]);
    expect(tops(out).at(-1)).toStrictEqual([NaN, 0, NaN, 0]);
  });

  it('drops the book on a gap event of the feed', () => {
    const { out } = run([
      snapshot(10, [100, 1], [101, 1]),
      makeGap('f', 0, 'X', 0, 'FEED', 0, 0, 'reconnected'),
      delta(11, 11, [100, 2], []),
    ]);
    expect(tops(out)).toStrictEqual([
      [100, 1, 101, 1],
      [NaN, 0, NaN, 0],
    ]);
  });

  it('emits depth on demand', () => {
    const { out } = run(
      [snapshot(10, [100, 1, 99, 2, 98, 3], [101, 1, 102, 2]), delta(11, 11, [99, 0], [])],
      { depth: 2, quotes: false },
    );
    expect(out.map((e) => (e.kind === 'book' ? [e.snapshot, e.bids, e.asks] : []))).toStrictEqual([
      [true, [100, 1, 99, 2], [101, 1, 102, 2]],
      [true, [100, 1, 98, 3], [101, 1, 102, 2]],
    ]);
  });
});

interface Expected {
  readonly files: string[];
  readonly kind: string;
  readonly appliedDiffs: number;
  readonly topOfBookVsBookTicker: { readonly compared: number; readonly mismatch: { readonly u: number }[] };
  readonly final: {
    readonly u: number;
    readonly bidLevels: number;
    readonly askLevels: number;
    readonly bookSha256: string;
  };
  readonly checkpoints: [number, number, string, string, string, string, number, number][];
}
interface Wire {
  readonly stream?: string;
  readonly lastUpdateId: number;
  readonly bids: [string, string][];
  readonly asks: [string, string][];
  readonly data: { u: number; U: number; pu?: number; b: never; a: never; B: string; A: string };
}
const pairs = (levels: [string, string][]): number[] => levels.flatMap(([p, s]) => [Number(p), Number(s)]);
const digest = (b: OrderBook): string => {
  const hash = createHash('sha256');
  const add = (mark: string, levels: number[]): void => {
    for (let i = 0; i < levels.length; i += 2) hash.update(`${mark},${levels[i]},${levels[i + 1]}\n`);
  };
  add('b', b.bids.levels());
  add('a', b.asks.levels());
  return hash.digest('hex');
};

const expectations = sharedData('market', 'expected', 'binance-book-checkpoints.json');
const books: Record<string, Expected> =
  expectations === undefined
    ? {}
    : (JSON.parse(readFileSync(expectations, 'utf8')) as { books: Record<string, Expected> }).books;

describe('book against recorded Binance captures', () => {
  for (const [name, expected] of Object.entries(books)) {
    const files = expected.files.map((file) => sharedData('market', file));
    it.skipIf(files.includes(undefined))(
      `${name}: checkpoints, every top against bookTicker, final book`,
      () => {
        const source = new Subject<Event>();
        const gaps: BookGap[] = [];
        const tickers: [number, number, number, number, number][] = [];
        const seen: [number, number, number, number, number][] = [];
        let live: OrderBook | undefined;
        const quotes: QuoteEvent[] = [];
        let snapshotTaken = false;
        const waiting: number[] = [];
        const applied: number[] = [];
        const rows: [number, number, number, number, number, number, number, number][] = [];
        const note = (u: number, b: OrderBook): void => {
          applied.push(u);
          seen.push([u, b.bids.price, b.bids.size, b.asks.price, b.asks.size]);
          if (applied.length % 250 === 0)
            rows.push([
              applied.length,
              u,
              b.bids.price,
              b.bids.size,
              b.asks.price,
              b.asks.size,
              b.bids.count,
              b.asks.count,
            ]);
        };
        source
          .pipe(
            book({
              onGap: (gap) => gaps.push(gap),
              onBook: (b, event) => {
                live = b;
                if (!event.snapshot) note(event.last, b);
              },
            }),
          )
          .subscribe((e) => quotes.push(e as QuoteEvent));
        for (const file of files) {
          for (const line of gunzipSync(readFileSync(file as string))
            .toString('utf8')
            .split('\n')) {
            if (line === '') continue;
            const wire = JSON.parse(line.slice(line.indexOf(' ') + 1)) as Wire;
            if (wire.stream === undefined) {
              snapshotTaken = true;
              source.next(
                makeBook(
                  'f',
                  0,
                  'X',
                  0,
                  true,
                  pairs(wire.bids),
                  pairs(wire.asks),
                  wire.lastUpdateId,
                  wire.lastUpdateId,
                  0,
                ),
              );
            } else if (wire.stream.includes('@depth')) {
              const d = wire.data;
              if (!snapshotTaken) waiting.push(d.u);
              source.next(makeBook('f', 0, 'X', 0, false, pairs(d.b), pairs(d.a), d.U, d.u, d.pu ?? 0));
            } else if (wire.stream.includes('@bookTicker')) {
              const d = wire.data;
              tickers.push([d.u, Number(d.b), Number(d.B), Number(d.a), Number(d.A)]);
            }
          }
        }
        expect(gaps).toStrictEqual([]);
        // Deltas replayed from the buffer change the book inside the snapshot's own event.
        const first = applied.length;
        const replayed = expected.appliedDiffs - first;
        expect(replayed).toBeGreaterThanOrEqual(0);
        expect(replayed).toBeLessThanOrEqual(waiting.length);
        expect(live).toBeDefined();
        const end = live as OrderBook;
        expect(applied.at(-1)).toBe(expected.final.u);
        expect([end.bids.count, end.asks.count]).toStrictEqual([
          expected.final.bidLevels,
          expected.final.askLevels,
        ]);
        expect(digest(end)).toBe(expected.final.bookSha256);
        const byU = new Map(seen.map((row) => [row[0], row]));
        for (const [, u, bid, bidSize, ask, askSize] of expected.checkpoints) {
          expect(byU.get(u)).toStrictEqual([u, Number(bid), Number(bidSize), Number(ask), Number(askSize)]);
        }
        if (replayed === 0)
          expect(rows.map((row) => [...row])).toStrictEqual(
            expected.checkpoints.map((row) => row.map(Number)),
          );
        tickers.sort((x, y) => x[0] - y[0]);
        const mismatches: number[] = [];
        let at = 0;
        let compared = 0;
        for (const [u, ...top] of seen) {
          while (at + 1 < tickers.length && (tickers[at + 1]?.[0] ?? Infinity) <= u) at++;
          const ticker = tickers[at];
          if (ticker === undefined || ticker[0] > u) continue;
          compared++;
          if (top.some((value, k) => value !== ticker[k + 1])) mismatches.push(u);
        }
        expect(compared).toBe(expected.topOfBookVsBookTicker.compared - replayed);
        expect(mismatches).toStrictEqual(expected.topOfBookVsBookTicker.mismatch.map((x) => x.u));
        expect(quotes.length).toBeGreaterThan(1000);
      },
    );
  }
});
