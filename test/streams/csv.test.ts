import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BarEvent, QuoteEvent, TradeEvent } from '../../src/model/event.js';
import { isoMicros } from '../../src/model/time.js';
import { parseNumber, parseShifted } from '../../src/streams/csv/number.js';
import { patternReader } from '../../src/streams/csv/time-column.js';
import { csvMapping } from '../../src/topology/csv-fields.js';
import { replaySpec } from '../../src/topology/components/sources/replay.js';
import { replayed } from './support.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'millrace-csv-'));
});
afterAll(() => rmSync(dir, { recursive: true }));
const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};
const bytes = (text: string): Buffer => Buffer.from(text);

describe('numbers from bytes', () => {
  it('are those of the language', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.double({ noNaN: true, noDefaultInfinity: true }),
          fc.integer(),
          fc.integer({ min: 0, max: 9_999_999 }).map((n) => n / 10_000),
        ),
        (value) => {
          const text = bytes(`,${value},`);
          return (
            Object.is(parseNumber(text, 1, text.length - 1), value) ||
            (value === 0 && parseNumber(text, 1, text.length - 1) === 0)
          );
        },
      ),
    );
    for (const text of ['', '-', '.', '1.2.3', 'abc', '0x10', '1e', ' ', '--1', 'Infinity', 'NaN']) {
      expect([text, parseNumber(bytes(text), 0, text.length)]).toEqual([text, NaN]);
    }
    expect(parseNumber(bytes('123456789012345678.5'), 0, 20)).toBe(Number('123456789012345678.5'));
    expect(parseNumber(bytes(' 1.5E+3 '), 0, 8)).toBe(1500);
  });

  it('cut times to microseconds', () => {
    const shifted = (text: string, shift: number): number => parseShifted(bytes(text), 0, text.length, shift);
    expect(shifted('34200.004241176', 6)).toBe(34_200_004_241);
    expect(shifted('1723161253937085768', -3)).toBe(1_723_161_253_937_085);
    expect(shifted('14400054', 3)).toBe(14_400_054_000);
    expect(shifted('-5', 3)).toBeNaN();
    expect(shifted('99999999999999999999', 6)).toBeNaN();
  });

  it('read times by pattern', () => {
    const read = (pattern: string, text: string): string => {
      const at = patternReader(pattern)(bytes(text), 0, text.length);
      return Number.isNaN(at) ? 'bad' : isoMicros(at);
    };
    expect(read('YYYYMMDD HH:mm', '19980102 00:00')).toBe('1998-01-02T00:00:00.000000Z');
    expect(read('M/D/YYYY h:mm:ss A', '1/12/2015 12:02:41 AM')).toBe('2015-01-12T00:02:41.000000Z');
    expect(read('M/D/YYYY h:mm:ss A', '1/12/2015 1:02:41 PM')).toBe('2015-01-12T13:02:41.000000Z');
    expect(read('DD.MM.YYYY HH:mm:ss.S', '31.12.2024 23:59:59.1234567')).toBe('2024-12-31T23:59:59.123456Z');
    for (const text of ['31.02.2024', '1.1.2024', '31-12-2024', '31.12.2024x'])
      expect(read('DD.MM.YYYY', text)).toBe('bad');
  });
});

const trades = {
  kind: 'trade',
  instrument: 'X',
  time: { column: 0, format: 's' },
  columns: { price: 1, size: 2 },
};

