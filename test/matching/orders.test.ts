import { describe, expect, it } from 'vitest';
import { Decimal, dec } from '../../src/model/decimal.js';
import { makeStatus } from '../../src/model/make.js';
import { Venue } from './venue.js';

describe('market orders', () => {
  it('buy at the ask, sell at the bid', () => {
    const v = new Venue();
    v.quote(99, 101);
    expect(v.send({ side: 'buy' })).toEqual(['accepted o1', 'fill o1 10@101 taker']);
    expect(v.send({ side: 'sell', quantity: 4 })).toEqual(['accepted o2', 'fill o2 4@99 taker']);
    expect(v.account.position(0).toString()).toBe('6');
  });

  it('fill at the last trade when there are no quotes, and are rejected without any price', () => {
    const v = new Venue();
    expect(v.send({})).toEqual(['rejected o1 NO_REFERENCE_PRICE']);
    v.trade(50);
    expect(v.send({})).toEqual(['accepted o2', 'fill o2 10@50 taker']);
  });

  it('walk the book and wait for more', () => {
    const v = new Venue();
    v.book(true, [99, 5], [101, 3, 102, 4, 104, 1]);
    expect(v.send({ quantity: 10 })).toEqual([
      'accepted o1',
      'fill o1 3@101 taker',
      'fill o1 4@102 taker',
      'fill o1 1@104 taker',
    ]);
    expect(v.book(false, [], [103, 9])).toEqual(['fill o1 2@103 taker']);
  });

  it('use up displayed size until the venue shows another', () => {
    const v = new Venue({ options: { liquidity: 'displayed' } });
    v.quote(99, 101, 100, 6);
    expect(v.send({ quantity: 10 })).toEqual(['accepted o1', 'fill o1 6@101 taker']);
    expect(v.quote(99, 101, 100, 6)).toEqual([]);
    expect(v.quote(99, 101, 100, 7)).toEqual(['fill o1 4@101 taker']);
  });

  it('respect the least partial fill', () => {
    const v = new Venue({ options: { liquidity: 'displayed', minFill: dec(5) } });
    v.quote(99, 101, 100, 4);
    expect(v.send({ quantity: 10 })).toEqual(['accepted o1']);
    expect(v.quote(99, 101, 100, 8)).toEqual(['fill o1 8@101 taker']);
    expect(v.quote(99, 101, 100, 2)).toEqual(['fill o1 2@101 taker']);
  });

  it.each([
    [{ value: new Decimal(2), unit: 'ticks' as const }, '101.02', '98.98'],
    [{ value: new Decimal(5), unit: 'bps' as const }, '101.06', '98.95'],
  ])('slip against the order by %o', (slippage, buy, sell) => {
    const v = new Venue({ options: { slippage } });
    v.quote(99, 101);
    expect(v.send({ side: 'buy' })[1]).toBe(`fill o1 10@${buy} taker`);
    expect(v.send({ side: 'sell' })[1]).toBe(`fill o2 10@${sell} taker`);
  });

  it('are refused while the instrument is halted', () => {
    const v = new Venue();
    v.quote(99, 101);
    v.feed(makeStatus('t', 0, 'AAA', 0, 'halted', ''));
    expect(v.send({})).toEqual(['rejected o1 INSTRUMENT_NOT_TRADABLE: instrument=AAA']);
    expect(v.send({ type: 'limit', limitPrice: 105 })).toEqual(['accepted o2']);
    expect(v.quote(99, 101)).toEqual([]);
    v.feed(makeStatus('t', 0, 'AAA', 0, 'open', ''));
    expect(v.quote(99, 101)).toEqual(['fill o2 10@105 maker']);
  });
});

