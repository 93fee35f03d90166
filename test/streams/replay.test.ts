import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BookEvent, InputEvent, QuoteEvent, TradeEvent } from '../../src/model/event.js';
import { isoMicros } from '../../src/model/time.js';
import { sharedData } from '../support/shared-data.js';
import { replay, replayed, sourceContext } from './support.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-replay-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const file = (name: string, lines: string[] | Buffer): string => {
  const path = join(dir, name);
  writeFileSync(path, Buffer.isBuffer(lines) ? lines : lines.join('\n'));
  return path;
};

const envelope = (at: number, stream: string, data: object): string =>
  `${at}000000000 ${JSON.stringify({ stream, data })}`;
const TRADE = {
  e: 'trade',
  E: 1_000_200,
  s: 'BTCUSDT',
  t: 7,
  p: '100.50',
  q: '0.25',
  T: 1_000_100,
  m: true,
  M: true,
};
const DEPTH = {
  e: 'depthUpdate',
  E: 1_000_300,
  s: 'BTCUSDT',
  U: 5,
  u: 9,
  b: [
    ['100.1', '2'],
    ['99', '0'],
  ],
  a: [],
};
const TICKER = { u: 9, s: 'BTCUSDT', b: '100.1', B: '2', a: '100.2', A: '3' };
const at = (s: number): number => 1_700_000_000 + s;

describe('binance captures', () => {
  it('reads trades, tickers, depth and the snapshot; the receive time orders, the venue time is kept', async () => {
    const path = file(
      'btcusdt_a.gz',
      gzipSync(
        [
          envelope(at(0), 'btcusdt@trade', TRADE),
          envelope(at(1), 'btcusdt@depth@100ms', DEPTH),
          `${at(2)}000000001 ${JSON.stringify({ lastUpdateId: 9, bids: [['100.1', '2']], asks: [['100.2', '3']] })}`,
          envelope(at(3), 'btcusdt@bookTicker', TICKER),
          envelope(at(4), 'btcusdt@aggTrade', { ...TRADE, e: 'aggTrade', a: 8, m: false }),
          envelope(at(5), 'btcusdt@depth@0ms', { ...DEPTH, T: 1_000_250, pu: 4 }),
        ].join('\n'),
      ),
    );
    const { events, bad } = await replayed({ path }, ['BTCUSDT']);
    expect(bad).toEqual([]);
    const us = (s: number): number => at(s) * 1_000_000;
    const common = { seq: 0, sub: 0, source: 'market', instrument: 'BTCUSDT', ix: 0 };
    expect(events).toEqual([
      {
        ...common,
        kind: 'trade',
        at: us(0),
        ts: 1_000_100_000,
        price: 100.5,
        size: 0.25,
        aggressor: -1,
        tradeId: '7',
      },
      {
        ...common,
        kind: 'book',
        at: us(1),
        ts: 1_000_300_000,
        snapshot: false,
        bids: [100.1, 2, 99, 0],
        asks: [],
        first: 5,
        last: 9,
        prev: 0,
      },
      {
        ...common,
        kind: 'book',
        at: us(2),
        ts: us(2),
        snapshot: true,
        bids: [100.1, 2],
        asks: [100.2, 3],
        first: 9,
        last: 9,
        prev: 0,
      },
      { ...common, kind: 'quote', at: us(3), ts: us(3), bid: 100.1, bidSize: 2, ask: 100.2, askSize: 3 },
      {
        ...common,
        kind: 'trade',
        at: us(4),
        ts: 1_000_100_000,
        price: 100.5,
        size: 0.25,
        aggressor: 1,
        tradeId: '8',
      },
      {
        ...common,
        kind: 'book',
        at: us(5),
        ts: 1_000_250_000,
        snapshot: false,
        bids: [100.1, 2, 99, 0],
        asks: [],
        first: 5,
        last: 9,
        prev: 4,
      },
    ]);
  });

  it('counts and skips every kind of bad line, and applies nothing of it', async () => {
    const path = file('bad.log', [
      'nonsense',
      envelope(at(0), 'btcusdt@trade', TRADE),
      `${at(1)}000000000 {"stream":"btcusdt@trade","data":{"e":"tra`,
      envelope(at(1), 'btcusdt@trade', { ...TRADE, p: 100.5 }),
      envelope(at(1), 'btcusdt@trade', { ...TRADE, p: '-1' }),
      envelope(at(1), 'btcusdt@trade', { ...TRADE, p: '0' }),
      envelope(at(1), 'btcusdt@trade', { ...TRADE, q: '-3' }),
      envelope(at(1), 'btcusdt@trade', { ...TRADE, p: 'NaN' }),
      envelope(at(1), 'btcusdt@trade', { ...TRADE, m: 'true' }),
      envelope(at(1), 'dogeusdt@trade', { ...TRADE, s: 'DOGEUSDT' }),
      envelope(at(-5), 'btcusdt@trade', TRADE),
      envelope(at(1), 'btcusdt@depth', { ...DEPTH, b: [['100.1', '2'], ['100.0']] }),
      envelope(at(1), 'btcusdt@depth', { ...DEPTH, u: undefined }),
      envelope(at(1), 'btcusdt@kline_1m', { e: 'kline', s: 'BTCUSDT' }),
      envelope(at(2), 'btcusdt@bookTicker', TICKER),
    ]);
    const { events, bad } = await replayed({ path, format: 'binance' }, ['BTCUSDT']);
    expect(events.map((e) => e.kind)).toEqual(['trade', 'quote']);
    expect(bad.map((b) => `${b.kind} ${b.place.replace(path, 'f')}`)).toEqual([
      'malformed f:1', 'malformed f:3', 'missing_field f:4', 'negative_price f:5', 'zero_price f:6', 'negative_size f:7',
      'missing_field f:8', 'missing_field f:9', 'unknown_instrument f:10', 'time_backwards f:11', 'malformed f:12',
      'missing_field f:13', 'unknown_message f:14',
    ]); // prettier-ignore
  });

  it('stops at the first bad line when told to', async () => {
    const path = file('halt.log', [envelope(at(0), 'x', TRADE), 'nonsense']);
    await expect(replayed({ path, format: 'binance', on_bad: 'halt' }, ['BTCUSDT'])).rejects.toMatchObject({
      code: 'BAD_INPUT',
      message: `${path}:2: malformed: nonsense`,
    });
  });

  it('keeps chosen instruments, renames, and cuts a range of time', async () => {
    const path = file(
      'range.log',
      [0, 1, 2, 3, 4].map((s) => envelope(at(s), 'x', { ...TRADE, t: s })),
    );
    const from = isoMicros(at(1) * 1_000_000);
    const to = isoMicros(at(3) * 1_000_000);
    const ids = ({ events }: { events: InputEvent[] }): string[] =>
      events.map((e) => `${(e as TradeEvent).instrument}${(e as TradeEvent).tradeId}`);
    expect(ids(await replayed({ path, from, to }, ['BTCUSDT']))).toEqual(['BTCUSDT1', 'BTCUSDT2']);
    expect(ids(await replayed({ path, from, to, instruments: { BTCUSDT: 'PERP' } }, ['PERP']))).toEqual([
      'PERP1',
      'PERP2',
    ]);
    expect(await replayed({ path, instruments: ['OTHER'] }, ['OTHER'])).toEqual({ events: [], bad: [] });
  });

  it('says at the start what is wrong with a file', () => {
    const { context } = sourceContext(dir, ['BTCUSDT']);
    expect(() => replay({ path: 'none.gz' }, context)).toThrow(/none.gz does not exist/);
    expect(() => replay({ path: '*.nothing' }, context)).toThrow(/no file fits \*\.nothing/);
    file('damaged.gz', Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 255, 255, 255, 255]));
    expect(() => replay({ path: 'damaged.gz' }, context)).toThrow(/damaged gzip/);
    file('packed.gz', Buffer.from('PK\x03\x04....'));
    expect(() => replay({ path: 'packed.gz' }, context)).toThrow(/zip archive/);
    file('plain.csv', ['1,2,3']);
    expect(() => replay({ path: 'plain.csv' }, context)).toThrow(/needs a mapping/);
  });

  it('reports a gzip that is cut off, after the events before it', async () => {
    const lines = Array.from({ length: 5_000 }, (_, i) =>
      envelope(at(i), 'x', { ...TRADE, t: i, q: String(1 + ((i * 7919) % 1009)) }),
    );
    const whole = gzipSync(lines.join('\n'));
    const path = file('cut.gz', whole.subarray(0, whole.length - 2_000));
    await expect(replayed({ path }, ['BTCUSDT'])).rejects.toThrow(/damaged gzip \(unexpected end of file\)/);
  });
});

