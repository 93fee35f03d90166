import { describe, expect, it } from 'vitest';
import { DEFAULT_BAR_RULES, type BarRules } from '../../src/matching/index.js';
import { dec } from '../../src/model/decimal.js';
import { MINUTE, Venue, type VenueSetup } from './venue.js';

function venue(bars: Partial<BarRules> = {}, more: VenueSetup['options'] = {}): Venue {
  const v = new Venue({ options: { bars: { ...DEFAULT_BAR_RULES, ...bars }, ...more } });
  v.bar(100, 101, 99, 100);
  return v;
}

describe('market orders on bars', () => {
  it('fill at the newest close', () => {
    expect(venue().send({})).toEqual(['accepted o1', 'fill o1 10@100 taker']);
  });

  it('fill at the open of the next bar, ask bars for buys', () => {
    const v = venue({ market: 'next_open' });
    expect(v.send({})).toEqual(['accepted o1']);
    expect(v.bar(102, 103, 101, 103)).toEqual(['fill o1 10@102 taker']);
    v.bar(104, 105, 103, 104, { basis: 'ask', start: v.at });
    expect(v.send({})).toEqual(['accepted o2']);
    expect(v.bar(102, 103, 101, 103, { basis: 'bid' })).toEqual([]);
    expect(v.bar(106, 107, 101, 103, { basis: 'ask' })).toEqual(['fill o2 10@106 taker']);
  });

  it('never fill at an open that lay before the order', () => {
    const v = venue({ market: 'next_open' });
    const start = v.at;
    v.at += MINUTE / 2;
    v.send({});
    expect(v.bar(102, 103, 101, 103, { start })).toEqual([]);
    expect(v.bar(104, 104, 104, 104)).toEqual(['fill o1 10@104 taker']);
  });
});

describe('limit orders on bars', () => {
  it.each([
    ['limit', '99'],
    ['open', '98'],
    ['range', '98.5'],
  ] as const)('price rule %s', (price, filled) => {
    const v = venue({ limit: { ...DEFAULT_BAR_RULES.limit, price } });
    v.send({ type: 'limit', limitPrice: 99 });
    expect(v.bar(98, 98.5, 97, 98)).toEqual([`fill o1 10@${filled} maker`]);
  });

  it('touch or penetrate the low of the bar', () => {
    for (const [limit, fills] of [
      ['touch', 1],
      ['penetrate', 0],
    ] as const) {
      const v = venue({}, { limit });
      v.send({ type: 'limit', limitPrice: 99 });
      expect(v.bar(100, 101, 99, 100).length).toBe(fills);
    }
  });

  it('marketable on arrival, or judged on the next bar', () => {
    expect(venue().send({ type: 'limit', limitPrice: 105 })).toEqual(['accepted o1', 'fill o1 10@100 taker']);
    const v = venue({ limit: { basis: 'trade', price: 'range', marketable: 'next_bar' } });
    expect(v.send({ type: 'limit', limitPrice: 105 })).toEqual(['accepted o1']);
    expect(v.bar(101, 103, 100, 102)).toEqual(['fill o1 10@103 maker']);
  });

  it('are not judged on bars that ended when they came', () => {
    const v = venue();
    const start = v.at - MINUTE;
    v.send({ type: 'limit', limitPrice: 99 });
    expect(v.bar(100, 100, 90, 100, { start })).toEqual([]);
  });

  it('fill no more than their part of the volume', () => {
    const v = venue({ participation: 0.1 });
    v.send({ quantity: 250, type: 'limit', limitPrice: 99 });
    expect(v.bar(100, 100, 98, 100, { volume: 1_005 })).toEqual(['fill o1 100@99 maker']);
    expect(v.bar(100, 100, 98, 100, { volume: 2_000 })).toEqual(['fill o1 150@99 maker']);
  });
});

describe('stops on bars', () => {
  it.each([
    ['stop', '103'],
    ['open', '104'],
    ['close', '105'],
  ] as const)('price rule %s', (price, filled) => {
    const v = venue({ stop: { basis: 'trade', price } });
    v.send({ type: 'stop', stopPrice: 103 });
    expect(v.bar(104, 106, 102, 105)).toEqual(['triggered o1', `fill o1 10@${filled} taker`]);
  });

  it('fill at the stop when the bar did not open through it', () => {
    const v = venue();
    v.send({ side: 'sell', type: 'stop', stopPrice: 97 });
    expect(v.bar(100, 101, 98, 99)).toEqual([]);
    expect(v.bar(98, 98, 95, 96)).toEqual(['triggered o1', 'fill o1 10@97 taker']);
  });

  it('stop-limit fills on its trigger bar only by the close', () => {
    const v = venue();
    v.send({ type: 'stop_limit', stopPrice: 103, limitPrice: 104 });
    expect(v.bar(100, 106, 99, 105)).toEqual(['triggered o1']);
    expect(v.bar(105, 106, 103, 105)).toEqual(['fill o1 10@104 maker']);
    v.send({ type: 'stop_limit', stopPrice: 107, limitPrice: 108 });
    expect(v.bar(105, 110, 104, 107.5)).toEqual(['triggered o2', 'fill o2 10@108 maker']);
  });

  it('stop-limit may be judged by closes only', () => {
    const v = venue({ stopLimit: { basis: 'trade', after: 'close' } });
    v.send({ type: 'stop_limit', stopPrice: 103, limitPrice: 104 });
    v.bar(100, 106, 99, 105);
    expect(v.bar(105, 106, 100, 105)).toEqual([]);
    expect(v.bar(105, 106, 105, 103)).toEqual([]);
    expect(v.bar(103, 106, 100, 103)).toEqual(['fill o1 10@103 maker']);
  });

  it('the test of a trailing stop precedes its move', () => {
    const v = venue({ trailingStop: { basis: 'trade', price: 'stop' } });
    v.send({ side: 'sell', type: 'trailing_stop', trailingOffset: { value: dec(5), unit: 'price' } });
    expect(v.bar(100, 110, 96, 100)).toEqual([]); // the high moves the stop to 105 only after the low was tested
    expect(v.engine.openOrders()[0]?.stop).toBe(105);
    expect(v.bar(106, 107, 104, 106)).toEqual(['triggered o1', 'fill o1 10@105 taker']);
  });
});

