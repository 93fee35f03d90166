import { describe, expect, it } from 'vitest';
import { equityAfter, equityAt, expected, market, runFiles, type Outcome } from './support.js';

/** SPY as LEAN publishes it, reached by topology options alone. */
interface Published {
  readonly upstream: { readonly expectedStatistics: Readonly<Record<string, string>> };
  readonly replica: {
    readonly endEquity: string;
    readonly totalFees: string;
    readonly fills: readonly {
      readonly t: string;
      readonly qty: number;
      readonly price: string;
      readonly fee: string;
    }[];
    readonly dailyEquity?: readonly string[];
  };
}

function check(name: string, run: Outcome): Published {
  const published = expected<Published>(name);
  const { upstream, replica } = published;
  expect(run.summary.orders).toBe(Number(upstream.expectedStatistics['Total Orders']));
  expect(run.fills.map(({ quantity, fee }) => ({ quantity, fee }))).toEqual(
    replica.fills.map((fill) => ({ quantity: fill.qty, fee: Number(fill.fee) })),
  );
  replica.fills.forEach((fill, i) => expect(run.fills[i]?.price).toBeCloseTo(Number(fill.price), 9));
  expect(Number(run.summary.equity)).toBeCloseTo(Number(replica.endEquity), 9);
  expect(Number(run.summary.equity).toFixed(2)).toBe(upstream.expectedStatistics['End Equity']);
  expect(Number(run.summary.fees)).toBe(Number(replica.totalFees));
  expect(run.summary.denied).toEqual({});
  expect(run.summary.bad).toEqual({});
  return published;
}

/** New York in October is four hours behind UTC. */
function times(published: Published): string[] {
  return published.replica.fills.map(({ t }) => new Date(`${t}-04:00`).toISOString());
}

const DAYS = ['07', '08', '09', '10', '11'];

describe.skipIf(market === undefined)('SPY minute bars', () => {
  it('buy and hold', async () => {
    const run = await runFiles(['spy-minute.yaml', 'spy-hold.yaml']);
    const published = check('lean-spy-buy-hold-minute', run);
    expect(run.fills.map((fill) => fill.time)).toEqual(times(published));
    // The first event of the next day only brings quotes, and positions are valued at the last trade.
    const closes = DAYS.map((day) => equityAfter(run, `2013-10-${day}T20:00:00.000000Z`));
    const daily = published.replica.dailyEquity?.slice(1).map(Number) ?? [];
    expect(daily).toHaveLength(5);
    daily.forEach((equity, i) => expect(closes[i]).toBeCloseTo(equity, 9));
    expect(run.summary.maxDrawdown).toBeCloseTo(0.022482530175389585, 9);
  });

  it('short, with a stop that the market is already through', async () => {
    const run = await runFiles(['spy-minute.yaml', 'spy-stop.yaml']);
    const published = check('lean-spy-stop-minute', run);
    expect(run.fills.map((fill) => fill.time)).toEqual(times(published));
  });

  it.each(['last', 'quote'])(
    'in and out by trailing stops that start from the %s price',
    async (reference) => {
      const run = await runFiles(
        ['spy-minute.yaml', 'spy-trailing.yaml'],
        [`brokers.sim.trailing_reference=${reference}`],
      );
      const published = check('lean-spy-trailing-stop-minute', run);
      expect(run.fills.map((fill) => fill.time)).toEqual(times(published));
    },
  );
});

describe.skipIf(market === undefined)('SPY daily bars', () => {
  it('buy and hold: an order after the close fills at the next open', async () => {
    const run = await runFiles(['spy-daily.yaml']);
    const published = check('lean-spy-buy-hold-daily', run);
    expect(run.fills.map((fill) => fill.time.slice(0, 10))).toEqual(['2013-10-09']);
    const days = [9, 10, 11, 14, 15, 16, 17];
    const closes = days.map((day) =>
      equityAt(run, `2013-10-${String(day).padStart(2, '0')}T20:00:00.000000Z`),
    );
    const daily = published.replica.dailyEquity?.slice(2).map(Number) ?? [];
    expect(daily).toHaveLength(7);
    daily.forEach((equity, i) => expect(closes[i]).toBeCloseTo(equity, 9));
  });
});
