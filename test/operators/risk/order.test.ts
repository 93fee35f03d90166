import { describe, expect, it } from 'vitest';
import { dec } from '../../../src/model/decimal.js';
import { instrumentKnown, instrumentTradable, orderTerms } from '../../../src/operators/risk/instrument.js';
import { notionalBounds, referencePriced } from '../../../src/operators/risk/notional.js';
import { orderKey } from '../../../src/operators/risk/order-key.js';
import { priceValid } from '../../../src/operators/risk/price-valid.js';
import { quantityValid } from '../../../src/operators/risk/quantity-valid.js';
import { sessionOpen } from '../../../src/model/session.js';
import { BTC, NOW, TestState, intentOf, orderOf } from '../../support/state-view.js';
import { ask, judge } from './judge.js';

describe('instrument', () => {
  it('must be in the table under the same index', () => {
    const state = new TestState();
    expect(ask(instrumentKnown, state, intentOf())).toBe('ok');
    expect(ask(instrumentKnown, state, intentOf({ instrument: 'XRP' }))).toBe(
      'INSTRUMENT_UNKNOWN: instrument=XRP',
    );
    expect(ask(instrumentKnown, state, intentOf({ ix: 1 }))).toBe('INSTRUMENT_UNKNOWN: instrument=BTCUSDT');
  });

  it.each([
    ['open', 'ok'],
    ['pre_open', 'ok'],
    ['auction', 'ok'],
    ['halted', 'INSTRUMENT_NOT_TRADABLE: instrument=BTCUSDT status=halted'],
    ['closed', 'INSTRUMENT_NOT_TRADABLE: instrument=BTCUSDT status=closed'],
    ['unknown', 'INSTRUMENT_NOT_TRADABLE: instrument=BTCUSDT status=unknown'],
  ] as const)('of status %s: %s', (status, expected) => {
    const state = new TestState();
    state.marketOf(0).status = status;
    expect(ask(instrumentTradable, state, intentOf())).toBe(expected);
  });

  it('takes orders for the opening auction before the session', () => {
    const state = new TestState();
    state.marketOf(0).status = 'closed';
    expect(ask(instrumentTradable, state, intentOf({ timeInForce: 'opg' }))).toBe('ok');
  });

  const us = {
    zone: 'America/New_York',
    days: [1, 2, 3, 4, 5],
    open: 570,
    close: 960,
    holidays: ['2024-07-04'],
  };
  const night = { zone: 'America/Chicago', days: [7, 1, 2, 3, 4], open: 1020, close: 960, holidays: [] };
  const at = (iso: string): number => Date.parse(iso) * 1_000;

  it.each([
    ['2024-07-03T13:29:59Z', us, false],
    ['2024-07-03T13:30:00Z', us, true],
    ['2024-07-03T19:59:59Z', us, true],
    ['2024-07-03T20:00:00Z', us, false],
    ['2024-07-04T15:00:00Z', us, false],
    ['2024-07-06T15:00:00Z', us, false],
    // Winter time: one hour later in UTC.
    ['2024-12-03T14:29:00Z', us, false],
    ['2024-12-03T14:30:00Z', us, true],
    // Over midnight: belongs to the day it opens on. Sunday 17:00 to Monday 16:00 in Chicago.
    ['2024-07-07T21:59:00Z', night, false],
    ['2024-07-07T22:00:00Z', night, true],
    ['2024-07-08T20:59:00Z', night, true],
    ['2024-07-08T21:00:00Z', night, false],
    ['2024-07-12T20:00:00Z', night, true],
    ['2024-07-12T22:30:00Z', night, false],
  ])('session at %s', (iso, session, open) => {
    expect(sessionOpen(session, at(iso))).toBe(open);
  });

  it('is closed outside its session', () => {
    const state = new TestState([{ symbol: 'SPY', session: us }]);
    const intent = intentOf({ instrument: 'SPY' });
    state.at = at('2024-07-04T15:00:00Z');
    expect(ask(instrumentTradable, state, intent)).toBe(
      'MARKET_CLOSED: instrument=SPY zone=America/New_York at=2024-07-04T15:00:00.000000Z',
    );
    const ignore = { limits: { session: 'ignore' as const } };
    expect(ask(instrumentTradable, state, intent, ignore)).toBe('ok');
    state.at = at('2024-07-03T15:00:00Z');
    expect(ask(instrumentTradable, state, intent)).toBe('ok');
  });

  it('with a zone nobody knows is denied, not skipped', () => {
    const state = new TestState([{ symbol: 'SPY', session: { ...us, zone: 'Mars/Olympus' } }]);
    expect(ask(instrumentTradable, state, intentOf({ instrument: 'SPY' }))).toMatch(
      /^CHECK_FAILED: check=instrument_tradable error=/,
    );
  });
});

