import { describe, expect, it } from 'vitest';
import { Decimal, dec, ZERO } from '../../src/model/decimal.js';
import { InstrumentTable } from '../../src/model/instruments.js';
import { makeBook } from '../../src/model/make.js';
import { DEFAULT_MATCHING, MatchingEngine, type Meeting } from '../../src/matching/index.js';
import type { TimeInForce } from '../../src/model/instrument.js';

const LEDGER = {
  position: () => ZERO,
  admit: () => '',
  reserve: () => undefined,
  release: () => undefined,
  filled: () => undefined,
};

/** An engine whose orders trade with each other, and what it reported, short. */
function venue(meeting: Meeting = 'trade') {
  const said: string[] = [];
  const engine = new MatchingEngine({
    instruments: new InstrumentTable([{ symbol: 'X', assetClass: 'crypto_spot', lotSize: '0.1' }]),
    options: { ...DEFAULT_MATCHING, liquidity: 'displayed' },
    ledger: () => LEDGER,
    report: ({ report, clientOrderId, fill, reason }) => {
      const counter = fill === undefined ? '' : ` with ${fill.counter?.clientOrderId ?? 'market'}`;
      const size =
        fill === undefined ? '' : ` ${fill.quantity.toFixed()}@${fill.price.toFixed()} ${fill.liquidity}`;
      said.push(`${clientOrderId} ${report}${size}${counter}${reason === '' ? '' : `: ${reason}`}`);
    },
    idPrefix: '',
    crossing: {
      meet: () => meeting,
      prevented: (taker, maker, t, m) =>
        said.push(
          `${taker.clientOrderId} met ${maker.clientOrderId}: loses ${t.toFixed()} and ${m.toFixed()}`,
        ),
    },
  });
  const send = (
    id: string,
    side: 'buy' | 'sell',
    quantity: string,
    limit: string | undefined,
    timeInForce: TimeInForce = 'gtc',
    postOnly = false,
  ): void => {
    engine.submit(
      {
        clientOrderId: id,
        account: '',
        ix: 0,
        side,
        type: limit === undefined ? 'market' : 'limit',
        quantity: dec(quantity),
        limitPrice: limit === undefined ? undefined : new Decimal(limit),
        stopPrice: undefined,
        trailingOffset: undefined,
        timeInForce,
        expireAt: undefined,
        postOnly,
        reduceOnly: false,
      },
      1,
    );
  };
  const book = (bids: number[], asks: number[]): void => {
    engine.onMarket(makeBook('t', 1, 'X', 0, true, bids, asks, 0, 0, 0), 1);
  };
  const take = (): string[] => said.splice(0).filter((s) => !s.endsWith(' accepted'));
  return { engine, send, book, take };
}

describe('orders that trade with each other', () => {
  it('meet best price first, then oldest first, at the price of the resting order', () => {
    const { send, take } = venue();
    send('a', 'sell', '1', '101');
    send('b', 'sell', '1', '100');
    send('c', 'sell', '1', '100');
    send('t', 'buy', '2.5', '101');
    expect(take()).toEqual([
      'b fill 1@100 maker with t',
      't fill 1@100 taker with b',
      'c fill 1@100 maker with t',
      't fill 1@100 taker with c',
      'a fill 0.5@101 maker with t',
      't fill 0.5@101 taker with a',
    ]);
  });

  it('go before the book at the same price, behind it at a worse one', () => {
    const { send, book, take } = venue();
    book([], [99, 1, 100, 1, 101, 1]);
    send('a', 'sell', '1', '100');
    send('t', 'buy', '2.5', undefined, 'ioc');
    expect(take()).toEqual([
      't fill 1@99 taker with market',
      'a fill 1@100 maker with t',
      't fill 1@100 taker with a',
      't fill 0.5@100 taker with market',
    ]);
  });

  it('count for fill-or-kill and post-only', () => {
    const { send, book, take } = venue();
    book([], [101, 1]);
    send('a', 'sell', '1', '100');
    send('k', 'buy', '2.1', '101', 'fok');
    send('p', 'buy', '1', '100', 'gtc', true);
    expect(take()).toEqual(['k cancelled: time in force fok', 'p rejected: POST_ONLY_WOULD_TRADE']);
    send('k2', 'buy', '2', '101', 'fok');
    expect(take().map((s) => s.split(' ').slice(0, 3).join(' '))).toEqual([
      'a fill 1@100',
      'k2 fill 1@100',
      'k2 fill 1@101',
    ]);
  });

  it('have no price where neither book nor orders are', () => {
    const { send, take } = venue();
    send('t', 'buy', '1', undefined, 'ioc');
    send('p', 'buy', '1', '5', 'gtc', true);
    expect(take()).toEqual(['t rejected: NO_REFERENCE_PRICE']);
  });

  it('skip what is less than a lot at a level of the book', () => {
    const { send, book, take } = venue();
    book([], [99, 0.05, 100, 5]);
    send('t', 'buy', '1', undefined, 'ioc');
    expect(take()).toEqual(['t fill 1@100 taker with market']);
  });

  it.each([
    ['end_maker', ['t met a: loses 0 and 1', 'a expired: self-trade prevention']],
    ['end_taker', ['t met a: loses 2 and 0', 't expired: self-trade prevention']],
    [
      'end_both',
      ['t met a: loses 2 and 1', 'a expired: self-trade prevention', 't expired: self-trade prevention'],
    ],
    ['decrement', ['t met a: loses 1 and 1', 'a expired: self-trade prevention']],
  ] as const)('can be kept from trading: %s', (meeting, reports) => {
    const { send, take, engine } = venue(meeting);
    send('a', 'sell', '1', '100');
    send('t', 'buy', '2', '100');
    expect(take()).toEqual(reports);
    const left = engine.openOrders().map((o) => `${o.clientOrderId} ${o.leaves.toFixed()}`);
    expect(left).toEqual(
      { end_maker: ['t 2'], end_taker: ['a 1'], end_both: [], decrement: ['t 1'] }[meeting],
    );
  });
});
