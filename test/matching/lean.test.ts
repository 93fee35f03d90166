import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  DEFAULT_BAR_RULES,
  DEFAULT_MATCHING,
  MatchingEngine,
  VenueAccount,
  type MatchReport,
  type MatchingOptions,
  type OrderRequest,
} from '../../src/matching/index.js';
import { Decimal, dec, ZERO } from '../../src/model/decimal.js';
import type { BarEvent } from '../../src/model/event.js';
import { InstrumentTable, type InstrumentInput } from '../../src/model/instruments.js';
import { makeBar } from '../../src/model/make.js';
import { sharedData } from '../support/shared-data.js';

/** Fills other engines publish for recorded data, reached by options of the matching engine alone. */
const SESSION = { zone: 'America/New_York', days: [1, 2, 3, 4, 5], open: 570, close: 960, holidays: [] };
const PER_SHARE: MatchingOptions['fees'] = {
  type: 'per_unit',
  perUnit: dec('0.005'),
  minimum: dec(1),
  maximum: undefined,
};
const FACTOR = 0.8646266 / 10_000;
const MINUTE = 60_000_000;

interface Expected {
  readonly replica: {
    readonly fills: readonly {
      readonly t: string;
      readonly qty: number;
      readonly price: string;
      readonly fee: string;
    }[];
  };
}

function lines(...path: string[]): number[][] | undefined {
  const file = sharedData('market', ...path);
  if (file === undefined) return undefined;
  return gunzipSync(readFileSync(file))
    .toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(',').map((cell) => (cell === '' ? NaN : Number(cell))));
}

function expected(name: string): Expected | undefined {
  const file = sharedData('market', 'expected', `${name}.json`);
  return file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as Expected);
}

function toBar(
  basis: BarEvent['basis'],
  start: number,
  every: number,
  cells: number[],
  factor: number,
): BarEvent {
  const [open = NaN, high = NaN, low = NaN, close = NaN, volume = 0] = cells;
  return makeBar('t', 0, 'SPY', 0, {
    basis,
    every,
    start,
    open: open * factor,
    high: high * factor,
    low: low * factor,
    close: close * factor,
    volume,
    count: 0,
  });
}

/** The minute bars of the week in order of their end, quotes before trades. */
function minutes(): BarEvent[] | undefined {
  const bars: BarEvent[] = [];
  for (const day of ['20131007', '20131008', '20131009', '20131010', '20131011']) {
    const midnight = Date.UTC(2013, 9, Number(day.slice(6)), 4) * 1_000;
    const quotes = lines('us-equity', 'minute', 'spy', `${day}_spy_minute_quote.csv.gz`);
    const trades = lines('us-equity', 'minute', 'spy', `${day}_spy_minute_trade.csv.gz`);
    if (quotes === undefined || trades === undefined) return undefined;
    const regular = (row: number[]): boolean => (row[0] ?? 0) >= 34_200_000 && (row[0] ?? 0) < 57_600_000;
    const day_: BarEvent[] = [];
    for (const row of quotes.filter(regular)) {
      const start = midnight + (row[0] ?? 0) * 1_000;
      day_.push(
        toBar('bid', start, MINUTE, row.slice(1, 6), FACTOR),
        toBar('ask', start, MINUTE, row.slice(6, 11), FACTOR),
      );
    }
    for (const row of trades.filter(regular))
      day_.push(toBar('trade', midnight + (row[0] ?? 0) * 1_000, MINUTE, row.slice(1, 6), FACTOR));
    bars.push(...day_.sort((a, b) => a.start - b.start));
  }
  return bars;
}

class Run {
  readonly fills: MatchReport[] = [];
  readonly account: VenueAccount;
  readonly engine: MatchingEngine;
  now = 0;
  #n = 0;

