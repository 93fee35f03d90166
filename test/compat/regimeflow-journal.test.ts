import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRegimeFlow, toRegimeFlow } from '../../src/compat/index.js';
import { dec } from '../../src/model/decimal.js';
import type { Event } from '../../src/model/record.js';
import { makeBar, makeBook, makeHalt, makeLog, makeQuote, makeTrade } from '../../src/model/make.js';
import { tempFolder } from '../sinks/journal/support/disk.js';
import { turn } from '../sinks/journal/support/events.js';

const symbols = ['AAPL', 'MSFT'];
const instrument = (symbol: number, name: string): { symbol: string; ix: number } | undefined => {
  const found = name === '' ? symbols[symbol] : name;
  return found === undefined ? undefined : { symbol: found, ix: symbols.indexOf(found) };
};

function file(text: string): string {
  const path = join(tempFolder(), 'replay.jsonl');
  writeFileSync(path, text);
  return path;
}
const line = (over: object = {}, data: object = {}): string =>
  JSON.stringify({
    schema: 'regimeflow.replay.v1',
    timestamp_us: 1_000,
    type: 'market',
    priority: 10,
    sequence: 0,
    symbol: 1,
    kind: 'tick',
    data: { timestamp_us: 990, symbol: 1, price: 12.5, quantity: 3, flags: 0, ...data },
    ...over,
  });

describe('reading regimeflow.replay.v1', () => {
  it('gives market events with the time they came in, in file order', () => {
    const path = file(
      [
        line(),
        '',
        line(
          { timestamp_us: 900, kind: 'bar', symbol: 0 },
          {
            timestamp_us: 0,
            symbol: 0,
            open: 1,
            high: 3,
            low: 0.5,
            close: 2,
            volume: 9,
            trade_count: 4,
            vwap: 2,
          },
        ),
        line({ type: 'system', kind: 'timer', priority: 0, data: { code: 0, id: '' } }),
        line({ timestamp_us: 2_000, kind: 'quote' }, { bid: 1, ask: 2 }),
        line(
          { timestamp_us: 3_000, kind: 'book' },
          {
            bids: [
              [10, 1, 2],
              [9, 2, 1],
            ],
            asks: [[11, 5, 1]],
          },
        ),
        line({ symbol: 9 }),
        '',
      ].join('\n'),
    );
    const { events, summary } = readRegimeFlow(path, { source: 'rf', instrument });
    expect([...events].map((event) => ({ ...event }))).toEqual([
      { ...makeTrade('rf', 990, 'MSFT', 1, 12.5, 3, 0, ''), at: 1_000 },
      {
        ...makeBar('rf', 0, 'AAPL', 0, {
          basis: 'trade',
          every: 60_000_000,
          start: 0,
          open: 1,
          high: 3,
          low: 0.5,
          close: 2,
          volume: 9,
          count: 4,
        }),
        at: 1_000,
      },
      { ...makeQuote('rf', 990, 'MSFT', 1, 1, 0, 2, 0), at: 2_000 },
      { ...makeBook('rf', 990, 'MSFT', 1, true, [10, 1, 9, 2], [11, 5], 0, 0, 0), at: 3_000 },
    ]);
    expect(summary()).toEqual({ lines: 7, events: 4, skipped: 2, torn: false });
  });

  it('leaves out a torn last line and says so', () => {
    for (const cut of [1, 20, line().length - 1]) {
      const { events, summary } = readRegimeFlow(file(`${line()}\n${line().slice(0, cut)}`), {
        source: 'rf',
        instrument,
      });
      expect([...events]).toHaveLength(1);
      expect(summary().torn).toBe(true);
    }
  });

  it.each([
    ['{"schema', /line=2; .*JSON/],
    [line({ priority: undefined }), /line=2; priority: /],
    [line({ schema: 'regimeflow.replay.v2' }), /line=2; schema: /],
    [line({}, { price: 'high' }), /line=2; price: /],
    [line({ kind: 'candle' }), /line=2; a market line of kind "candle" is not known/],
  ])('is strict everywhere else: %#', (bad, message) => {
    const { events } = readRegimeFlow(file(`${line()}\n${bad}\n${line()}\n`), { source: 'rf', instrument });
    expect(() => [...events]).toThrow(message);
  });
});

describe('writing it', () => {
  it('has the real sequence and the symbol text, and reads back', () => {
    const given: Event[] = [
      turn(7, makeTrade('m', 5, 'MSFT', 1, 12.5, 3, 1, 'x')).input,
      turn(8, makeQuote('m', 5, 'AAPL', 0, NaN, 0, 2, 1)).input,
    ];
    const lines = given.map((event) => toRegimeFlow(event));
    expect(lines.map((text) => JSON.parse(text ?? '') as object)).toMatchObject([
      {
        schema: 'regimeflow.replay.v1',
        type: 'market',
        priority: 10,
        sequence: 7,
        symbol: 1,
        instrument: 'MSFT',
        kind: 'tick',
      },
      { sequence: 8, symbol: 0, instrument: 'AAPL', kind: 'quote', data: { bid: 0, ask: 2 } },
    ]);
    const { events } = readRegimeFlow(file(`${lines.join('\n')}\n`), {
      source: 'm',
      instrument: (_, name) => instrument(-1, name),
    });
    expect([...events].map(({ kind, instrument: name, ix, at, ts }) => [kind, name, ix, at, ts])).toEqual([
      ['trade', 'MSFT', 1, given[0]?.at, 5],
      ['quote', 'AAPL', 0, given[1]?.at, 5],
    ]);
  });

  it('gives orders and halts their kinds, and nothing for what has no place there', () => {
    const fill = {
      kind: 'execution',
      seq: 3,
      sub: 0,
      at: 9,
      ts: 8,
      source: 'f',
      broker: 'sim',
      account: 'a',
      report: 'fill',
      clientOrderId: 'c-1',
      venueOrderId: '77',
      execId: 'e1',
      instrument: 'MSFT',
      ix: 1,
      side: 'buy',
      fill: {
        quantity: dec('0.5'),
        price: dec('10.25'),
        fee: dec('0.01'),
        feeCurrency: 'USD',
        liquidity: 'maker',
      },
      cumulative: undefined,
      quantity: undefined,
      limitPrice: undefined,
      stopPrice: undefined,
      reason: '',
    } as const;
    expect(JSON.parse(toRegimeFlow(fill) ?? '')).toMatchObject({
      type: 'order',
      priority: 20,
      kind: 'fill',
      sequence: 3,
      instrument: 'MSFT',
      data: {
        order_id: 77,
        fill_id: 0,
        exec_id: 'e1',
        quantity: 0.5,
        price: 10.25,
        commission: 0.01,
        is_maker: true,
        client_order_id: 'c-1',
      },
    });
    expect(JSON.parse(toRegimeFlow(makeHalt('KILL', 'x')) ?? '')).toMatchObject({
      type: 'system',
      priority: 0,
      kind: 'trading_halt',
      data: { id: 'KILL' },
    });
    expect(toRegimeFlow(makeLog('info', 'A', 'b'))).toBeUndefined();
  });
});