const root = sharedData('market', 'binance-raw');

describe.skipIf(root === undefined)('recorded captures', () => {
  it('reads every line of spot and USD-M captures', async () => {
    const spot = await replayed({ path: 'spot/*.gz' }, ['BTCUSDT', 'ETHUSDT'], root);
    expect([spot.events.length, spot.bad]).toEqual([179_318, []]);
    expect(spot.events[0]).toMatchObject({
      at: 1_723_161_253_937_085,
      ts: 1_723_161_255_208_000,
      kind: 'book',
      instrument: 'BTCUSDT',
    });
    const count = (kind: string): number => spot.events.filter((e) => e.kind === kind).length;
    expect([count('trade'), count('quote'), count('book')]).toEqual([34_419, 131_932, 12_967]);
    const snapshots = spot.events.filter((e): e is BookEvent => e.kind === 'book' && e.snapshot);
    expect(snapshots.map((e) => [e.instrument, e.last, e.bids.length])).toEqual([
      ['ETHUSDT', 35_346_513_512, 2_000],
      ['BTCUSDT', 50_093_239_218, 2_000],
    ]);
    const usdm = await replayed({ path: 'usdm/btcusdt_20240808.gz' }, ['BTCUSDT'], root);
    expect([usdm.events.length, usdm.bad]).toEqual([93_954, []]);
    expect(usdm.events[0]).toMatchObject({ kind: 'book', prev: 5_123_107_831_937 });
    expect(usdm.events.filter((e): e is QuoteEvent => e.kind === 'quote')[0]).toMatchObject({
      bid: 61800.2,
      ask: 61800.3,
    });
  });
});