describe('order terms', () => {
  it('are those of the venue', () => {
    const state = new TestState([{ ...BTC, orderTypes: { limit: ['gtc', 'ioc'] } }]);
    expect(ask(orderTerms, state, intentOf({ limitPrice: 99 }))).toBe('ok');
    expect(ask(orderTerms, state, intentOf())).toBe('ORDER_TYPE_UNSUPPORTED: instrument=BTCUSDT type=market');
    expect(ask(orderTerms, state, intentOf({ limitPrice: 99, timeInForce: 'fok' }))).toBe(
      'TIME_IN_FORCE_UNSUPPORTED: instrument=BTCUSDT type=limit time_in_force=fok',
    );
  });

  it('of gtd need an expiry in the future', () => {
    const state = new TestState();
    const gtd = { orderKey: 'g', limitPrice: 99, timeInForce: 'gtd' } as const;
    expect(ask(orderTerms, state, intentOf(gtd))).toBe('EXPIRE_TIME_MISSING: order_key=g');
    expect(ask(orderTerms, state, intentOf({ ...gtd, expireAt: NOW }))).toBe(
      'EXPIRE_TIME_PASSED: expire_at=2023-11-14T22:13:20.000000Z at=2023-11-14T22:13:20.000000Z',
    );
    expect(ask(orderTerms, state, intentOf({ ...gtd, expireAt: NOW + 1 }))).toBe('ok');
    expect(ask(orderTerms, state, intentOf({ ...gtd, expireAt: Number.NaN }))).toMatch(/^EXPIRE_TIME_PASSED/);
  });
});

describe('prices', () => {
  it.each([
    [{ limitPrice: '99.01' }, 'ok'],
    [{ type: 'limit' }, 'PRICE_MISSING: type=limit price=limit'],
    [{ type: 'stop' }, 'PRICE_MISSING: type=stop price=stop'],
    [{ type: 'stop_limit', stopPrice: 99 }, 'PRICE_MISSING: type=stop_limit price=limit'],
    [{ type: 'stop_limit', limitPrice: 99 }, 'PRICE_MISSING: type=stop_limit price=stop'],
    [{ type: 'trailing_stop' }, 'PRICE_MISSING: type=trailing_stop price=trailing_offset'],
    [{ limitPrice: 0 }, 'PRICE_INVALID: price=limit value=0'],
    [{ limitPrice: -1 }, 'PRICE_INVALID: price=limit value=-1'],
    [{ limitPrice: Number.NaN }, 'PRICE_INVALID: price=limit value=NaN'],
    [{ type: 'stop', stopPrice: Infinity }, 'PRICE_INVALID: price=stop value=Infinity'],
    [{ limitPrice: '99.001' }, 'PRICE_PRECISION: price=limit value=99.001 precision=2'],
  ] as const)('%j: %s', (input, expected) => {
    expect(ask(priceValid, new TestState(), intentOf(input))).toBe(expected);
  });

  it('are multiples of the tick', () => {
    const state = new TestState([{ ...BTC, tickSize: '0.25' }]);
    expect(ask(priceValid, state, intentOf({ limitPrice: '99.75' }))).toBe('ok');
    expect(ask(priceValid, state, intentOf({ limitPrice: '99.80' }))).toBe(
      'PRICE_TICK: price=limit value=99.8 tick=0.25',
    );
  });

  it('may be below zero where the instrument allows it', () => {
    const state = new TestState([{ ...BTC, allowsNegativePrice: true }]);
    expect(ask(priceValid, state, intentOf({ limitPrice: '-37.63' }))).toBe('ok');
  });

  it('trail by more than nothing', () => {
    const trail = (value: number): string =>
      ask(
        priceValid,
        new TestState(),
        intentOf({ type: 'trailing_stop', trailingOffset: { value: dec(value), unit: 'bps' } }),
      );
    expect(trail(10)).toBe('ok');
    expect(trail(0)).toBe('PRICE_INVALID: price=trailing_offset value=0');
    expect(trail(Number.NaN)).toBe('PRICE_INVALID: price=trailing_offset value=NaN');
  });
});

