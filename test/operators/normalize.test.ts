import { from } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { InstrumentTable } from '../../src/model/instruments.js';
import { makeBook, makeQuote, makeTrade } from '../../src/model/make.js';
import type { Event } from '../../src/model/record.js';
import {
  normalize,
  type DropReason,
  type NormalizeOptions,
} from '../../src/operators/normalize/normalize.js';
import { stampLike } from '../../src/operators/stamp.js';
import { marbles } from '../support/marbles.js';

const at = <E extends Event>(event: E, micros: number): E => stampLike(event, { seq: 0, sub: 0, at: micros });
const trade = (
  price: number,
  more: {
    source?: string;
    ts?: number;
    at?: number;
    id?: string;
    ix?: number;
    size?: number;
    symbol?: string;
  } = {},
): Event =>
  at(
    makeTrade(
      more.source ?? 'a',
      more.ts ?? 0,
      more.symbol ?? 'X',
      more.ix ?? 0,
      price,
      more.size ?? 1,
      0,
      more.id ?? '',
    ),
    more.at ?? more.ts ?? 0,
  );
const quote = (bid: number, ask: number, ts = 0): Event => at(makeQuote('a', ts, 'X', 0, bid, 1, ask, 1), ts);

function run(events: Event[], options: NormalizeOptions = {}) {
  const out: Event[] = [];
  const reasons: DropReason[] = [];
  const counts: NormalizeOptions['counts'] = {};
  from(events)
    .pipe(normalize({ counts, onDropped: (_event, reason) => reasons.push(reason), ...options }))
    .subscribe((event) => out.push(event));
  return { out, reasons, counts };
}
const prices = (out: Event[]) => out.map((event) => (event as { price?: number }).price);

