import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EMPTY, Observable, Subject, concat, from, throwError } from 'rxjs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BarEvent, InputEvent } from '../../../src/model/event.js';
import type { Instrument } from '../../../src/model/instrument.js';
import { InstrumentTable } from '../../../src/model/instruments.js';
import { makeBar, makeQuote } from '../../../src/model/make.js';
import type { BarHistory } from '../../../src/streams/prefetch/bar-line.js';
import { BarStore } from '../../../src/streams/prefetch/bar-store.js';
import { fillBars } from '../../../src/streams/prefetch/fill-bars.js';
import { missingBars } from '../../../src/streams/prefetch/missing.js';

const MINUTE = 60_000_000;
const btc = new InstrumentTable([{ symbol: 'BTC' }]).get('BTC') as Instrument;
const bar = (n: number): BarEvent =>
  makeBar('m', (n + 1) * MINUTE, 'BTC', 0, {
    basis: 'trade', every: MINUTE, start: n * MINUTE, open: n, high: n + 1, low: n - 1, close: n, volume: 1, count: 2,
  }); // prettier-ignore
const range = (a: number, b: number): number[] => Array.from({ length: b - a }, (_, i) => a + i);

let folder: string;
let asked: [number, number][];
let warnings: string[];
let pending: { from: number; to: number; give: (more?: Observable<BarEvent>) => void }[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-bars-'));
  asked = [];
  warnings = [];
  pending = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A history that answers when told to. */
const later: BarHistory = ({ from: a, to: b, onProgress }) => {
  const [f, t] = [a / MINUTE, b / MINUTE];
  asked.push([f, t]);
  return new Observable((out) => {
    pending.push({
      from: f,
      to: t,
      give: (answer = from(range(f, t).map(bar))) => {
        onProgress?.(0.5);
        answer.subscribe(out);
      },
    });
  });
};

function start(
  now: number,
  past: number | undefined,
  history: BarHistory | undefined = later,
  store = false,
): { live: Subject<InputEvent>; out: InputEvent[]; said: () => string[]; stop: () => void } {
  const live = new Subject<InputEvent>();
  const out: InputEvent[] = [];
  const subscription = fillBars(live, {
    source: 'm',
    instruments: () => [btc],
    every: MINUTE,
    history,
    from: past === undefined ? undefined : past * MINUTE,
    store: (instrument) => (store ? new BarStore(folder, instrument, MINUTE) : undefined),
    wall: () => now * MINUTE + 1,
    warn: (message) => warnings.push(message),
  }).subscribe((event) => out.push(event));
  const said = (): string[] =>
    out.flatMap((event) =>
      event.kind === 'bar'
        ? [String(event.start / MINUTE)]
        : event.kind === 'gap'
          ? [`gap ${event.code} ${event.expected / MINUTE}-${event.received / MINUTE}`]
          : event.kind === 'quote'
            ? ['q']
            : [],
    );
  return { live, out, said, stop: () => subscription.unsubscribe() };
}

describe('missing bars', () => {
  it('are those between, at the start and at the end', () => {
    expect(
      missingBars(
        [12, 15, 21].map((n) => n * 1),
        10,
        25,
        3,
      ),
    ).toEqual([{ from: 18, to: 21 }]);
    expect(missingBars([], 10, 25, 3)).toEqual([{ from: 12, to: 24 }]);
    expect(missingBars([12, 15, 18, 21], 10, 25, 3)).toEqual([]);
    expect(missingBars([15], 10, 25, 3)).toEqual([
      { from: 12, to: 15 },
      { from: 18, to: 24 },
    ]);
  });

  it('with those there are make a whole, whatever is missing', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 }),
        fc.integer({ min: 0, max: 30 }),
        fc.integer({ min: 0, max: 60 }),
        (have, first, count) => {
          const starts = have.sort((a, b) => a - b).map((n) => n * 5);
          const missing = missingBars(starts, first * 5, (first + count) * 5, 5);
          const all = [
            ...starts.filter((s) => s >= first * 5 && s < (first + count) * 5),
            ...missing.flatMap(({ from: a, to: b }) => range(a / 5, b / 5).map((n) => n * 5)),
          ].sort((a, b) => a - b);
          expect(all).toEqual(range(first, first + count).map((n) => n * 5));
        },
      ),
    );
  });
});