describe('limit orders', () => {
  it('take at the market price when marketable, else rest and fill at their limit', () => {
    const v = new Venue();
    v.quote(99, 101);
    expect(v.send({ type: 'limit', limitPrice: 102 })).toEqual(['accepted o1', 'fill o1 10@101 taker']);
    expect(v.send({ type: 'limit', limitPrice: 100 })).toEqual(['accepted o2']);
    expect(v.quote(99, 100)).toEqual(['fill o2 10@100 maker']);
  });

  it('fill by touch or by strict penetration', () => {
    for (const [rule, touched] of [
      ['touch', ['fill o1 10@100 maker']],
      ['penetrate', []],
    ] as const) {
      const v = new Venue({ options: { limit: rule } });
      v.quote(99, 101);
      v.send({ type: 'limit', limitPrice: 100 });
      expect(v.trade(100)).toEqual(touched);
    }
    const v = new Venue({ options: { limit: 'penetrate' } });
    v.quote(99, 101);
    v.send({ type: 'limit', limitPrice: 100 });
    expect(v.quote(99, 100)).toEqual([]);
    expect(v.quote(99, 99.99)).toEqual(['fill o1 10@100 maker']);
  });

  it('go by price, then by time', () => {
    const v = new Venue({ options: { liquidity: 'displayed' } });
    v.quote(95, 105);
    v.send({ clientOrderId: 'first', type: 'limit', limitPrice: 100 });
    v.send({ clientOrderId: 'second', type: 'limit', limitPrice: 100 });
    v.send({ clientOrderId: 'better', type: 'limit', limitPrice: 101 });
    expect(v.trade(99, 25)).toEqual([
      'fill better 10@101 maker',
      'fill first 10@100 maker',
      'fill second 5@100 maker',
    ]);
  });

  it('post-only is refused when it would trade, also by a replace', () => {
    const v = new Venue();
    v.quote(99, 101);
    expect(v.send({ type: 'limit', limitPrice: 101, postOnly: true })).toEqual([
      'rejected o1 POST_ONLY_WOULD_TRADE',
    ]);
    expect(v.send({ type: 'limit', limitPrice: 100, postOnly: true })).toEqual(['accepted o2']);
    expect(v.replace('r', 'o2', 10, 101)).toEqual(['replace_rejected r POST_ONLY_WOULD_TRADE']);
    expect(v.quote(98, 100)).toEqual(['fill o2 10@100 maker']);
  });

  it('queue behind what was shown at their price', () => {
    const v = new Venue({ options: { queue: true, liquidity: 'displayed' } });
    v.quote(100, 101, 50);
    v.send({ type: 'limit', limitPrice: 100 });
    expect(v.trade(100, 30, -1)).toEqual([]);
    expect(v.trade(100, 30, 1)).toEqual([]); // a buyer does not trade with bids
    expect(v.quote(100, 101, 15)).toEqual([]); // five of the twenty ahead left
    expect(v.trade(100, 19, -1)).toEqual(['fill o1 4@100 maker']);
    expect(v.trade(99.99, 100, -1)).toEqual(['fill o1 6@100 maker']);
  });

  it('do not know their queue behind the best bid until it is shown', () => {
    const v = new Venue({ options: { queue: true } });
    v.quote(100, 101, 50);
    v.send({ type: 'limit', limitPrice: 99 });
    expect(v.trade(99, 1_000, -1)).toEqual([]);
    v.quote(99, 101, 40);
    expect(v.trade(99, 40, -1)).toEqual([]);
    expect(v.trade(99, 1, -1)).toEqual(['fill o1 10@99 maker']);
  });

  it('take book levels they cross and stay with the rest', () => {
    const v = new Venue();
    v.book(true, [99, 5], [101, 3, 102, 4]);
    expect(v.send({ type: 'limit', limitPrice: 101 })).toEqual(['accepted o1', 'fill o1 3@101 taker']);
    expect(v.book(false, [], [101, 0, 100, 2])).toEqual(['fill o1 2@101 maker']);
  });
});

