import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { BarEvent } from '../../src/model/event.js';
import { makeBar, makeQuote, makeTrade } from '../../src/model/make.js';
import type { Event } from '../../src/model/record.js';
import { bars, type BarsOptions } from '../../src/operators/bars/bars.js';
import { EventScheduler } from '../../src/streams/event-scheduler.js';
import { marbles } from '../support/marbles.js';
import { sharedData } from '../support/shared-data.js';

const MS = 1000;
const trade = (ms: number, price: number, size = 1, ix = 0): Event =>
  makeTrade('f', ms * MS, `I${ix}`, ix, price, size, 0, '');
const quote = (ms: number, bid: number, ask: number, bidSize = 1, askSize = 1): Event =>
  makeQuote('f', ms * MS, 'I0', 0, bid, bidSize, ask, askSize);
const bar = (
  startMs: number,
  o: number,
  h: number,
  l: number,
  c: number,
  v: number,
  n: number,
  extra: Partial<BarEvent> = {},
): BarEvent => ({
  ...makeBar('bars', (startMs + 5) * MS, 'I0', 0, {
    basis: 'trade',
    every: 5 * MS,
    start: startMs * MS,
    open: o,
    high: h,
    low: l,
    close: c,
    volume: v,
    count: n,
  }),
  ...extra,
});

/** Drives `events` in event time, firing deadlines as the turn driver does. */
function drive(
  events: Event[],
  options: BarsOptions,
  until = Infinity,
): { out: BarEvent[]; late: Event[]; scheduler: EventScheduler } {
  const scheduler = new EventScheduler();
  const source = new Subject<Event>();
  const out: BarEvent[] = [];
  const late: Event[] = [];
  source
    .pipe(bars({ scheduler, onLate: (e) => late.push(e), ...options }))
    .subscribe((e) => out.push(e as BarEvent));
  const advance = (to: number): void => {
    for (let due = scheduler.nextDue(); due <= to; due = scheduler.nextDue()) {
      scheduler.at = due;
      scheduler.fire(due);
    }
  };
  for (const event of events) {
    const at = event.at || event.ts;
    advance(at);
    scheduler.at = at;
    source.next(event);
  }
  if (until !== Infinity) advance(until);
  source.complete();
  return { out, late, scheduler };
}
const brief = (b: BarEvent) => [b.ix, b.start / MS, b.open, b.high, b.low, b.close, b.volume, b.count];

