import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { BookStream } from '../../../../src/brokers/binance/market/book-stream.js';
import { Decimal } from '../../../../src/model/decimal.js';
import type { BookEvent, GapEvent, MarketEvent } from '../../../../src/model/event.js';
import type { Event } from '../../../../src/model/record.js';
import { book } from '../../../../src/operators/book/book.js';
import { snapshotFrom } from '../../../../src/streams/binance-wire/messages.js';
import type { OrderBook } from '../../../../src/streams/order-book/order-book.js';
import { sharedData } from '../../../support/shared-data.js';
import { TestHost, cryptofeedLines, give, instrument, listener, rawLines, type Json } from './support.js';

interface Published {
  readonly kind: 'spot' | 'futures';
  readonly files: readonly string[];
  readonly appliedDiffs: number;
  readonly droppedDiffsBeforeSnapshot: number;
  readonly firstAppliedUu: readonly [number, number];
  readonly topOfBookVsBookTicker: { readonly compared: number; readonly mismatch: readonly { u: number }[] };
  readonly final: {
    readonly u: number;
    readonly bidLevels: number;
    readonly askLevels: number;
    readonly bookSha256: string;
  };
  readonly checkpoints: readonly (readonly [
    number,
    number,
    string,
    string,
    string,
    string,
    number,
    number,
  ])[];
}

/** A book stream that is given its snapshot by hand. */
function bookStream(symbol: string): {
  stream: BookStream;
  events: (MarketEvent | GapEvent)[];
  snapshot: (json: Json) => void;
  requests: () => number;
  host: TestHost;
} {
  const host = new TestHost();
  const events: (MarketEvent | GapEvent)[] = [];
  let done: ((snapshot: BookEvent) => void) | undefined;
  let requests = 0;
  const i = instrument(symbol);
  const stream = new BookStream(host, `${symbol.toLowerCase()}@depth@100ms`, i, 0, {
    buffer: 1_000,
    reorder: 100,
    snapshot: (_attempt, found) => {
      requests++;
      done = found;
      return { cancel: () => (done = undefined) };
    },
  });
  stream.add(listener('m', events));
  stream.subscribed();
  const snapshot = (json: Json): void => {
    const event = snapshotFrom(json, '', i, 0);
    if (typeof event === 'string') throw new Error(event);
    done?.(event);
  };
  return { stream, events, snapshot, requests: () => requests, host };
}

/** Runs what the feed emitted through the operator; calls back after each change. */
function through(
  events: readonly (MarketEvent | GapEvent)[],
  onBook: (book: OrderBook, event: BookEvent) => void,
): string[] {
  const gaps: string[] = [];
  from(events as Event[])
    .pipe(book({ onBook, onGap: (gap) => gaps.push(gap.code) }))
    .subscribe();
  return gaps;
}

const plain = (value: number): string => new Decimal(value).toFixed();

function sha(of: OrderBook): string {
  const hash = createHash('sha256');
  for (const [letter, side] of [
    ['b', of.bids],
    ['a', of.asks],
  ] as const) {
    for (let d = 0; d < side.count; d++)
      hash.update(`${letter},${plain(side.priceAt(d))},${plain(side.sizeAt(d))}\n`);
  }
  return hash.digest('hex');
}

const market = sharedData('market');
const file =
  market === undefined ? undefined : sharedData('market', 'expected', 'binance-book-checkpoints.json');

describe.skipIf(file === undefined)('books of the raw captures, through the feed and the operator', () => {
  const { books } = JSON.parse(file === undefined ? '{"books":{}}' : readFileSync(file, 'utf8')) as {
    books: Record<string, Published>;
  };
  for (const [name, published] of Object.entries(books)) {
    const paths = published.files.map((path) => sharedData('market', ...path.split('/')));
    const files = paths.filter((path) => path !== undefined);
    it.skipIf(files.length < paths.length)(name, () => {
      const symbol = (name.split('/')[1] ?? '').toUpperCase();
      const { stream, events, snapshot, requests, host } = bookStream(symbol);
      const tickers: { u: number; top: number[] }[] = [];
      for (const line of rawLines(...files)) {
        if (line.startsWith('{"lastUpdateId"')) snapshot(JSON.parse(line) as Json);
        else if (line.includes('@depth')) expect(give(stream, line)).toBe('');
        else if (line.includes('@bookTicker')) {
          const { data } = JSON.parse(line) as { data: Record<string, string> };
          tickers.push({ u: Number(data['u']), top: ['b', 'B', 'a', 'A'].map((key) => Number(data[key])) });
        }
      }
      tickers.sort((a, b) => a.u - b.u);
      expect(requests()).toBe(1);
      expect(host.counts).toMatchObject({ feed_gaps: 0, book_resyncs: 0, book_crossed: 0 });
      expect(events.filter(({ kind }) => kind !== 'book')).toEqual([]);

      const checkpoints = new Map(published.checkpoints.map((row) => [row[0], row]));
      let applied = 0;
      let ticker = -1;
      let compared = 0;
      let hash = '';
      const different: number[] = [];
      const gaps = through(events, (of, event) => {
        if (event.snapshot) return;
        applied++;
        const { bids, asks } = of;
        const top = [bids.price, bids.size, asks.price, asks.size];
        if (applied === 1) expect([event.first, event.last]).toEqual(published.firstAppliedUu);
        const row = checkpoints.get(applied);
        if (row !== undefined)
          expect([event.last, ...top, bids.count, asks.count]).toEqual(row.slice(1).map(Number));
        while ((tickers[ticker + 1]?.u ?? Infinity) <= event.last) ticker++;
        const published1 = tickers[ticker];
        if (published1 !== undefined) {
          compared++;
          if (published1.top.some((value, i) => value !== top[i])) different.push(event.last);
        }
        if (applied === published.appliedDiffs) hash = sha(of);
      });
      expect(gaps).toEqual([]);
      expect(applied).toBe(published.appliedDiffs);
      expect(hash).toBe(published.final.bookSha256);
      expect(compared).toBe(published.topOfBookVsBookTicker.compared);
      expect(different).toEqual(published.topOfBookVsBookTicker.mismatch.map(({ u }) => u));
      expect(host.counts.feed_duplicates).toBe(0);
    });
  }
});