describe('stops', () => {
  it('become market orders when reached, never on the price that was there when they came', () => {
    const v = new Venue();
    v.quote(99, 101);
    expect(v.send({ type: 'stop', stopPrice: 100 })).toEqual(['accepted o1']);
    expect(v.quote(98, 99)).toEqual([]);
    expect(v.quote(99, 100)).toEqual(['triggered o1', 'fill o1 10@100 taker']);
  });

  it('trigger on quotes, trades or both', () => {
    for (const [trigger, quote, trade] of [
      ['any', 1, 1],
      ['quote', 1, 0],
      ['trade', 0, 1],
    ] as const) {
      const make = (): Venue => {
        const v = new Venue({ options: { trigger } });
        v.trade(100);
        v.quote(99, 101);
        v.send({ type: 'stop', stopPrice: 105 });
        return v;
      };
      expect(make().quote(104, 105).length > 0 ? 1 : 0, `${trigger} quote`).toBe(quote);
      expect(make().trade(105).length > 0 ? 1 : 0, `${trigger} trade`).toBe(trade);
    }
  });

  it('stop-limit rests at its limit when the market ran past', () => {
    const v = new Venue();
    v.quote(99, 101);
    v.send({ type: 'stop_limit', stopPrice: 105, limitPrice: 106 });
    expect(v.quote(107, 108)).toEqual(['triggered o1']);
    expect(v.quote(105, 106)).toEqual(['fill o1 10@106 maker']);
  });

  it.each([
    [{ value: new Decimal(2), unit: 'price' as const }, 103],
    [{ value: new Decimal(200), unit: 'ticks' as const }, 103],
    [{ value: new Decimal(200), unit: 'bps' as const }, 103.02],
  ])('trail by %o', (trailingOffset, first) => {
    const v = new Venue({ options: { trailingReference: 'quote', trigger: 'quote' } });
    v.quote(100, 101);
    v.send({ type: 'trailing_stop', trailingOffset });
    expect(v.engine.openOrders()[0]?.stop).toBeCloseTo(first, 10);
    v.quote(90, 91);
    const stop = v.engine.openOrders()[0]?.stop ?? NaN;
    expect(stop).toBeCloseTo(trailingOffset.unit === 'bps' ? 92.82 : 93, 10);
    expect(v.quote(91, 92)).toEqual([]); // never moves away
    expect(v.engine.openOrders()[0]?.stop).toBe(stop);
    expect(v.quote(93, 94)).toEqual(['triggered o1', 'fill o1 10@94 taker']);
  });
});

describe('times in force', () => {
  it('ioc fills what it can and is gone', () => {
    const v = new Venue({ options: { liquidity: 'displayed' } });
    v.quote(99, 101, 100, 6);
    expect(v.send({ timeInForce: 'ioc' })).toEqual([
      'accepted o1',
      'fill o1 6@101 taker',
      'cancelled o1 time in force ioc',
    ]);
    expect(v.send({ type: 'limit', limitPrice: 100, timeInForce: 'ioc' })).toEqual([
      'accepted o2',
      'cancelled o2 time in force ioc',
    ]);
  });

  it('fok fills whole or not at all', () => {
    const v = new Venue();
    v.book(true, [99, 5], [101, 3, 102, 4]);
    expect(v.send({ quantity: 8, timeInForce: 'fok' })).toEqual([
      'accepted o1',
      'cancelled o1 time in force fok',
    ]);
    expect(v.send({ quantity: 4, type: 'limit', limitPrice: 101, timeInForce: 'fok' })).toEqual([
      'accepted o2',
      'cancelled o2 time in force fok',
    ]);
    expect(v.send({ quantity: 7, timeInForce: 'fok' })).toEqual([
      'accepted o3',
      'fill o3 3@101 taker',
      'fill o3 4@102 taker',
    ]);
  });

  it('fok is not deceived by sizes that are not whole lots', () => {
    const v = new Venue();
    v.book(true, [99, 5], [101, 3.5, 102, 1.5]);
    expect(v.send({ quantity: 5, timeInForce: 'fok' })).toEqual([
      'accepted o1',
      'cancelled o1 time in force fok',
    ]);
    expect(v.send({ quantity: 3, timeInForce: 'fok' })).toEqual(['accepted o2', 'fill o2 3@101 taker']);
  });

  it('fok that only reduces fills whole or not at all', () => {
    const v = new Venue();
    v.book(true, [99, 50], [101, 50]);
    v.send({ quantity: 5 });
    const close = { side: 'sell', reduceOnly: true, timeInForce: 'fok' } as const;
    expect(v.send({ ...close, quantity: 8 })).toEqual(['accepted o2', 'cancelled o2 time in force fok']);
    expect(v.send({ ...close, quantity: 5 })).toEqual(['accepted o3', 'fill o3 5@99 taker']);
  });

  it('gtd ends at its time, by the market or by the clock', () => {
    const v = new Venue();
    v.quote(99, 101);
    expect(v.send({ type: 'limit', limitPrice: 95, timeInForce: 'gtd' })).toEqual([
      'rejected o1 EXPIRE_TIME_MISSING',
    ]);
    expect(v.send({ type: 'limit', limitPrice: 95, timeInForce: 'gtd', expireAt: 1 })).toEqual([
      'rejected o2 EXPIRE_TIME_PASSED: expire_at=1',
    ]);
    v.send({ clientOrderId: 'a', type: 'limit', limitPrice: 95, timeInForce: 'gtd', expireAt: 100 });
    v.send({ clientOrderId: 'b', type: 'limit', limitPrice: 95, timeInForce: 'gtd', expireAt: 200 });
    expect(v.engine.nextDeadline()).toBe(100);
    v.at = 99;
    expect(v.quote(94, 95)).toEqual(['expired a time in force gtd', 'fill b 10@95 maker']);
    v.send({ clientOrderId: 'c', type: 'limit', limitPrice: 90, timeInForce: 'gtd', expireAt: 200 });
    v.engine.advance(200);
    expect(v.said()).toEqual([]);
    v.engine.advance(201);
    expect(v.said()).toEqual(['expired c time in force gtd']);
    expect(v.engine.nextDeadline()).toBeUndefined();
  });

  it('day ends with the UTC day when there is no calendar', () => {
    const v = new Venue();
    v.quote(99, 101);
    v.send({ type: 'limit', limitPrice: 95, timeInForce: 'day' });
    expect(v.engine.nextDeadline()).toBe(86_400_000_000);
  });
});