describe('quantity', () => {
  const state = new TestState([{ ...BTC, lotSize: '0.005', minQuantity: '0.01', maxQuantity: 2 }]);
  it.each([
    ['0.01', 'ok'],
    [2, 'ok'],
    [0, 'QUANTITY_INVALID: quantity=0'],
    [-1, 'QUANTITY_INVALID: quantity=-1'],
    [Number.NaN, 'QUANTITY_INVALID: quantity=NaN'],
    [Infinity, 'QUANTITY_INVALID: quantity=Infinity'],
    ['0.0101', 'QUANTITY_PRECISION: quantity=0.0101 precision=3'],
    ['0.012', 'QUANTITY_LOT: quantity=0.012 lot=0.005'],
    ['0.005', 'QUANTITY_MIN: quantity=0.005 minimum=0.01'],
    ['2.005', 'QUANTITY_MAX: quantity=2.005 maximum=2'],
  ])('%s: %s', (quantity, expected) => {
    expect(ask(quantityValid, state, intentOf({ quantity }))).toBe(expected);
  });

  it('of a replace is more than what has filled', () => {
    const own = new TestState();
    own.put({ ...orderOf(intentOf({ orderKey: 'a', quantity: 3, limitPrice: 99 }), 99), filled: dec(2) });
    const replace = { action: 'replace', orderKey: 'a', limitPrice: 99 } as const;
    expect(ask(quantityValid, own, intentOf({ ...replace, quantity: 2 }))).toBe(
      'QUANTITY_INVALID: quantity=2 filled=2',
    );
    expect(ask(quantityValid, own, intentOf({ ...replace, quantity: '2.5' }))).toBe('ok');
  });
});

describe('value', () => {
  it('needs a price', () => {
    const state = new TestState();
    Object.assign(state.marketOf(0), { bid: NaN, ask: NaN, last: NaN, mark: NaN });
    const none = 'NO_REFERENCE_PRICE: instrument=BTCUSDT side=buy type=market';
    expect(ask(referencePriced, state, intentOf())).toBe(none);
    expect(judge(state, intentOf())).toBe(none);
    expect(ask(referencePriced, state, intentOf({ limitPrice: 99 }))).toBe('ok');
    state.marketOf(0).last = 100;
    expect(ask(referencePriced, state, intentOf())).toBe('ok');
  });

  it('is within the venue’s bounds', () => {
    const state = new TestState([{ ...BTC, minNotional: 10, maxNotional: 1_000 }]);
    const limit = (quantity: string): string =>
      ask(notionalBounds, state, intentOf({ quantity, limitPrice: 100 }));
    expect(limit('0.1')).toBe('ok');
    expect(limit('0.099')).toBe('NOTIONAL_MIN: notional=9.9 minimum=10 currency=USDT');
    expect(limit('10')).toBe('ok');
    expect(limit('10.001')).toBe('NOTIONAL_MAX: notional=1000.1 maximum=1000 currency=USDT');
  });
});

describe('order key', () => {
  const state = new TestState();
  state.put(orderOf(intentOf({ orderKey: 'open', limitPrice: 90 }), 90, 'accepted'));
  state.put(orderOf(intentOf({ orderKey: 'done', limitPrice: 90 }), 90, 'filled'));
  const replace = (input: object): string =>
    ask(orderKey, state, intentOf({ action: 'replace', limitPrice: 91, ...input }));

  it('of a new order is new', () => {
    expect(ask(orderKey, state, intentOf({ orderKey: 'fresh' }))).toBe('ok');
    expect(ask(orderKey, state, intentOf({ orderKey: 'open' }))).toBe(
      'DUPLICATE_ORDER: order_key=open state=accepted',
    );
    expect(ask(orderKey, state, intentOf({ orderKey: 'done' }))).toBe(
      'DUPLICATE_ORDER: order_key=done state=filled',
    );
  });

  it('of an order asked again is its own, unless it closed meanwhile', () => {
    expect(ask(orderKey, state, intentOf({ orderKey: 'open' }), {}, true)).toBe('ok');
    expect(ask(orderKey, state, intentOf({ orderKey: 'done' }), {}, true)).toBe(
      'ORDER_CLOSED: order_key=done state=filled',
    );
  });

  it('of a replace names an open order of the same side', () => {
    expect(replace({ orderKey: 'open' })).toBe('ok');
    expect(replace({ orderKey: 'none' })).toBe('ORDER_NOT_FOUND: order_key=none');
    expect(replace({ orderKey: 'done' })).toBe('ORDER_CLOSED: order_key=done state=filled');
    expect(replace({ orderKey: 'open', side: 'sell' })).toBe(
      'ORDER_NOT_FOUND: order_key=open order="buy BTCUSDT" intent="sell BTCUSDT"',
    );
  });

  it('is all a cancel is asked for, also while halted', () => {
    const halted = new TestState();
    halted.put(orderOf(intentOf({ orderKey: 'open', limitPrice: 90 }), 90, 'accepted'));
    halted.put(orderOf(intentOf({ orderKey: 'done', limitPrice: 90 }), 90, 'cancelled'));
    Object.assign(halted.control, { trading: 'halted', recovering: true, killed: true });
    const cancel = (key: string): string =>
      judge(halted, intentOf({ action: 'cancel', orderKey: key, instrument: '?', ix: -1 }), {
        dry_run: true,
      });
    expect(cancel('open')).toBe('ok');
    expect(cancel('done')).toBe('ORDER_CLOSED: order_key=done state=cancelled');
    expect(cancel('none')).toBe('ORDER_NOT_FOUND: order_key=none');
  });
});