describe('books of the recorded client sessions', () => {
  const sessions = [
    [
      'spot',
      ['market', 'cryptofeed-raw', 'BINANCE.ws.1.0.gz'],
      ['market', 'cryptofeed-raw', 'BINANCE.http.0.0.gz'],
    ],
    [
      'usdm',
      ['market', 'cryptofeed-raw', 'BINANCE_FUTURES.ws.1.0.gz'],
      ['market', 'cryptofeed-raw', 'BINANCE_FUTURES.http.0.0.gz'],
    ],
    [
      'us',
      ['venue-payloads', 'binance', 'cryptofeed', 'BINANCE_US.ws.1.0'],
      ['venue-payloads', 'binance', 'cryptofeed', 'BINANCE_US.http.0.0'],
    ],
  ] as const;

  for (const [name, ws, http] of sessions) {
    const files = [sharedData(...ws), sharedData(...http)].filter((path) => path !== undefined);
    it.skipIf(files.length < 2)(name, () => {
      const lines = cryptofeedLines(...files);
      const symbols = [
        ...new Set(lines.flatMap(([, , url]) => /depth\?symbol=([A-Z]+)/.exec(url)?.[1] ?? [])),
      ];
      expect(symbols).toHaveLength(4);
      for (const symbol of symbols) {
        const { stream, events, snapshot, host } = bookStream(symbol);
        const deltas: Json[] = [];
        let image: Json = {};
        for (const [, text, url] of lines) {
          if (url.includes(`depth?symbol=${symbol}&`)) snapshot((image = JSON.parse(text) as Json));
          else if (text.includes(`"${symbol.toLowerCase()}@depth`)) {
            deltas.push((JSON.parse(text) as { data: Json }).data);
            expect(give(stream, text)).toBe('');
          }
        }
        // The oracle: plain maps, applied by the rule.
        const id = Number(image['lastUpdateId']);
        const kept = deltas.filter((d) => (name === 'usdm' ? Number(d['u']) >= id : Number(d['u']) > id));
        const sides = (['bids', 'asks'] as const).map(
          (key) => new Map((image[key] as string[][]).map(([p = '', q = '']) => [Number(p), Number(q)])),
        );
        for (const delta of kept) {
          for (const [i, key] of ['b', 'a'].entries()) {
            for (const [p, q] of delta[key] as string[][]) {
              if (Number(q) === 0) sides[i]?.delete(Number(p));
              else sides[i]?.set(Number(p), Number(q));
            }
          }
        }
        const first = kept[0];
        expect(Number(first?.['U'])).toBeLessThanOrEqual(id + 1);
        let last: OrderBook | undefined;
        let applied = 0;
        expect(
          through(events, (of, event) => {
            last = of;
            if (!event.snapshot) applied++;
          }),
        ).toEqual([]);
        expect(applied).toBe(kept.length);
        expect(host.counts).toMatchObject({ feed_gaps: 0, book_crossed: 0 });
        const flat = (side: Map<number, number> | undefined, sign: number): number[] =>
          [...(side ?? [])].sort((a, b) => sign * (a[0] - b[0])).flat();
        expect(last?.bids.levels()).toEqual(flat(sides[0], -1));
        expect(last?.asks.levels()).toEqual(flat(sides[1], 1));
        if (symbol === 'NKNUSDT') {
          expect([id, applied, kept.at(-1)?.['u']]).toEqual([499869752, 149, 499870179]);
          expect([last?.bids.price, last?.asks.price]).toEqual([0.3527, 0.3531]);
        }
      }
    });
  }
});