describe('cancel and replace', () => {
  it('cancels what is open, and says why not otherwise', () => {
    const v = new Venue();
    v.quote(99, 101);
    v.send({ clientOrderId: 'a', type: 'limit', limitPrice: 95 });
    expect(v.cancel('x', 'nobody')).toEqual(['cancel_rejected x ORDER_NOT_FOUND: client_order_id=nobody']);
    expect(v.cancel('x', 'a')).toEqual(['cancelled a']);
    expect(v.cancel('y', 'a')).toEqual(['cancel_rejected y ORDER_CLOSED: client_order_id=a']);
    expect(v.quote(90, 91)).toEqual([]);
  });

  it('gives the order a new id and keeps its fills', () => {
    const v = new Venue({ options: { liquidity: 'displayed' } });
    v.quote(99, 101, 100, 3);
    v.send({ clientOrderId: 'a', type: 'limit', limitPrice: 101 });
    expect(v.replace('b', 'a', 3, 101)).toEqual(['replace_rejected b QUANTITY_INVALID: quantity=3 filled=3']);
    expect(v.replace('c', 'a', 8, 100)).toEqual(['replaced c']);
    expect(v.quote(99, 100, 100, 50)).toEqual(['fill c 5@100 maker']);
  });

  it('a cancel that crossed a replace still finds the order', () => {
    const v = new Venue();
    v.quote(99, 101);
    v.send({ clientOrderId: 'a', type: 'limit', limitPrice: 95 });
    v.replace('b', 'a', 12, 95);
    expect(v.cancel('x', 'a')).toEqual(['cancelled b']);
  });

  it('keeps its place only when it shrinks at the same price', () => {
    const v = new Venue({ options: { liquidity: 'displayed' } });
    v.quote(95, 105);
    v.send({ clientOrderId: 'a', type: 'limit', limitPrice: 100 });
    v.send({ clientOrderId: 'b', type: 'limit', limitPrice: 100 });
    v.replace('a2', 'a', 8, 100);
    expect(v.trade(99, 8)).toEqual(['fill a2 8@100 maker']);
    v.send({ clientOrderId: 'c', type: 'limit', limitPrice: 100 });
    v.replace('b2', 'b', 11, 100);
    expect(v.trade(99, 10)).toEqual(['fill c 10@100 maker']);
  });

  it('trades at once when the new price crosses', () => {
    const v = new Venue();
    v.quote(99, 101);
    v.send({ clientOrderId: 'a', type: 'limit', limitPrice: 95 });
    expect(v.replace('b', 'a', 10, 103)).toEqual(['replaced b', 'fill b 10@101 taker']);
  });

  it('moves a stop', () => {
    const v = new Venue();
    v.quote(99, 101);
    v.send({ clientOrderId: 'a', type: 'stop', stopPrice: 110 });
    expect(v.replace('b', 'a', 10, undefined, 103)).toEqual(['replaced b']);
    expect(v.quote(103, 104)).toEqual(['triggered b', 'fill b 10@104 taker']);
  });
});