  constructor(
    options: Partial<MatchingOptions>,
    instrument: Partial<InstrumentInput>,
    cash: Record<string, number>,
    leverage = 1,
  ) {
    const instruments = new InstrumentTable([{ symbol: 'SPY', tickSize: '0.01', ...instrument }]);
    const all = { ...DEFAULT_MATCHING, ...options };
    const rules = {
      type: 'margin' as const,
      shorting: true,
      leverage: dec(leverage),
      initialMargin: undefined,
      maintenanceMargin: undefined,
    };
    this.account = new VenueAccount(
      rules,
      all.fees,
      Object.fromEntries(Object.entries(cash).map(([k, v]) => [k, dec(v)])),
      instruments,
      (ix) => this.engine.mark(ix),
    );
    this.engine = new MatchingEngine({
      instruments,
      options: all,
      ledger: () => this.account,
      idPrefix: 'v',
      report: (report) => {
        if (report.report === 'rejected') throw new Error(report.reason);
        if (report.fill !== undefined) this.fills.push(report);
      },
    });
  }

  bar(bar: BarEvent, at = bar.start + bar.every): void {
    this.now = at;
    this.engine.onMarket(bar, at);
  }

  send(side: OrderRequest['side'], quantity: number, more: Partial<OrderRequest> = {}): void {
    this.engine.submit(
      {
        clientOrderId: `o${++this.#n}`,
        account: 'main',
        ix: 0,
        side,
        type: 'market',
        quantity: dec(quantity),
        limitPrice: undefined,
        stopPrice: undefined,
        trailingOffset: undefined,
        timeInForce: 'gtc',
        expireAt: undefined,
        postOnly: false,
        reduceOnly: false,
        ...more,
      },
      this.now,
    );
  }

  compare(name: string): void {
    const wanted = expected(name)?.replica.fills ?? [];
    const got = this.fills.map(({ fill, order }) => ({
      qty: (order?.sign ?? 0) * (fill?.quantity.toNumber() ?? NaN),
      fee: fill?.fee.toNumber(),
      price: fill?.price.toNumber() ?? NaN,
    }));
    expect(got.map(({ qty, fee }) => ({ qty, fee }))).toEqual(
      wanted.map((w) => ({ qty: w.qty, fee: Number(w.fee) })),
    );
    wanted.forEach((w, i) =>
      expect(Math.abs((got[i]?.price ?? NaN) - Number(w.price)), `price of fill ${i}`).toBeLessThan(1e-9),
    );
  }
}

const spy = { session: SESSION, assetClass: 'etf' as const };
const equity = (run: Run): number => run.account.cash('USD').toNumber();
const found = minutes() !== undefined;

describe.skipIf(!found)('SPY minute bars, October 2013', () => {
  const bars = minutes() ?? [];

  it('buy and hold: market buy at the ask close', () => {
    const run = new Run({ fees: PER_SHARE }, spy, { USD: 100_000 });
    let sent = false;
    for (const bar of bars) {
      run.bar(bar);
      if (sent || bar.basis !== 'trade') continue;
      sent = true;
      run.send('buy', 688);
    }
    run.compare('lean-spy-buy-hold-minute');
    const last = bars.filter((b) => b.basis === 'trade').at(-1)?.close ?? NaN;
    expect(equity(run) + 688 * last).toBeCloseTo(101_691.91983728, 6);
  });

  it('stop: judged on bars after the order, filled at the open that gapped through', () => {
    const run = new Run({ fees: PER_SHARE, checkIncrements: false }, spy, { USD: 100_000 });
    let sent = false;
    for (const bar of bars) {
      const before = run.fills.length;
      run.bar(bar);
      if (!sent && bar.basis === 'trade') {
        sent = true;
        run.send('sell', 100);
      }
      if (before === 0 && run.fills.length === 1) {
        run.send('buy', 100, { type: 'stop', stopPrice: (run.fills[0]?.fill?.price ?? ZERO).minus(2) });
      }
    }
    run.compare('lean-spy-stop-minute');
    expect(equity(run)).toBeCloseTo(99_995.4061202, 6);
  });

  it.each(['last', 'quote'] as const)('trailing stop, starting from the %s price', (trailingReference) => {
    const run = new Run({ fees: PER_SHARE, trailingReference }, spy, { USD: 100_000 });
    let sent = 0;
    for (const bar of bars) {
      run.bar(bar);
      if (bar.basis !== 'trade') continue;
      if (sent === 0)
        run.send('buy', 100, {
          type: 'trailing_stop',
          trailingOffset: { value: new Decimal(2), unit: 'price' },
        });
      else if (sent === 1 && run.fills.length === 1)
        run.send('sell', 100, {
          type: 'trailing_stop',
          trailingOffset: { value: new Decimal('0.5'), unit: 'price' },
        });
      else continue;
      sent++;
    }
    run.compare('lean-spy-trailing-stop-minute');
    expect(equity(run)).toBeCloseTo(100_023.2225142, 6);
  });

  it('a market order at the session close waits for the next open', () => {
    const run = new Run({ fees: PER_SHARE }, spy, { USD: 100_000 });
    const trades = bars.filter((b) => b.basis === 'trade');
    const firstOfTuesday = trades[390];
    for (const bar of bars) {
      run.bar(bar);
      if (bar === trades[389]) run.send('buy', 10);
    }
    expect(run.fills.map((f) => [f.at, f.fill?.price.toNumber()])).toEqual([
      [(firstOfTuesday?.start ?? NaN) + MINUTE, firstOfTuesday?.open],
    ]);
  });
});