describe('fillBars', () => {
  it('puts the past before live bars, without repeating at the seam, while other events pass', () => {
    const { live, out, said } = start(10, 5);
    expect(asked).toEqual([[5, 10]]);
    live.next(makeQuote('m', 0, 'BTC', 0, 1, 1, 2, 1));
    live.next(bar(9));
    live.next(bar(10));
    expect(said()).toEqual(['q']);
    pending[0]?.give();
    live.next(bar(11));
    expect(said()).toEqual(['q', '5', '6', '7', '8', '9', '10', '11']);
    expect(out.flatMap((e) => (e.kind === 'connection' ? [`${e.name} ${e.state} ${e.reason}`] : []))).toEqual(
      [
        'm/BTC connecting fetching bars of the past: 0 %',
        'm/BTC connecting fetching bars of the past: 50 %',
        'm/BTC ready ',
      ],
    );
  });

  it('fills what closed while the past was fetched', () => {
    const { live, said } = start(10, 8);
    live.next(bar(12));
    pending[0]?.give();
    expect(asked).toEqual([
      [8, 10],
      [10, 12],
    ]);
    live.next(bar(13));
    pending[1]?.give();
    expect(said()).toEqual(['8', '9', '10', '11', '12', '13']);
  });

  it('fills holes between live bars, one after the other', () => {
    const { live, said } = start(10, undefined);
    for (const n of [1, 2, 5, 6, 8]) live.next(bar(n));
    expect(said()).toEqual(['1', '2']);
    pending[0]?.give();
    expect(said()).toEqual(['1', '2', '3', '4', '5', '6']);
    pending[1]?.give();
    expect(said()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
    expect(asked).toEqual([
      [3, 5],
      [7, 8],
    ]);
  });

  it('goes on when the venue has no such bars, and asks once', () => {
    const { live, said } = start(10, undefined);
    live.next(bar(1));
    live.next(bar(5));
    pending[0]?.give(EMPTY);
    live.next(bar(6));
    expect(said()).toEqual(['1', '5', '6']);
    expect(asked).toHaveLength(1);
  });

  it('declares what could not be fetched, warns, and goes on', () => {
    const { live, said } = start(10, 6);
    live.next(bar(10));
    pending[0]?.give(
      concat(
        from([bar(6), bar(7)]),
        throwError(() => new Error('no answer')),
      ),
    );
    live.next(bar(11));
    expect(said()).toEqual(['6', '7', 'gap BAR_GAP 8-10', '10', '11']);
    expect(warnings).toEqual(['bars of BTC could not be fetched: no answer']);
  });

  it('declares holes where the broker has no history', () => {
    const live = new Subject<InputEvent>();
    const seen: string[] = [];
    fillBars(live, {
      source: 'm',
      instruments: () => [btc],
      every: MINUTE,
      history: undefined,
      from: undefined,
      store: () => undefined,
      wall: () => 0,
      warn: () => undefined,
    }).subscribe((event) => seen.push(event.kind));
    for (const n of [1, 4]) live.next(bar(n));
    expect(seen).toEqual(['bar', 'gap', 'bar']);
  });

  it('resumes from stored bars in a later run, and fills holes among them', () => {
    const first = start(10, 5, later, true);
    pending.shift()?.give();
    first.live.next(bar(10));
    first.stop();
    const path = join(folder, 'BTC-60s.jsonl');
    expect(readFileSync(path, 'utf8').trim().split('\n')).toHaveLength(6);
    // killed while it wrote a line; and another one is damaged
    const lines = readFileSync(path, 'utf8').split('\n');
    lines[2] = '[oops';
    rmSync(path);
    appendFileSync(path, `${lines.join('\n')}[6600`);

    asked = [];
    const second = start(14, 4, later, true);
    for (let i = 0; i < 3; i++) pending.shift()?.give();
    second.live.next(bar(14));
    expect(asked).toEqual([
      [4, 5],
      [7, 8],
      [11, 14],
    ]);
    expect(second.said()).toEqual(range(4, 15).map(String));
    second.stop();

    asked = [];
    const third = start(15, 4, later, true);
    expect(asked).toEqual([]);
    expect(third.said()).toEqual(range(4, 15).map(String));
    third.stop();
  });

  it('gives every bar once and in order, whatever is missed, repeated or late', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 30 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 30 }),
        (order, answers) => {
          pending = [];
          const { live, said, stop } = start(10, 3);
          const queue = [...answers];
          for (const n of order) {
            live.next(bar(n));
            if ((queue.shift() ?? 1) > 1) pending.shift()?.give();
          }
          while (pending.length > 0) pending.shift()?.give();
          const got = said().map(Number);
          expect(got).toEqual([...got].sort((a, b) => a - b));
          expect(got).toEqual(range(3, (got.at(-1) ?? 2) + 1));
          stop();
        },
      ),
    );
  });
});
