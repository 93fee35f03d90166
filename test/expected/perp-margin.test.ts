import { describe, expect, it } from 'vitest';
import { expected, iso, market, runFiles } from './support.js';

interface Published {
  readonly upstream: {
    readonly expected: Readonly<
      Record<'afterBuy' | 'afterSell', Readonly<Record<'total' | 'locked' | 'free', string>>>
    >;
  };
}

describe.skipIf(market === undefined)('linear perpetual on margin', () => {
  it('locks maintenance margin while it holds, settles profit and fees in cash', async () => {
    const run = await runFiles(['perp-margin.yaml']);
    const { afterBuy, afterSell } = expected<Published>('nautilus-issue-2632-perp-margin').upstream.expected;
    expect(run.fills).toEqual([
      { time: '2021-12-31T23:01:00.000Z', quantity: 10, price: 46377, fee: 231.885 },
      { time: '2021-12-31T23:11:00.000Z', quantity: -10, price: 46448, fee: 232.24 },
    ]);
    const balances = run.inputs
      .filter((event) => event.kind === 'account')
      .map(({ at, balances: [only] }) => [iso(at), only?.total, only?.locked, only?.free].map(String));
    const wanted = ({ total, locked, free }: typeof afterBuy): string[] =>
      [total, locked, free].map((n) => String(Number(n)));
    expect(balances.map((balance) => balance.slice(1))).toEqual([
      ['1000000', '0', '1000000'],
      wanted(afterBuy),
      wanted(afterSell),
    ]);
    expect(run.summary).toMatchObject({
      orders: 2,
      fills: 2,
      equity: '1000245.875',
      fees: '464.125',
      denied: {},
      bad: {},
    });
  });
});