describe('sessions', () => {
  const NY = {
    zone: 'America/New_York',
    days: [1, 2, 3, 4, 5],
    open: 570,
    close: 960,
    holidays: ['2013-10-08'],
  };
  const MONDAY = Date.UTC(2013, 9, 7, 4) * 1_000;
  const HOUR = 60 * MINUTE;
  const at = (day: number, hour: number): number => MONDAY + day * 24 * HOUR + hour * HOUR;
  const make = (options: VenueSetup['options'] = {}): Venue => {
    const v = new Venue({ instrument: { session: NY }, options });
    v.at = at(0, 12);
    v.trade(100);
    return v;
  };

  it.each([
    ['reject', ['rejected o1 MARKET_CLOSED: instrument=AAA'], []],
    ['immediate', ['accepted o1', 'fill o1 10@100 taker'], []],
    ['next_open', ['accepted o1'], ['fill o1 10@105 taker']],
    ['wait', ['accepted o1'], ['fill o1 10@105 taker']],
  ] as const)('a market order after the close: %s', (afterClose, first, then) => {
    const v = make({ afterClose });
    v.at = at(0, 17);
    expect(v.send({})).toEqual(first);
    v.at = at(1, 12); // a holiday
    expect(v.trade(104)).toEqual([]);
    v.at = at(2, 9.5);
    expect(v.trade(105)).toEqual(then);
  });

  it('at-open orders wait for the next session, also when sent within one', () => {
    const v = make();
    v.send({ timeInForce: 'opg' });
    v.send({ timeInForce: 'opg', type: 'limit', limitPrice: 104 });
    expect(v.trade(90)).toEqual([]);
    v.at = at(2, 9.5);
    expect(v.trade(105)).toEqual(['fill o1 10@105 taker', 'expired o2 auction price 105 beyond the limit']);
  });

  it('at-close orders get the last price of the session', () => {
    const v = make();
    v.send({ timeInForce: 'cls' });
    v.trade(103);
    v.at = at(0, 16);
    expect(v.trade(110)).toEqual(['fill o1 10@103 taker']);
  });

  it('at-close orders get the close of the last bar', () => {
    const v = make();
    v.send({ timeInForce: 'cls' });
    expect(v.bar(100, 104, 99, 102, { start: at(0, 16) - 2 * MINUTE })).toEqual([]);
    expect(v.bar(102, 104, 99, 103, { start: at(0, 16) - MINUTE })).toEqual(['fill o1 10@103 taker']);
  });

  it('day orders live through the last bar and are over after it', () => {
    for (const [low, said] of [
      [95, ['fill o1 10@95 maker']],
      [96, []],
    ] as const) {
      const v = make();
      v.send({ type: 'limit', limitPrice: 95, timeInForce: 'day' });
      expect(v.engine.nextDeadline()).toBe(at(0, 16));
      expect(v.bar(100, 101, low, 99, { start: at(0, 16) - MINUTE })).toEqual(said);
      v.engine.advance(at(0, 16) + 1);
      expect(v.said()).toEqual(said.length > 0 ? [] : ['expired o1 time in force day']);
    }
  });

  it('resting orders sleep outside the session unless told otherwise', () => {
    for (const [outsideSession, fills] of [
      ['rest', 0],
      ['match', 1],
    ] as const) {
      const v = make({ outsideSession });
      v.send({ type: 'limit', limitPrice: 95 });
      v.at = at(0, 17);
      expect(v.trade(94).length).toBe(fills);
    }
  });

  it('nothing fills on the last bar of the session when the rules skip it', () => {
    const v = make({ bars: { ...DEFAULT_BAR_RULES, atClose: 'skip' } });
    v.send({ type: 'limit', limitPrice: 95 });
    expect(v.bar(100, 101, 90, 99, { start: at(0, 16) - MINUTE })).toEqual([]);
    expect(v.bar(100, 101, 90, 99, { start: at(2, 9.5) })).toEqual(['fill o1 10@95 maker']);
  });

  it('without a calendar the market is always open and the day is the UTC day', () => {
    const v = new Venue();
    v.trade(100);
    v.send({ timeInForce: 'opg' });
    v.at = 86_399_999_990;
    expect(v.trade(101)).toEqual([]);
    v.at = 86_400_000_000;
    expect(v.trade(102)).toEqual(['fill o1 10@102 taker']);
  });
});
