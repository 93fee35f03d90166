import { describe, expect, it } from 'vitest';
import { dailyRows, market, rows, runFiles, type Outcome } from './support.js';

/**
 * Other data and other options, held against plain loops over the rows of the files: the loops share no code with the
 * engine, only the rules the topology asks for.
 */

interface Row {
  /** End of the bar, in ms. */
  readonly end: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly bid: number;
  readonly ask: number;
}

interface Wanted {
  readonly time: string;
  readonly quantity: number;
  readonly price: number;
  readonly fee: number;
}

const MINUTE = 60_000;
/** Orders may leave after the close; the venue fills them at the next open. */
const NEXT_OPEN = ['operators.risk.limits.session=ignore'];
const time = (ms: number): string => new Date(ms).toISOString();
const perShare = (quantity: number): number => Math.max(1, Math.abs(quantity) * 0.005);

function compare(run: Outcome, wanted: readonly Wanted[], equity: number, digits = 6): void {
  expect(run.fills.map((fill) => fill.time)).toEqual(wanted.map((fill) => fill.time));
  wanted.forEach((fill, i) => {
    expect(run.fills[i]?.quantity).toBeCloseTo(fill.quantity, 9);
    expect(run.fills[i]?.price).toBeCloseTo(fill.price, 9);
    expect(run.fills[i]?.fee).toBeCloseTo(fill.fee, 9);
  });
  expect(Number(run.summary.equity)).toBeCloseTo(equity, digits);
  expect(Number(run.summary.fees)).toBeCloseTo(
    wanted.reduce((sum, fill) => sum + fill.fee, 0),
    digits,
  );
  expect(run.summary.bad).toEqual({});
  expect(run.summary.denied).toEqual({});
}

/** Price factor times split factor of a date, `YYYYMMDD` as a number. */
function factorOf(symbol: string, date: number): number {
  const row = rows('us-equity', 'factor_files', `${symbol}.csv`).find(([until = 0]) => until >= date);
  return (row?.[1] ?? 1) * (row?.[2] ?? 1);
}