describe('rejections of form', () => {
  it.each([
    [{ quantity: 0 }, 'QUANTITY_INVALID: quantity=0'],
    [{ quantity: '1.5' }, 'QUANTITY_LOT: quantity=1.5 lot=1'],
    [{ type: 'limit' as const }, 'PRICE_MISSING: field=limit_price'],
    [{ type: 'stop' as const }, 'PRICE_MISSING: field=stop_price'],
    [{ type: 'trailing_stop' as const }, 'PRICE_MISSING: field=trailing_offset'],
    [{ type: 'limit' as const, limitPrice: '100.005' }, 'PRICE_TICK: limit_price=100.005 tick=0.01'],
    [{ type: 'limit' as const, limitPrice: -1 }, 'PRICE_INVALID: limit_price=-1'],
    [
      { type: 'stop' as const, stopPrice: 100, timeInForce: 'opg' as const },
      'TIME_IN_FORCE_UNSUPPORTED: type=stop time_in_force=opg',
    ],
    [{ postOnly: true }, 'ORDER_TYPE_UNSUPPORTED: type=market time_in_force=gtc post_only=true'],
    [{ account: 'other' }, 'ACCOUNT_UNKNOWN: account=other'],
  ])('%o', (order, reason) => {
    const v = new Venue();
    v.quote(99, 101);
    expect(v.send(order)).toEqual([`rejected o1 ${reason}`]);
  });

  it('the same client order id twice', () => {
    const v = new Venue();
    v.quote(99, 101);
    v.send({ clientOrderId: 'a' });
    expect(v.send({ clientOrderId: 'a' })).toEqual(['rejected a DUPLICATE_ORDER: client_order_id=a']);
  });

  it('types and times the instrument does not take', () => {
    const v = new Venue({ instrument: { orderTypes: { market: [], limit: ['gtc'] } } });
    v.quote(99, 101);
    expect(v.send({ type: 'stop', stopPrice: 105 })).toEqual([
      'rejected o1 ORDER_TYPE_UNSUPPORTED: type=stop',
    ]);
    expect(v.send({ type: 'limit', limitPrice: 95, timeInForce: 'ioc' })).toEqual([
      'rejected o2 TIME_IN_FORCE_UNSUPPORTED: type=limit time_in_force=ioc',
    ]);
  });
});

describe('prices that are not numbers', () => {
  it('fill nothing, whatever rests', () => {
    const v = new Venue();
    v.quote(99, 101);
    v.send({ type: 'limit', limitPrice: 95 });
    v.send({ type: 'stop', stopPrice: 105 });
    v.send({ side: 'sell', type: 'trailing_stop', trailingOffset: { value: dec(5), unit: 'price' } });
    v.send({ timeInForce: 'opg' });
    v.at = 86_400_000_000;
    expect(v.trade(NaN)).toEqual([]);
    expect(v.quote(NaN, NaN)).toEqual([]);
    expect(v.book(true, [NaN, 5], [NaN, 5])).toEqual([]);
    expect(v.bar(NaN, NaN, NaN, NaN)).toEqual([]);
    expect(v.engine.openOrders().map((o) => o.clientOrderId)).toEqual(['o1', 'o2', 'o3', 'o4']);
    expect(v.send({})).toEqual(['rejected o5 NO_REFERENCE_PRICE']);
  });

  it('a quote with one side fills only what that side can', () => {
    const v = new Venue();
    v.quote(99, NaN);
    expect(v.send({ side: 'buy' })).toEqual(['rejected o1 NO_REFERENCE_PRICE']);
    expect(v.send({ side: 'sell' })).toEqual(['accepted o2', 'fill o2 10@99 taker']);
  });
});