describe.skipIf(!found)('SPY daily bars', () => {
  it('buy and hold: a market order after the close fills at the next open', () => {
    const run = new Run({ fees: PER_SHARE, bars: DEFAULT_BAR_RULES }, spy, { USD: 100_000 });
    const file = sharedData('market', 'us-equity', 'daily', 'spy.csv.gz');
    if (file === undefined) return;
    const rows = gunzipSync(readFileSync(file))
      .toString('utf8')
      .split('\n')
      .filter((row) => row >= '20131008' && row < '20131018');
    rows.forEach((row, i) => {
      const cells = row.split(',');
      const midnight = Date.UTC(2013, 9, Number(row.slice(6, 8)), 4) * 1_000;
      run.bar(
        toBar('trade', midnight, 24 * 60 * MINUTE, cells.slice(1).map(Number), FACTOR),
        midnight + 960 * MINUTE,
      );
      if (i === 0) run.send('buy', 697);
    });
    run.compare('lean-spy-buy-hold-daily');
  });
});

const perp = sharedData('market', 'crypto-bars', 'btc-perp', 'btc-perp-20211231-20220201_1m.csv.gz');

describe.skipIf(perp === undefined)('linear perpetual on margin', () => {
  it('locks margin at entry, settles profit and fees in cash', () => {
    const fees: MatchingOptions['fees'] = { type: 'notional', maker: dec('0.0002'), taker: dec('0.0005') };
    const run = new Run(
      { fees },
      {
        assetClass: 'crypto_perp',
        base: 'BTC',
        quote: 'USDT',
        tickSize: '0.1',
        lotSize: '0.001',
        initialMargin: '0.05',
        maintenanceMargin: '0.025',
      },
      { USDT: 1_000_000 },
      10,
    );
    const rows = gunzipSync(readFileSync(perp ?? ''))
      .toString('utf8')
      .split('\n')
      .slice(1, 12);
    rows.forEach((row, i) => {
      const [time = '', ...cells] = row.split(',');
      const end = Date.parse(`${time.slice(0, 23).replace(' ', 'T')}Z`) * 1_000;
      run.bar(toBar('trade', end - MINUTE, MINUTE, cells.map(Number), 1));
      if (i === 0) {
        run.send('buy', 10);
        const [balance] = run.account.balances();
        expect([balance?.total, balance?.locked, balance?.free].map(String)).toEqual([
          '999768.115',
          '1159.425',
          '998608.69',
        ]);
      }
      if (i === 10) run.send('sell', 10);
    });
    const [balance] = run.account.balances();
    expect([balance?.total, balance?.locked, balance?.free].map(String)).toEqual([
      '1000245.875',
      '0',
      '1000245.875',
    ]);
  });
});