describe('CSV rows', () => {
  it('that are bad are counted with their place and left out', async () => {
    const path = file(
      'bad.csv',
      '1,10,1\n2,-5,1\n3,0,1\n4,abc,1\n5,10,-1\nx,10,1\n\n6,10\n3,10,1\n7,1e999,1\n8,11,2',
    );
    const { events, bad } = await replayed({ path, csv: trades }, ['X']);
    expect(events.map((e) => (e as TradeEvent).price)).toEqual([10, 11]);
    expect(bad.map((b) => `${b.kind} ${b.place.slice(-2)} ${b.sample}`)).toEqual([
      'negative_price :2 2,-5,1', 'zero_price :3 3,0,1', 'not_a_number :4 4,abc,1', 'negative_size :5 5,10,-1', 'malformed :6 x,10,1',
      'not_a_number :8 6,10', 'time_backwards :9 3,10,1', 'not_a_number 10 7,1e999,1',
    ]); // prettier-ignore
    await expect(replayed({ path, csv: trades, on_bad: 'halt' }, ['X'])).rejects.toThrow(
      `${path}:2: negative_price: 2,-5,1`,
    );
  });

  it('may have a header, quotes, other delimiters, CRLF, instruments in a column', async () => {
    const path = file(
      'mixed.csv',
      'made by hand\r\nWhen;"What";Price;"Who, then"\r\n2024-01-02T03:04:05Z;X;"1.5";"a;""b"""\r\n2024-01-02 03:04:06;Y;2;c\r\n2024-01-02T03:04:07Z;Z;2;c\r\n',
    );
    const csv = {
      kind: 'trade',
      delimiter: ';',
      header: true,
      skip_rows: 1,
      instrument: { column: 'What' },
      time: { column: 'When', format: 'iso' },
      columns: { price: 'Price', trade_id: 'Who, then' },
    };
    const { events, bad } = await replayed({ path, csv }, ['X', 'Y']);
    expect(
      events.map((e) => [
        (e as TradeEvent).instrument,
        (e as TradeEvent).price,
        (e as TradeEvent).tradeId,
        (e as TradeEvent).size,
      ]),
    ).toEqual([
      ['X', 1.5, 'a;"b"', 0],
      ['Y', 2, 'c', 0],
    ]);
    expect(bad.map((b) => b.kind)).toEqual(['unknown_instrument']);
    await expect(replayed({ path, csv: { ...csv, columns: { price: 'Cost' } } }, ['X'])).rejects.toThrow(
      /has no column "Cost"/,
    );
  });

  it('are the same however the file is cut into chunks', async () => {
    const rows = Array.from({ length: 60_000 }, (_, i) => `${i},${1 + (i % 977) / 8},${i % 13}`);
    const { events, bad } = await replayed({ path: file('long.csv', rows.join('\n')), csv: trades }, ['X']);
    expect(bad).toEqual([]);
    expect(events.map((e) => `${e.at / 1e6},${(e as TradeEvent).price},${(e as TradeEvent).size}`)).toEqual(
      rows,
    );
  });

  it('merge by time, then file order, then line', async () => {
    const a = file('a.csv', '1,1,1\n3,2,1\n3,3,1');
    const b = file('b.csv', '2,4,1\n3,5,1\n4,6,1');
    const prices = async (path: string[]): Promise<number[]> =>
      (await replayed({ path, csv: trades }, ['X'])).events.map((e) => (e as TradeEvent).price);
    expect(await prices([a, b])).toEqual([1, 4, 2, 3, 5, 6]);
    expect(await prices([b, a])).toEqual([1, 4, 5, 2, 3, 6]);
  });

  it('of one-sided quotes keep the other side; a missing side of a quote is no side', async () => {
    const path = file('q.csv', '1,10,5,0,0\n2,0,0,11,6\n3,12,1,0,0\n4,0,0,0,0');
    const csv = {
      kind: 'quote',
      instrument: 'X',
      time: { column: 0, format: 's' },
      columns: { bid: 1, bid_size: 2, ask: 3, ask_size: 4 },
      one_sided: true,
    };
    const { events, bad } = await replayed({ path, csv }, ['X']);
    expect(events.map((e) => e as QuoteEvent).map((e) => [e.bid, e.bidSize, e.ask, e.askSize])).toEqual([
      [10, 5, NaN, 0],
      [10, 5, 11, 6],
      [12, 1, 11, 6],
    ]);
    expect(bad.map((b) => b.kind)).toEqual(['missing_field']);
    // The range of time leaves out events, not what they taught.
    const late = await replayed({ path, csv, from: '1970-01-01T00:00:03Z' }, ['X']);
    expect(late.events).toMatchObject([{ bid: 12, ask: 11 }]);
  });

  it('of quote bars may lack a side; a bad side spoils the row', async () => {
    const path = file('qb.csv', '0,1,2,1,2,5,,,,,\n60,1,2,1,2,5,3,2,3,3,5\n120,1,2,1,2,5,3,3,3,3,5');
    const columns = {
      bid_open: 1,
      bid_high: 2,
      bid_low: 3,
      bid_close: 4,
      bid_size: 5,
      ask_open: 6,
      ask_high: 7,
      ask_low: 8,
      ask_close: 9,
      ask_size: 10,
    };
    const csv = {
      kind: 'quote_bar',
      instrument: 'X',
      time: { column: 0, format: 's', every: '1m' },
      columns,
      emit_quote: true,
    };
    const { events, bad } = await replayed({ path, csv }, ['X']);
    expect(events.map((e) => `${e.at / 1e6} ${e.kind} ${(e as BarEvent).basis ?? ''}`.trim())).toEqual([
      '60 bar bid',
      '60 quote',
      '180 bar bid',
      '180 bar ask',
      '180 quote',
    ]);
    expect(bad.map((b) => b.kind)).toEqual(['inverted_bar']);
  });

  it('of a file whose name tells no date are refused at the start', async () => {
    const path = file('nodate.csv', '1,10,1');
    const csv = { ...trades, time: { column: 0, format: 'ms_since_midnight' } };
    await expect(replayed({ path, csv }, ['X'])).rejects.toThrow(/cannot tell the date/);
    await expect(replayed({ path, csv: trades }, ['Y'])).rejects.toThrow(/unknown instrument X/);
  });
});

it('the mapping schema names what is wrong, all at once', () => {
  const wrong = {
    kind: 'bar',
    instrument: 'X',
    time: { column: 0, format: 'when', zone: 'Mars' },
    colums: {},
    session: '9-5',
    filter: [{ column: 1 }],
  };
  const issues =
    csvMapping.safeParse(wrong).error?.issues.map((issue) => issue.path.join('.') || issue.code) ?? [];
  expect(issues.sort()).toEqual([
    'columns',
    'filter.0',
    'session',
    'time',
    'time.format',
    'time.zone',
    'unrecognized_keys',
  ]);
  const missing = csvMapping.safeParse({ kind: 'bar', instrument: 'X', time: { column: 0, format: 'iso' } });
  expect(missing.error?.issues.map((issue) => issue.message)).toEqual([
    'kind bar needs the column close',
    'bars need every, for example 1m',
  ]);
  expect(
    replaySpec.config
      .safeParse({ path: 'a', pace: 'fast', from: 'yesterday' })
      .error?.issues.map((i) => i.path.join('.')),
  ).toEqual(['pace', 'from']);
});