/** Adjusted minute bars of the regular session; New York is four hours behind UTC. */
function minutes(symbol: string, days: readonly number[]): Row[] {
  return days.flatMap((date) => {
    const factor = factorOf(symbol, date) / 10_000;
    const text = String(date);
    const midnight = Date.parse(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}T04:00:00Z`);
    const file = (kind: string): string => `${date}_${symbol}_minute_${kind}.csv.gz`;
    const quotes = new Map(
      rows('us-equity', 'minute', symbol, file('quote')).map((row) => [row[0], row] as const),
    );
    return rows('us-equity', 'minute', symbol, file('trade'))
      .filter(([ms = 0]) => ms >= 34_200_000 && ms < 57_600_000)
      .map(([ms = 0, open = 0, high = 0, low = 0, close = 0]) => ({
        end: midnight + ms + MINUTE,
        open: open * factor,
        high: high * factor,
        low: low * factor,
        close: close * factor,
        bid: (quotes.get(ms)?.[4] ?? NaN) * factor,
        ask: (quotes.get(ms)?.[9] ?? NaN) * factor,
      }));
  });
}

/** 1 above, -1 below, 0 nothing new: the side of the fast average at each value where it changes. */
function sides(
  values: readonly number[],
  fast: number,
  slow: number,
  seed: 'mean' | 'first',
  start: boolean,
): number[] {
  const average = (n: number): number[] => {
    const out: number[] = [];
    let sum = 0;
    values.forEach((value, i) => {
      sum += value;
      const before = out[i - 1];
      if (seed === 'mean' && i < n) out.push(sum / (i + 1));
      else if (before === undefined) out.push(value);
      else out.push(before + (2 / (n + 1)) * (value - before));
    });
    return out;
  };
  const [a, b] = [average(fast), average(slow)];
  let side = 0;
  return values.map((_, i) => {
    if (i + 1 < slow) return 0;
    const now = Math.sign((a[i] ?? 0) - (b[i] ?? 0));
    if (now === 0 || now === side) return 0;
    const first = side === 0;
    side = now;
    return first && !start ? 0 : now;
  });
}

describe.skipIf(market === undefined)('variations, each against a plain loop', () => {
  it('AAPL over a split: adjusted prices, sized by equity', async () => {
    const run = await runFiles(['desk.yaml', 'aapl-split.yaml']);
    const bars = minutes('aapl', [20140605, 20140606, 20140609]);
    const first = bars[0] as Row;
    let quantity = Math.floor(99_750 / first.close);
    while (quantity * first.close + perShare(quantity) > 99_750) quantity--;
    const last = bars.at(-1)?.close ?? NaN;
    const fee = perShare(quantity);
    compare(
      run,
      [{ time: time(first.end), quantity, price: first.close, fee }],
      100_000 - fee + quantity * (last - first.close),
    );
    // Not adjusted, the same position would seem to lose six sevenths on the ninth.
    const raw = await runFiles(
      ['desk.yaml', 'aapl-split.yaml'],
      ['sources.trades.csv.adjust.file=${MARKET}/us-equity/factor_files/ibm.csv'],
    );
    expect(Number(raw.summary.equity)).toBeLessThan(20_000);
    expect(run.summary.maxDrawdown).toBeLessThan(0.02);
  });

  it('Coinbase: fractions of a coin, sized by equity, fees in bps', async () => {
    const run = await runFiles(['desk.yaml', 'coinbase.yaml']);
    const trades = [20180404, 20180405].flatMap((date, day) =>
      rows('crypto-bars', 'coinbase', 'btcusd', `${date}_btcusd_minute_trade.csv.gz`).map(
        (row) => [Date.UTC(2018, 3, 4 + day) + (row[0] ?? 0) + MINUTE, row[4] ?? NaN] as const,
      ),
    );
    const quotes = new Map(
      [20180404, 20180405].flatMap((date, day) =>
        rows('crypto-bars', 'coinbase', 'btcusd', `${date}_btcusd_minute_quote.csv.gz`).map(
          (row) =>
            [
              Date.UTC(2018, 3, 4 + day) + (row[0] ?? 0) + MINUTE,
              { bid: row[4] ?? NaN, ask: row[9] ?? NaN },
            ] as const,
        ),
      ),
    );
    let touch = { bid: NaN, ask: NaN };
    let [cash, held, close] = [10_000, 0, NaN];
    const wanted: Wanted[] = [];
    const turns = sides(
      trades.map(([, price]) => price),
      15,
      60,
      'mean',
      true,
    );
    const ends = [...quotes.keys()];
    let q = 0;
    trades.forEach(([end, price], i) => {
      close = price;
      while ((ends[q] ?? Infinity) <= end) touch = quotes.get(ends[q++] ?? 0) ?? touch;
      const turn = turns[i] ?? 0;
      if (turn === 0) return;
      const budget = 0.5 * (cash + held * price);
      const target = turn > 0 ? Math.floor((budget / (price * 1.003)) * 1e8 + 1e-6) / 1e8 : 0;
      const quantity = Number((target - held).toFixed(8));
      if (quantity === 0) return;
      const at = quantity > 0 ? touch.ask : touch.bid;
      const fee = Math.abs(quantity) * at * 0.003;
      cash -= quantity * at + fee;
      held = target;
      wanted.push({ time: time(end), quantity, price: at, fee });
    });
    expect(wanted.length).toBeGreaterThan(10);
    compare(run, wanted, cash + held * close);
  });

  it('FX quote bars of a day in UTC-05: mid in, other side out, long and short', async () => {
    const run = await runFiles(['desk.yaml', 'fxcm.yaml']);
    const bars = rows('fx', 'fxcm', 'minute', '20140508_eurusd_minute_quote.csv.gz').map((row) => ({
      end: Date.UTC(2014, 4, 8, 5) + (row[0] ?? 0) + MINUTE,
      bid: row[4] ?? NaN,
      ask: row[9] ?? NaN,
    }));
    const turns = sides(
      bars.map(({ bid, ask }) => (bid + ask) / 2),
      10,
      30,
      'mean',
      false,
    );
    let [cash, held] = [10_000, 0];
    const wanted: Wanted[] = [];
    bars.forEach(({ end, bid, ask }, i) => {
      const turn = turns[i] ?? 0;
      const quantity = turn * 50_000 - held;
      if (turn === 0 || quantity === 0) return;
      const price = quantity > 0 ? ask : bid;
      cash -= quantity * price;
      held += quantity;
      wanted.push({ time: time(end), quantity, price, fee: 0 });
    });
    expect(wanted.length).toBeGreaterThan(20);
    const last = bars.at(-1);
    compare(run, wanted, cash + held * ((held > 0 ? last?.bid : last?.ask) ?? NaN));
  });

  it('perpetual bars labelled by their end: filled at the next open, one tick worse', async () => {
    const run = await runFiles(['desk.yaml', 'perp-ema.yaml']);
    const bars = rows('crypto-bars', 'btc-perp', 'btc-perp-20211231-20220201_1m.csv.gz')
      .slice(1)
      .map(([, open = NaN, , , close = NaN], i) => ({ end: Date.UTC(2021, 11, 31, 23, 1 + i), open, close }))
      .filter(({ end }) => end < Date.UTC(2022, 0, 3));
    const turns = sides(
      bars.map(({ close }) => close),
      20,
      50,
      'first',
      true,
    );
    let [cash, held] = [1_000_000, 0];
    const wanted: Wanted[] = [];
    bars.forEach(({ end, open }, i) => {
      const turn = turns[i - 1] ?? 0;
      const quantity = turn * 1.5 - held;
      if (turn === 0 || quantity === 0) return;
      const price = Number((open + Math.sign(quantity) * 0.1).toFixed(1));
      const fee = Math.abs(quantity) * price * 0.0005;
      cash -= quantity * price + fee;
      held += quantity;
      wanted.push({ time: time(end), quantity, price, fee });
    });
    expect(wanted.length).toBeGreaterThan(50);
    compare(run, wanted, cash + held * (bars.at(-1)?.close ?? NaN));
  });

  it('IBM minutes: closes of the quote bars, and the next open after the last bar of a day', async () => {
    const run = await runFiles(['desk.yaml', 'ibm-minute.yaml', 'ibm-ema.yaml'], NEXT_OPEN);
    const bars = minutes('ibm', [20131004, 20131007, 20131008, 20131009, 20131010, 20131011]);
    const turns = sides(
      bars.map(({ close }) => close),
      2,
      3,
      'mean',
      false,
    );
    let [cash, held, overnight] = [100_000, 0, 0];
    let waiting = 0;
    const wanted: Wanted[] = [];
    const fill = (end: number, quantity: number, price: number): void => {
      const fee = perShare(quantity);
      cash -= quantity * price + fee;
      wanted.push({ time: time(end), quantity, price, fee });
    };
    bars.forEach(({ end, open, bid, ask }, i) => {
      if (waiting !== 0) {
        fill(end, waiting, open);
        waiting = 0;
      }
      const quantity = turns[i] === 0 ? 0 : (turns[i] ?? 0) * 100 - held;
      if (quantity === 0) return;
      held += quantity;
      if ((end - 4 * 3_600_000) % 86_400_000 === 57_600_000) {
        waiting = quantity;
        overnight++;
      } else fill(end, quantity, quantity > 0 ? ask : bid);
    });
    expect(wanted.length).toBeGreaterThan(100);
    expect(overnight).toBeGreaterThan(0);
    compare(run, wanted, cash + (held - waiting) * (bars.at(-1)?.close ?? NaN));
  });

  it('SPY daily: all in or out at the next open for twenty-three years', async () => {
    const run = await runFiles(
      ['desk.yaml', 'spy-ema-daily.yaml'],
      [...NEXT_OPEN, 'sinks.journal.segment_time=10000d'],
    );
    const factors = rows('us-equity', 'factor_files', 'spy.csv');
    const bars = dailyRows('spy').map(({ date, open, close }) => {
      const factor = factors.find(([until = 0]) => until >= date) ?? [0, 1, 1];
      const by = (factor[1] ?? 1) * (factor[2] ?? 1);
      return { date, open: (open / 10_000) * by, close: (close / 10_000) * by };
    });
    const turns = sides(
      bars.map(({ close }) => close),
      10,
      40,
      'mean',
      true,
    );
    let [cash, held, waiting] = [100_000, 0, 0];
    const wanted: { date: string; quantity: number; price: number }[] = [];
    bars.forEach(({ date, open, close }, i) => {
      if (waiting !== 0) {
        cash -= waiting * open + perShare(waiting);
        held += waiting;
        wanted.push({ date: String(date), quantity: waiting, price: open });
        waiting = 0;
      }
      const turn = turns[i] ?? 0;
      if (turn < 0) waiting = -held;
      if (turn <= 0) return;
      const budget = 0.9975 * (cash + held * close);
      let target = Math.floor(budget / close);
      while (target * close + perShare(target) > budget) target--;
      waiting = target - held;
    });
    expect(wanted.length).toBeGreaterThan(100);
    expect(run.fills.map((fill) => [fill.time.slice(0, 10).replaceAll('-', ''), fill.quantity])).toEqual(
      wanted.map(({ date, quantity }) => [date, quantity]),
    );
    wanted.forEach(({ price }, i) => expect(run.fills[i]?.price).toBeCloseTo(price, 9));
    expect(Number(run.summary.equity)).toBeCloseTo(cash + held * (bars.at(-1)?.close ?? NaN), 4);
  });

  it.each(['limit', 'open', 'range'] as const)(
    'limits good for the day, filled by the rule %s',
    async (price) => {
      const run = await runFiles(
        ['desk.yaml', 'ibm-minute.yaml', 'ibm-limit.yaml'],
        [`brokers.sim.bars.limit.price=${price}`, 'brokers.sim.limit_fill=penetrate'],
      );
      const bars = minutes('ibm', [20131004, 20131007, 20131008, 20131009, 20131010, 20131011]);
      const wanted: Wanted[] = [];
      let limit = 0;
      let day = 0;
      let [cash, held] = [100_000, 0];
      for (const { end, open, high, low, close } of bars) {
        const date = Math.floor(end / 86_400_000);
        if (date > day) {
          day = date;
          limit = Number((close * 0.996).toFixed(4));
        } else if (limit > 0 && low < limit) {
          const seen = price === 'open' ? open : price === 'range' ? high : limit;
          const at = Math.min(limit, seen);
          cash -= 100 * at + 1;
          held += 100;
          wanted.push({ time: time(end), quantity: 100, price: at, fee: 1 });
          limit = 0;
        }
      }
      expect(wanted.length).toBeGreaterThan(1);
      expect(wanted.length).toBeLessThan(6);
      expect(run.summary.orders).toBe(6);
      compare(run, wanted, cash + held * (bars.at(-1)?.close ?? NaN));
    },
  );
});