describe('bars', () => {
  it(
    'closes a time bar at its end and keeps no timer while nothing is open',
    marbles((m) => {
      const values = {
        a: trade(0, 10),
        b: trade(3, 12, 2),
        c: trade(11, 9),
        x: bar(0, 10, 12, 10, 12, 3, 2),
        y: bar(10, 9, 9, 9, 9, 1, 1),
      };
      const out = m
        .hot<Event>('a--b-------c---------|', values)
        .pipe(bars({ every: 5 * MS, scheduler: m.scheduler }));
      m.expect(out).toBeObservable('    -----x---------y-----|', values);
    }),
  );

  it(
    'passes provider bars and errors, and drops the open bar at completion',
    marbles((m) => {
      const provided = bar(0, 1, 1, 1, 1, 1, 1, { source: 'venue' });
      const values = { a: trade(0, 10), p: provided };
      m.expect(
        m.hot<Event>('ap|', values).pipe(bars({ every: 5 * MS, scheduler: m.scheduler })),
      ).toBeObservable('-p|', values);
      m.expect(
        m.hot<Event>('ap#', values).pipe(bars({ every: 5 * MS, scheduler: m.scheduler })),
      ).toBeObservable('-p#', values);
    }),
  );

  it('emits unfinished bars at completion when asked', () => {
    expect(drive([trade(1, 10)], { every: 5 * MS, partial: true }).out.map(brief)).toStrictEqual([
      [0, 0, 10, 10, 10, 10, 1, 1],
    ]);
  });

  it('closes all instruments with one deadline, in index order', () => {
    const { out, scheduler } = drive(
      [trade(1, 10, 1, 2), trade(2, 20, 1, 0), trade(3, 30, 1, 1)],
      { every: 5 * MS },
      5 * MS,
    );
    expect(out.map((b) => b.ix)).toStrictEqual([0, 1, 2]);
    expect(scheduler.figures.live).toBe(0);
  });

  it('puts an event at the boundary into the next bar', () => {
    const { out } = drive([trade(4, 10), trade(5, 11), trade(9, 12)], { every: 5 * MS }, 10 * MS);
    expect(out.map(brief)).toStrictEqual([
      [0, 0, 10, 10, 10, 10, 1, 1],
      [0, 5, 11, 12, 11, 12, 2, 2],
    ]);
  });

  it('waits for late events as long as lateness says, then reports them', () => {
    const slow = (ms: number, at: number, price: number): Event => ({
      ...(trade(ms, price) as BarEvent),
      at: at * MS,
    });
    const events = [slow(1, 2, 10), slow(4, 6, 11), slow(6, 7, 12), slow(3, 8, 13), slow(2, 9, 14)];
    const { out, late } = drive(events, { every: 5 * MS, lateness: 3 * MS }, 20 * MS);
    expect(out.map(brief)).toStrictEqual([
      [0, 0, 10, 11, 10, 11, 2, 2],
      [0, 5, 12, 12, 12, 12, 1, 1],
    ]);
    expect(late.map((e) => (e as { price?: number }).price)).toStrictEqual([13, 14]);
  });

  it('closes by the venue’s time when it runs ahead of engine time', () => {
    const early = (ms: number, at: number, price: number): Event => ({
      ...(trade(ms, price) as BarEvent),
      at: at * MS,
    });
    const { out } = drive([early(4, 1, 10), early(6, 3, 11)], { every: 5 * MS });
    expect(out.map(brief)).toStrictEqual([[0, 0, 10, 10, 10, 10, 1, 1]]);
  });

  it('fills empty bars with the previous close', () => {
    const { out } = drive([trade(1, 10), trade(16, 12)], { every: 5 * MS, fill: 'previous' }, 20 * MS);
    expect(out.map(brief)).toStrictEqual([
      [0, 0, 10, 10, 10, 10, 1, 1],
      [0, 5, 10, 10, 10, 10, 0, 0],
      [0, 10, 10, 10, 10, 10, 0, 0],
      [0, 15, 12, 12, 12, 12, 1, 1],
    ]);
  });

  it('keeps to the session and starts its bars at the open', () => {
    const session = { zone: 'America/New_York', days: [1, 2, 3, 4, 5], open: 570, close: 960, holidays: [] };
    const at = (iso: string): number => Date.parse(iso);
    const hour = 3_600_000 * MS;
    const events = [
      trade(at('2013-10-07T13:29:59Z'), 1),
      trade(at('2013-10-07T13:30:00Z'), 2),
      trade(at('2013-10-07T19:45:00Z'), 3),
      trade(at('2013-10-07T20:00:00Z'), 4),
    ];
    const { out } = drive(events, { every: hour, session }, at('2013-10-08T00:00:00Z') * MS);
    expect(
      out.map((b) => [new Date(b.start / MS).toISOString(), new Date(b.ts / MS).toISOString(), b.close]),
    ).toStrictEqual([
      ['2013-10-07T13:30:00.000Z', '2013-10-07T14:30:00.000Z', 2],
      ['2013-10-07T19:30:00.000Z', '2013-10-07T20:00:00.000Z', 3],
    ]);
  });

  it('makes mid, bid and quote bars; a silent side repeats its close', () => {
    const events = [quote(0, 10, 12, 5, 6), quote(1, 11, NaN, 7, 0), quote(6, NaN, 14, 0, 9)];
    expect(drive(events, { every: 5 * MS, from: 'mid' }, 10 * MS).out.map(brief)).toStrictEqual([
      [0, 0, 11, 11.5, 11, 11.5, 0, 2],
      [0, 5, 12.5, 12.5, 12.5, 12.5, 0, 1],
    ]);
    expect(drive(events, { every: 5 * MS, from: 'bid' }, 10 * MS).out.map(brief)).toStrictEqual([
      [0, 0, 10, 11, 10, 11, 7, 2],
    ]);
    expect(
      drive(events, { every: 5 * MS, from: 'quote' }, 10 * MS).out.map((b) => [b.basis, ...brief(b)]),
    ).toStrictEqual([
      ['bid', 0, 0, 10, 11, 10, 11, 7, 2],
      ['ask', 0, 0, 12, 12, 12, 12, 6, 1],
      ['bid', 0, 5, 11, 11, 11, 11, 7, 0],
      ['ask', 0, 5, 14, 14, 14, 14, 9, 1],
    ]);
  });

  it('makes tick, volume and value bars', () => {
    const events = [trade(0, 10, 2), trade(1, 12, 2), trade(2, 11, 5), trade(3, 9, 1)];
    expect(drive(events, { ticks: 2 }).out.map(brief)).toStrictEqual([
      [0, 0, 10, 12, 10, 12, 4, 2],
      [0, 2, 11, 11, 9, 9, 6, 2],
    ]);
    expect(drive(events, { volume: 4 }).out.map(brief)).toStrictEqual([
      [0, 0, 10, 12, 10, 12, 4, 2],
      [0, 2, 11, 11, 11, 11, 5, 1],
    ]);
    expect(drive(events, { value: 50 }).out.map((b) => [b.count, b.ts / MS, b.every])).toStrictEqual([
      [3, 2, 0],
    ]);
  });

  it('refuses options that do not describe one kind of bar', () => {
    expect(() => bars({})).toThrow('exactly one of every, ticks, volume, value');
    expect(() => bars({ ticks: 5, volume: 3 })).toThrow('got ticks, volume');
    expect(() => bars({ every: 1 })).toThrow('scheduler');
    expect(() => bars({ volume: 1, from: 'mid' })).toThrow('made of trades');
  });

  it('keeps memory flat over many instruments and bars', () => {
    const events = Array.from({ length: 50_000 }, (_, i) =>
      trade(Math.floor(i / 500), 100 + (i % 7), 1, i % 500),
    );
    const { out, scheduler } = drive(events, { every: 5 * MS }, 200 * MS);
    expect(out).toHaveLength(500 * 20);
    expect(scheduler.figures.entries).toBeLessThan(70);
  });
});