describe('normalize', () => {
  it(
    'passes good events unchanged, and errors and completion',
    marbles((m) => {
      const values = { a: trade(1), b: quote(2, 1) };
      m.expect(m.hot<Event>('ab-|', values).pipe(normalize())).toBeObservable('ab-|', values);
      m.expect(m.hot<Event>('ab-#', values).pipe(normalize({ filters: { crossed: true } }))).toBeObservable(
        'a--#',
        values,
      );
    }),
  );

  it('uses the backup while the preferred feed is silent, per instrument', () => {
    const a = (t: number, p: number): Event => trade(p, { source: 'a', at: t });
    const b = (t: number, p: number, ix = 0): Event => trade(p, { source: 'b', at: t, ix });
    const other = trade(99, { source: 'c', at: 16 });
    const { out, counts } = run(
      [
        a(1, 1),
        b(2, 2),
        a(3, 3),
        b(5, 4),
        b(13, 5),
        b(15, 6),
        other,
        a(17, 7),
        b(18, 8),
        b(19, 9, 1),
        b(29, 10, 1),
      ],
      {
        prefer: ['a', 'b'],
        staleAfter: 10,
      },
    );
    expect(prices(out)).toStrictEqual([1, 3, 5, 6, 99, 7, 10]);
    expect(counts).toStrictEqual({ backup: 4 });
  });

  it('does not let a backup that is not heard, or rubbish of the primary, disturb the choice', () => {
    const events = [
      trade(1, { source: 'b', id: '1', at: 1 }),
      trade(1, { source: 'a', id: '1', at: 2 }),
      trade(-5, { source: 'a', id: '2', at: 13 }),
      trade(2, { source: 'b', id: '2', at: 14 }),
    ];
    const { out, reasons } = run(events, {
      prefer: ['a', 'b'],
      staleAfter: 10,
      filters: { duplicates: true, nonPositive: true },
    });
    expect(out.map((event) => event.source)).toStrictEqual(['a', 'b']);
    expect(reasons).toStrictEqual(['backup', 'non_positive']);
  });

  it('maps venue symbols and keeps the stamp; an unknown instrument is dropped', () => {
    const instruments = new InstrumentTable([{ symbol: 'BTCUSD' }, { symbol: 'XBTUSD' }]);
    const stamp = { seq: 9, sub: 0, at: 5 };
    const events: Event[] = [
      stampLike(makeTrade('k', 3, 'XBT/USD', -1, 10, 1, 1, 't'), stamp),
      stampLike(makeQuote('k', 3, 'XBTUSD', 1, 9, 1, 11, 1), stamp),
      stampLike(makeBook('k', 3, 'XBT/USD', -1, true, [9, 1], [11, 1], 1, 1, 0), stamp),
      makeTrade('k', 3, 'ETH/USD', -1, 10, 1, 1, 't'),
    ];
    const { out, reasons } = run(events, { instruments, map: { 'XBT/USD': 'BTCUSD', XBTUSD: 'BTCUSD' } });
    expect(
      out.map((e) => [
        e.kind,
        (e as { instrument?: string }).instrument,
        (e as { ix?: number }).ix,
        e.seq,
        e.at,
        e.ts,
        e.source,
      ]),
    ).toStrictEqual([
      ['trade', 'BTCUSD', 0, 9, 5, 3, 'k'],
      ['quote', 'BTCUSD', 0, 9, 5, 3, 'k'],
      ['book', 'BTCUSD', 0, 9, 5, 3, 'k'],
    ]);
    expect(reasons).toStrictEqual(['unknown_instrument']);
    expect(() => normalize({ instruments, map: { A: 'NOPE' } })).toThrow(
      'normalize maps "A" to "NOPE", which is not an instrument',
    );
  });

  it('drops prices that are none', () => {
    const filters = { nonPositive: true };
    const events = [
      trade(1),
      trade(0),
      trade(NaN),
      trade(1, { size: -1 }),
      quote(NaN, 5),
      quote(-1, 5),
      at(makeBook('a', 0, 'X', 0, false, [1, -1], [], 0, 0, 0), 0),
    ];
    expect(run(events, { filters }).counts).toStrictEqual({ non_positive: 5 });
    const instruments = new InstrumentTable([{ symbol: 'X', allowsNegativePrice: true }]);
    expect(prices(run([trade(-37.6), trade(NaN)], { filters, instruments }).out)).toStrictEqual([-37.6]);
  });

  it('drops crossed and stale events', () => {
    expect(
      run([quote(5, 5), quote(6, 5), quote(4, 5)], { filters: { crossed: true } }).reasons,
    ).toStrictEqual(['crossed']);
    expect(
      run([trade(1, { ts: 0, at: 11 }), trade(1, { ts: 1, at: 11 })], { filters: { stale: 10 } }).reasons,
    ).toStrictEqual(['stale']);
  });

  it('drops what is out of order, by kind', () => {
    const { out, reasons } = run(
      [trade(1, { ts: 5 }), quote(1, 2, 3), trade(2, { ts: 4 }), trade(3, { ts: 5 })],
      { filters: { outOfOrder: true } },
    );
    expect(reasons).toStrictEqual(['out_of_order']);
    expect(prices(out)).toStrictEqual([1, undefined, 3]);
  });

  it('drops duplicates among the last 256 trades, and repeated quotes', () => {
    const ids = Array.from({ length: 257 }, (_, i) => trade(1, { id: String(i) }));
    const { reasons } = run([...ids, trade(1, { id: '1' }), trade(1, { id: '0' }), trade(1), trade(1)], {
      filters: { duplicates: true },
    });
    expect(reasons).toStrictEqual(['duplicate']);
    expect(
      run([quote(1, 2), quote(1, 2), quote(1, 3), quote(1, 3, 9)], { filters: { duplicates: true } }).reasons,
    ).toStrictEqual(['duplicate']);
  });

  it('drops outliers, and believes a level that is confirmed', () => {
    const { out, reasons } = run(
      [100, 101, 150, 100, 150, 151, 152, 153].map((p) => trade(p)),
      { filters: { outlier: { fraction: 0.1, confirm: 3 } } },
    );
    expect(prices(out)).toStrictEqual([100, 101, 100, 152, 153]);
    expect(reasons).toStrictEqual(['outlier', 'outlier', 'outlier']);
  });
});
