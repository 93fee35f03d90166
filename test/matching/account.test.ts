import { describe, expect, it } from 'vitest';
import { dec } from '../../src/model/decimal.js';
import { Venue } from './venue.js';

describe('fees', () => {
  it('maker and taker as fractions of notional', () => {
    const v = new Venue({
      options: { fees: { type: 'notional', maker: dec('-0.0001'), taker: dec('0.001') } },
    });
    v.quote(99, 100);
    v.send({ quantity: 10 });
    expect(v.reports.at(-1)?.fill?.fee.toString()).toBe('1');
    v.send({ type: 'limit', limitPrice: 98, quantity: 10 });
    v.trade(98);
    expect(v.reports.at(-1)?.fill?.fee.toString()).toBe('-0.098');
    expect(v.account.cash('USD').toString()).toBe(
      dec(1_000_000).minus(1_000).minus(1).minus(980).plus('0.098').toString(),
    );
  });

  it('per share with a minimum and a maximum for the order as a whole', () => {
    const fees = { type: 'per_unit' as const, perUnit: dec('0.005'), minimum: dec(1), maximum: dec('0.01') };
    const v = new Venue({ options: { fees } });
    v.book(true, [99, 5], [100, 100, 101, 300]);
    v.send({ quantity: 300 });
    expect(v.reports.slice(1).map((r) => r.fill?.fee.toString())).toEqual(['1', '0.5']);
    v.book(true, [], [0.5, 20]);
    v.send({ quantity: 20 });
    expect(v.reports.at(-1)?.fill?.fee.toString()).toBe('0.1');
  });
});

describe('cash accounts', () => {
  const cash = { rules: { type: 'cash' as const }, cash: { USD: 1_000 } };

  it('buy only what is paid, counting open orders and fees', () => {
    const v = new Venue({
      ...cash,
      options: { fees: { type: 'notional', maker: dec(0), taker: dec('0.01') } },
    });
    v.quote(99, 100);
    expect(v.send({ quantity: 10 })).toEqual([
      'rejected o1 INSUFFICIENT_CASH: need=1010 free=1000 currency=USD',
    ]);
    expect(v.send({ clientOrderId: 'a', quantity: 5, type: 'limit', limitPrice: 90 })).toEqual([
      'accepted a',
    ]);
    expect(v.account.balances().map((b) => [b.total, b.locked, b.free].map(String))).toEqual([
      ['1000', '450', '550'],
    ]);
    expect(v.send({ quantity: 6 })).toEqual([
      'rejected o2 INSUFFICIENT_CASH: need=606 free=550 currency=USD',
    ]);
    v.cancel('a');
    expect(v.send({ quantity: 6 })).toEqual(['accepted o3', 'fill o3 6@100 taker']);
  });

  it('sell only what is held and not already for sale', () => {
    const v = new Venue(cash);
    v.quote(99, 100);
    expect(v.send({ side: 'sell' })).toEqual([
      'rejected o1 SHORT_NOT_ALLOWED: held=0 open_sells=0 quantity=10',
    ]);
    v.send({ quantity: 8 });
    expect(v.send({ side: 'sell', type: 'limit', limitPrice: 110, quantity: 5 })[0]).toBe('accepted o3');
    expect(v.send({ side: 'sell', quantity: 4 })).toEqual([
      'rejected o4 SHORT_NOT_ALLOWED: held=8 open_sells=5 quantity=4',
    ]);
  });

  it('a replace that cannot be paid leaves the order as it was', () => {
    const v = new Venue(cash);
    v.quote(99, 100);
    v.send({ clientOrderId: 'a', quantity: 10, type: 'limit', limitPrice: 90 });
    expect(v.replace('b', 'a', 12, 90)).toEqual([
      'replace_rejected b INSUFFICIENT_CASH: need=1080 free=1000 currency=USD',
    ]);
    expect(v.account.balances()[0]?.locked.toString()).toBe('900');
    expect(v.replace('c', 'a', 11, 90)).toEqual(['replaced c']);
    expect(v.account.balances()[0]?.locked.toString()).toBe('990');
  });
});

describe('margin accounts', () => {
  it('bound exposure by equity and leverage, counting open orders of the worse side', () => {
    const v = new Venue({ cash: { USD: 1_000 }, rules: { leverage: dec(2) } });
    v.quote(100, 100);
    expect(v.send({ quantity: 21 })).toEqual(['rejected o1 MARGIN: need=1050 equity=1000 currency=USD']);
    v.send({ quantity: 15 });
    v.send({ quantity: 5, type: 'limit', limitPrice: 99 });
    expect(v.send({ quantity: 1 })[0]).toMatch(/^rejected o4 MARGIN/);
    expect(v.send({ side: 'sell', quantity: 35, type: 'limit', limitPrice: 120 })).toEqual(['accepted o5']); // no worse than 20 long
  });

  it('always let a position shrink', () => {
    const v = new Venue({ cash: { USD: 1_000 } });
    v.quote(100, 100);
    v.send({ quantity: 10 });
    v.quote(50, 50);
    expect(v.send({ side: 'sell', quantity: 10 })).toEqual(['accepted o2', 'fill o2 10@50 taker']);
    expect(v.account.cash('USD').toString()).toBe('500');
  });

  it('forbid shorts by account or by instrument', () => {
    for (const setup of [{ rules: { shorting: false } }, { instrument: { shortable: false } }]) {
      const v = new Venue(setup);
      v.quote(99, 101);
      expect(v.send({ side: 'sell' })).toEqual([
        'rejected o1 SHORT_NOT_ALLOWED: held=0 open_sells=0 quantity=10',
      ]);
    }
  });

  it('settle profit of perpetuals in cash, through a reversal', () => {
    const v = new Venue({
      instrument: { assetClass: 'crypto_perp', lotSize: 1, quote: 'USDT' },
      cash: { USDT: 10_000 },
    });
    v.quote(100, 100);
    v.send({ quantity: 10 });
    expect(v.account.cash('USDT').toString()).toBe('10000');
    v.quote(110, 110);
    v.send({ side: 'sell', quantity: 15 });
    expect(v.account.cash('USDT').toString()).toBe('10100');
    expect(v.account.positions().map((p) => [p.quantity, p.averagePrice].map(String))).toEqual([
      ['-5', '110'],
    ]);
    v.quote(120, 120);
    expect(v.account.equity('USDT').toString()).toBe('10050');
    expect(v.account.marginLevel('USDT')).toBeCloseTo(10_050 / 600, 10);
  });
});

describe('reduce-only', () => {
  it('is refused when there is nothing to reduce', () => {
    const v = new Venue();
    v.quote(99, 101);
    expect(v.send({ side: 'sell', reduceOnly: true })).toEqual(['rejected o1 REDUCE_ONLY']);
  });

  it('fills no more than the position and is cancelled when it is gone', () => {
    const v = new Venue();
    v.quote(99, 101);
    v.send({ quantity: 10 });
    v.send({
      clientOrderId: 'r',
      side: 'sell',
      type: 'limit',
      limitPrice: 105,
      quantity: 20,
      reduceOnly: true,
    });
    v.send({ side: 'sell', quantity: 4 });
    expect(v.trade(106)).toEqual(['fill r 6@105 maker']);
    expect(v.trade(106)).toEqual(['cancelled r REDUCE_ONLY: position=0']);
    expect(v.account.position(0).toString()).toBe('0');
  });
});