const readCsv = (path: string): number[][] =>
  gunzipSync(readFileSync(path))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => (cell === '' ? NaN : Number(cell))));
const expectedPath = sharedData('market', 'expected', 'lean-bar-aggregation-ibm.json');

describe.skipIf(expectedPath === undefined)('bars against recorded IBM ticks', () => {
  const expected = (
    JSON.parse(readFileSync(expectedPath as string, 'utf8')) as {
      result: Record<string, Record<string, number>>;
    }
  ).result;
  for (const day of ['20131007', '20131008', '20131009', '20131010', '20131011']) {
    it(`${day}: quote closes, sizes and trade volumes of minute and second bars`, () => {
      const folder = (kind: string, side: string): string =>
        sharedData('market', 'us-equity', kind, 'ibm', `${day}_ibm_${side}.csv.gz`) as string;
      const inSession = (ms: number): boolean => ms >= 34_200_000 && ms < 57_600_000;
      const quotes = readCsv(folder('tick', 'Quote_Tick')).filter((r) => r[7] === 0);
      const trades = readCsv(folder('tick', 'Trade_Tick')).filter((r) => r[5] === 0);
      const side = (price: number): number => (price === 0 ? NaN : price);
      const events = quotes.map((r) =>
        makeQuote(
          'f',
          (r[0] as number) * MS,
          'I0',
          0,
          side(r[1] as number),
          r[2] as number,
          side(r[3] as number),
          r[4] as number,
        ),
      );
      const prints = trades.map((r) => trade(r[0] as number, r[1] as number, r[2]));
      for (const [name, ms] of [
        ['minute', 60_000],
        ['second', 1_000],
      ] as const) {
        const end = 86_400_000 * MS;
        const made = drive(events, { every: ms * MS, from: 'quote' }, end).out;
        const bids = new Map(made.filter((b) => b.basis === 'bid').map((b) => [b.start / MS, b]));
        const asks = new Map(made.filter((b) => b.basis === 'ask').map((b) => [b.start / MS, b]));
        const volumes = new Map(
          drive(prints, { every: ms * MS }, end).out.map((b) => [b.start / MS, b.volume]),
        );
        const count = {
          quoteBars: 0,
          bidCloseMatch: 0,
          askCloseMatch: 0,
          bidSizeMatch: 0,
          tradeBars: 0,
          volumeMatch: 0,
        };
        for (const row of readCsv(folder(name, `${name}_quote`))) {
          const start = row[0] as number;
          if (!inSession(start)) continue;
          count.quoteBars++;
          if (bids.get(start)?.close === row[4]) count.bidCloseMatch++;
          if (bids.get(start)?.volume === row[5]) count.bidSizeMatch++;
          if (asks.get(start)?.close === row[9]) count.askCloseMatch++;
        }
        for (const row of readCsv(folder(name, `${name}_trade`))) {
          if (!inSession(row[0] as number)) continue;
          count.tradeBars++;
          if (volumes.get(row[0] as number) === row[5]) count.volumeMatch++;
        }
        expect([basename(day), name, count]).toStrictEqual([day, name, expected[`${name} ${day}`]]);
      }
    }, 30_000);
  }
});
