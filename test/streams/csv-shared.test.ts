import { describe, expect, it } from 'vitest';
import type { BarEvent, BookEvent, QuoteEvent, TradeEvent } from '../../src/model/event.js';
import { isoMicros } from '../../src/model/time.js';
import { sharedData } from '../support/shared-data.js';
import { csvMappings, replayed } from './support.js';

const root = sharedData('market');
const head = (e: { kind: string; at: number; instrument: string }): string =>
  `${isoMicros(e.at)} ${e.kind} ${e.instrument}`;

async function load(
  path: string | string[],
  mapping: string,
  symbols: string[],
  more: Record<string, unknown> = {},
  change: Record<string, unknown> = {},
) {
  const csv = { ...csvMappings[mapping], ...change };
  const { events, bad } = await replayed({ path, csv, ...more }, symbols, root);
  expect(bad).toEqual([]);
  return events;
}

describe.skipIf(root === undefined)('every CSV folder of the recorded data, by mapping', () => {
  it('us-equity/tick quotes: one-sided rows', async () => {
    const events = (await load('us-equity/tick/ibm/*_Quote_Tick.csv.gz', 'us-equity-tick-quote', [
      'IBM',
    ])) as QuoteEvent[];
    // Three rows are marked suspicious.
    expect(events.length).toBe(109_067 + 125_750 + 135_492 + 105_428 + 99_852 - 3);
    expect(events.slice(0, 3).map((e) => [head(e), e.bid, e.bidSize, e.ask, e.askSize])).toEqual([
      ['2013-10-07T08:00:00.054000Z quote IBM', NaN, 0, 183.63, 100],
      ['2013-10-07T08:00:00.241000Z quote IBM', 180.01, 300, 183.63, 100],
      ['2013-10-07T08:00:00.241000Z quote IBM', 180.01, 300, 181.8, 3000],
    ]);
    expect(head(events.at(-1) as QuoteEvent)).toBe('2013-10-12T00:00:00.064000Z quote IBM');
  });

  it('us-equity/tick trades', async () => {
    const events = (await load('us-equity/tick/ibm/*_Trade_Tick.csv.gz', 'us-equity-tick-trade', [
      'IBM',
    ])) as TradeEvent[];
    expect(events.length).toBe(24_293 + 33_381 + 27_042 + 22_415 + 19_264);
    expect(events[0]).toMatchObject({
      price: 181.52,
      size: 283,
      aggressor: 0,
      at: Date.UTC(2013, 9, 7, 8, 0, 30, 270) * 1_000,
    });
  });

  it('us-equity/tick aig: both files merged', async () => {
    const trades = await load('us-equity/tick/aig/*_Trade_Tick.csv.gz', 'us-equity-tick-trade', ['AIG']);
    const quotes = await load('us-equity/tick/aig/*_Quote_Tick.csv.gz', 'us-equity-tick-quote', ['AIG']);
    expect([trades.length, quotes.length]).toEqual([52_008, 1_424_012]);
  });

  it('us-equity/second', async () => {
    const trades = (await load(
      'us-equity/second/ibm/*_trade.csv.gz',
      'us-equity-bar-trade',
      ['IBM'],
      {},
      { time: { column: 0, format: 'ms_since_midnight', zone: 'America/New_York', every: '1s' } },
    )) as BarEvent[];
    expect(trades.length).toBe(5_123 + 6_826 + 5_482 + 5_060 + 4_014);
    expect(trades[0]).toMatchObject({ basis: 'trade', every: 1_000_000, open: 181.52, volume: 283 });
    expect(head(trades[0] as BarEvent)).toBe('2013-10-07T08:00:31.000000Z bar IBM');
    const quotes = await load(
      'us-equity/second/ibm/*_quote.csv.gz',
      'us-equity-bar-quote',
      ['IBM'],
      {},
      { time: { column: 0, format: 'ms_since_midnight', zone: 'America/New_York', every: '1s' } },
    );
    expect(quotes.length).toBe(2 * (11_676 + 12_801 + 12_640 + 11_599 + 10_934));
  });

  it('us-equity/minute: a bar is delivered at its end; session and adjustment', async () => {
    const all = (await load('us-equity/minute/spy/*_trade.csv.gz', 'us-equity-bar-trade', [
      'SPY',
    ])) as BarEvent[];
    expect(all[0]).toMatchObject({ open: 167.65, close: 167.65, volume: 20_000, every: 60_000_000 });
    expect(isoMicros((all[0] as BarEvent).start)).toBe('2013-10-04T08:06:00.000000Z');
    expect(head(all[0] as BarEvent)).toBe('2013-10-04T08:07:00.000000Z bar SPY');

    const days = (await load(
      'us-equity/minute/spy/2013101*_trade.csv.gz',
      'us-equity-bar-trade',
      ['SPY'],
      {},
      { session: '09:30-16:00', adjust: { file: 'us-equity/factor_files/{instrument}.csv' } },
    )) as BarEvent[];
    expect(days.length).toBe(780);
    expect(head(days[0] as BarEvent)).toBe('2013-10-10T13:31:00.000000Z bar SPY');
    expect(head(days.at(-1) as BarEvent)).toBe('2013-10-11T20:00:00.000000Z bar SPY');

    const quotes = (await load(
      'us-equity/minute/spy/20131007_*_quote.csv.gz',
      'us-equity-bar-quote',
      ['SPY'],
      {},
      {
        session: '09:30-16:00',
        adjust: { file: 'us-equity/factor_files/{instrument}.csv' },
        emit_quote: true,
      },
    )) as (BarEvent | QuoteEvent)[];
    expect(quotes.length).toBe(3 * 390);
    // What LEAN's buy-and-hold fills at: the ask close of the first regular minute, adjusted.
    expect(quotes[2]).toMatchObject({ kind: 'quote', ask: 144.78172417 });
    expect(quotes.slice(0, 3).map((e) => e.kind === 'bar' && e.basis)).toEqual(['bid', 'ask', false]);
  });

  it('us-equity/minute: counts of every folder, and the split of AAPL', async () => {
    const count = async (folder: string, symbol: string): Promise<number> =>
      (await load(`us-equity/minute/${folder}/*_trade.csv.gz`, 'us-equity-bar-trade', [symbol])).length +
      (await load(`us-equity/minute/${folder}/*_quote.csv.gz`, 'us-equity-bar-quote', [symbol])).length / 2;
    expect([await count('spy', 'SPY'), await count('ibm', 'IBM'), await count('aapl', 'AAPL')]).toEqual([
      10_251, 5_964, 4_815,
    ]);
    const adjusted = (await load(
      'us-equity/minute/aapl/*_trade.csv.gz',
      'us-equity-bar-trade',
      ['AAPL'],
      {},
      { session: '09:30-16:00', adjust: { file: 'us-equity/factor_files/aapl.csv', volume: true } },
    )) as BarEvent[];
    const [before, after] = [adjusted[389 + 390], adjusted[390 + 390]] as [BarEvent, BarEvent];
    expect([isoMicros(before.at), isoMicros(after.at)]).toEqual([
      '2014-06-06T20:00:00.000000Z',
      '2014-06-09T13:31:00.000000Z',
    ]);
    expect(Math.abs(after.close / before.close - 1)).toBeLessThan(0.01);
  });

  it('us-equity/daily: delivered at the close of the session, in summer and winter time', async () => {
    const events = (await load('us-equity/daily/*.csv.gz', 'us-equity-daily', [
      'SPY',
      'AAPL',
      'IBM',
    ])) as BarEvent[];
    expect(events.length).toBe(17_547);
    expect(head(events[0] as BarEvent)).toBe('1998-01-02T21:00:00.000000Z bar AAPL');
    expect(isoMicros((events[0] as BarEvent).start)).toBe('1998-01-02T05:00:00.000000Z');
    expect(head(events.at(-1) as BarEvent)).toBe('2021-03-31T20:00:00.000000Z bar SPY');
    expect(events.at(-1)).toMatchObject({
      open: 395.35,
      high: 398,
      low: 395.33,
      close: 396.33,
      volume: 90_673_494,
    });
  });

  it('crypto-bars/coinbase', async () => {
    const trades = (await load('crypto-bars/coinbase/btcusd/*_trade.csv.gz', 'crypto-bar-trade', [
      'BTCUSD',
    ])) as BarEvent[];
    const quotes = (await load('crypto-bars/coinbase/btcusd/*_quote.csv.gz', 'crypto-bar-quote', [
      'BTCUSD',
    ])) as (BarEvent | QuoteEvent)[];
    expect([trades.length, quotes.length]).toEqual([2_447, 3 * 2_873]);
    expect(trades[0]).toMatchObject({
      at: Date.UTC(2018, 3, 4, 0, 1) * 1_000,
      open: 7424.91,
      low: 7422,
      volume: 7.14319709,
    });
    expect(quotes[2]).toMatchObject({
      kind: 'quote',
      bid: 7424.9,
      bidSize: 1.88483821,
      ask: 7424.91,
      askSize: 33.35399601000002,
    });
  });

  it('crypto-bars/btc-perp: labelled by the end', async () => {
    const events = (await load('crypto-bars/btc-perp/*.csv.gz', 'btc-perp', ['BTC-PERP'])) as BarEvent[];
    expect(events.length).toBe(45_031);
    expect(head(events[0] as BarEvent)).toBe('2021-12-31T23:01:00.000000Z bar BTC-PERP');
    expect(isoMicros((events[0] as BarEvent).start)).toBe('2021-12-31T23:00:00.000000Z');
    expect(events[0]).toMatchObject({ open: 46319, close: 46377, volume: 2300413.7295 });
    expect(head(events.at(-1) as BarEvent)).toBe('2022-02-01T05:31:00.000000Z bar BTC-PERP');
  });

  it('fx: file day in UTC-05', async () => {
    const ticks = (await load('fx/fxcm/tick/*.csv.gz', 'fx-tick', ['EURUSD'])) as QuoteEvent[];
    expect(ticks.length).toBe(167_466);
    expect(ticks[0]).toMatchObject({ bid: 1.39147, ask: 1.39148, bidSize: 0 });
    expect(head(ticks[0] as QuoteEvent)).toBe('2014-05-08T05:00:17.007000Z quote EURUSD');
    expect(head(ticks.at(-1) as QuoteEvent)).toBe('2014-05-09T04:59:59.235000Z quote EURUSD');
    expect((await load('fx/fxcm/minute/*.csv.gz', 'fx-minute', ['EURUSD'])).length).toBe(2 * 1_431);
  });

  it('lobster: executions and book rows with the times of the message file', async () => {
    const trades = (await load('lobster/*message*.csv.gz', 'lobster-message', ['AAPL'])) as TradeEvent[];
    expect(trades.length).toBe(98 + 61);
    const books = (await load('lobster/*orderbook*.csv.gz', 'lobster-orderbook', ['AAPL'])) as BookEvent[];
    expect(books.length).toBe(999);
    expect(books[0]).toMatchObject({ snapshot: true, at: Date.UTC(2012, 5, 21, 13, 30) * 1_000 + 4_241 });
    expect((books[0] as BookEvent).asks.slice(0, 4)).toEqual([585.94, 200, 585.98, 200]);
    expect((books[0] as BookEvent).bids.slice(0, 4)).toEqual([585.33, 18, 585.3, 150]);
    expect(isoMicros((books.at(-1) as BookEvent).at)).toBe('2012-06-21T13:30:49.086375Z');
  });

  it('reference-indicators', async () => {
    const files: Record<string, [mapping: string, bars: number]> = {
      'spy_atr.txt.gz': ['indicators-us-time', 501],
      'spy_atr_wilder.txt.gz': ['indicators-us-time', 501],
      'spy_bollinger_bands.txt.gz': ['indicators-us-time', 500],
      'spy_kama.txt.gz': ['indicators-us-time', 500],
      'spy_with_adx.txt.gz': ['indicators-us-date', 504],
      'spy_with_indicators.txt.gz': ['indicators-close-only', 500],
      'spy_with_keltner.csv.gz': ['indicators-us-time', 501],
      'spy_with_macd.txt.gz': ['indicators-iso-date', 362],
      'spy_with_obv.txt.gz': ['indicators-us-time', 501],
      'spy_with_stoch12k3.txt.gz': ['indicators-us-time', 501],
      'spy_with_vwap.txt.gz': ['indicators-us-time', 501],
    };
    for (const [file, [mapping, bars]] of Object.entries(files)) {
      const { events, bad } = await replayed(
        { path: `reference-indicators/${file}`, csv: csvMappings[mapping] },
        ['SPY'],
        root,
      );
      expect([file, events.length, bad]).toEqual([file, bars, []]);
    }
  });
});
