import { describe, expect, it } from 'vitest';
import { dec } from '../../../src/model/decimal.js';
import { postOnly, priceCollar, staleQuote } from '../../../src/operators/risk/market.js';
import { referencePrice } from '../../../src/operators/risk/price.js';
import { reduceOnly } from '../../../src/operators/risk/reduce-only.js';
import { selfTrade } from '../../../src/operators/risk/self-trade.js';
import { defineInstrument } from '../../../src/model/instruments.js';
import { BTC, NOW, TestState, intentOf, orderOf, type IntentInput } from '../../support/state-view.js';
import { ask } from './judge.js';

describe('reference price', () => {
  const offset = (value: number, unit: 'price' | 'ticks' | 'bps'): IntentInput => ({
    type: 'trailing_stop',
    trailingOffset: { value: dec(value), unit },
  });
  it.each<[string, IntentInput, string, string]>([
    ['market buy', {}, '101', 'ask'],
    ['market sell', { side: 'sell' }, '99', 'bid'],
    ['limit buy', { limitPrice: 90 }, '90', 'limit'],
    ['limit sell above the bid', { side: 'sell', limitPrice: 110 }, '110', 'limit'],
    ['limit sell through the bid', { side: 'sell', limitPrice: 1 }, '99', 'bid'],
    ['stop sell', { side: 'sell', type: 'stop', stopPrice: 95 }, '95', 'stop'],
    ['stop buy', { type: 'stop', stopPrice: 105 }, '105', 'stop'],
    ['stop buy under the ask', { type: 'stop', stopPrice: 100 }, '101', 'ask'],
    ['stop-limit', { type: 'stop_limit', stopPrice: 105, limitPrice: 106 }, '106', 'limit'],
    ['trailing sell', { side: 'sell', ...offset(5, 'price') }, '94', 'trailing'],
    ['trailing buy in ticks', offset(100, 'ticks'), '102', 'trailing'],
    ['trailing buy in bps', offset(100, 'bps'), '102.01', 'trailing'],
    ['trailing sell wider than the price', { side: 'sell', ...offset(500, 'price') }, '99', 'trailing'],
    ['trailing at a given trigger', { stopPrice: 93, ...offset(5, 'price') }, '93', 'trailing'],
  ])('%s', (_name, input, value, origin) => {
    const found = referencePrice(intentOf(input), defineInstrument(BTC, 0), new TestState().market);
    expect([found?.value.toString(), found?.origin]).toEqual([value, origin]);
  });

  it('falls back to the last trade, and to nothing', () => {
    const state = new TestState();
    Object.assign(state.marketOf(0), { bid: NaN, ask: 0 });
    const price = (): string | undefined =>
      referencePrice(intentOf(), defineInstrument(BTC, 0), state.market)?.value.toString();
    expect(price()).toBe('100');
    state.marketOf(0).last = Infinity;
    expect(price()).toBeUndefined();
  });
});

describe('price collar', () => {
  const limits = { limits: { price_collar: dec('0.05') } };
  it.each<[IntentInput, string]>([
    [{ limitPrice: 105 }, 'ok'],
    [{ limitPrice: 95 }, 'ok'],
    [{ limitPrice: '105.01' }, 'PRICE_COLLAR: price=105.01 reference=100 distance=0.0501 limit=0.05'],
    [{ side: 'sell', limitPrice: 94 }, 'PRICE_COLLAR: price=94 reference=100 distance=0.06 limit=0.05'],
    [{}, 'ok'],
    [{ type: 'stop', side: 'sell', stopPrice: 50 }, 'ok'],
    [
      { type: 'stop_limit', stopPrice: 150, limitPrice: 160 },
      'PRICE_COLLAR: price=160 reference=150 distance=0.06666666667 limit=0.05',
    ],
  ])('%j', (input, expected) => {
    expect(ask(priceCollar, new TestState(), intentOf(input), limits)).toBe(expected);
  });

  it('stops a market order into a torn quote', () => {
    const state = new TestState();
    Object.assign(state.marketOf(0), { bid: 50, ask: 150 });
    expect(ask(priceCollar, state, intentOf(), limits)).toBe(
      'PRICE_COLLAR: price=150 reference=100 distance=0.5 limit=0.05',
    );
  });

  it('without a market denies', () => {
    const state = new TestState();
    Object.assign(state.marketOf(0), { bid: NaN, ask: NaN, last: NaN });
    expect(ask(priceCollar, state, intentOf({ limitPrice: 100 }), limits)).toBe(
      'NO_REFERENCE_PRICE: instrument=BTCUSDT side=buy type=limit',
    );
    state.hold('BTCUSDT', 1);
    expect(ask(priceCollar, state, intentOf({ side: 'sell', limitPrice: 100 }), limits)).toBe('ok');
  });
});

describe('stale quote', () => {
  const limits = { limits: { stale_quote: 5_000_000 } };
  it('is measured from the price the order is decided on', () => {
    const state = new TestState();
    state.at = NOW + 5_000_000;
    expect(ask(staleQuote, state, intentOf(), limits)).toBe('ok');
    state.at += 1;
    expect(ask(staleQuote, state, intentOf(), limits)).toBe(
      'STALE_QUOTE: instrument=BTCUSDT age=5000001us limit=5s',
    );
    state.hold('BTCUSDT', -1);
    expect(ask(staleQuote, state, intentOf(), limits)).toBe('ok');
  });
  it('of unknown age denies', () => {
    const state = new TestState();
    state.marketOf(0).quoteAt = 0;
    expect(ask(staleQuote, state, intentOf(), limits)).toBe(
      'STALE_QUOTE: instrument=BTCUSDT age=unknown limit=5s',
    );
    state.marketOf(0).quoteAt = NaN;
    expect(ask(staleQuote, state, intentOf(), limits)).toMatch(/^NOT_A_NUMBER/);
  });
});

describe('post-only', () => {
  it.each<[IntentInput, string]>([
    [{ limitPrice: 100 }, 'ok'],
    [{ limitPrice: 101 }, 'POST_ONLY_WOULD_TRADE: side=buy price=101 ask=101'],
    [{ side: 'sell', limitPrice: 100 }, 'ok'],
    [{ side: 'sell', limitPrice: 99 }, 'POST_ONLY_WOULD_TRADE: side=sell price=99 bid=99'],
    [{}, 'POST_ONLY_WOULD_TRADE: type=market'],
    [{ limitPrice: 90, timeInForce: 'ioc' }, 'POST_ONLY_WOULD_TRADE: time_in_force=ioc'],
  ])('%j', (input, expected) => {
    expect(ask(postOnly, new TestState(), intentOf({ ...input, postOnly: true }))).toBe(expected);
  });
});

describe('self-trade', () => {
  const limits = { limits: { self_trade: 'deny' as const } };
  const state = new TestState();
  state.put(orderOf(intentOf({ orderKey: 'mine', side: 'sell', limitPrice: 101 }), 101, 'accepted'));
  state.put(orderOf(intentOf({ orderKey: 'far', side: 'sell', limitPrice: 200 }), 200, 'accepted'));
  it.each<[IntentInput, string]>([
    [{ limitPrice: 100 }, 'ok'],
    [{ limitPrice: 101 }, 'SELF_TRADE: side=buy own_order=mine own_price=101'],
    [{}, 'SELF_TRADE: side=buy own_order=mine own_price=101'],
    [{ side: 'sell' }, 'ok'],
    [{ type: 'stop', stopPrice: 300 }, 'ok'],
    [{ instrument: 'ETHUSDT', ix: 1 }, 'ok'],
  ])('%j', (input, expected) => {
    expect(ask(selfTrade, state, intentOf(input), limits)).toBe(expected);
    expect(ask(selfTrade, state, intentOf(input), { limits: { self_trade: 'allow' } })).toBe('ok');
  });
  it('without a market, a market order may meet anything', () => {
    const dark = new TestState();
    Object.assign(dark.marketOf(0), { bid: NaN, ask: NaN, last: NaN });
    dark.put(orderOf(intentOf({ orderKey: 'far', side: 'sell', limitPrice: 200 }), 200, 'accepted'));
    expect(ask(selfTrade, dark, intentOf(), limits)).toBe('SELF_TRADE: side=buy own_order=far own_price=200');
  });
});

describe('reduce-only', () => {
  const sell: IntentInput = { side: 'sell', reduceOnly: true };
  it('closes at most the position', () => {
    const state = new TestState().hold('BTCUSDT', 2);
    expect(ask(reduceOnly, state, intentOf({ ...sell, quantity: 2 }))).toBe('ok');
    expect(ask(reduceOnly, state, intentOf({ ...sell, quantity: '2.001' }))).toBe(
      'REDUCE_ONLY: side=sell quantity=2.001 position=2',
    );
    expect(ask(reduceOnly, state, intentOf({ reduceOnly: true }))).toBe(
      'REDUCE_ONLY: side=buy quantity=1 position=2',
    );
    expect(ask(reduceOnly, new TestState(), intentOf(sell))).toBe(
      'REDUCE_ONLY: side=sell quantity=1 position=0',
    );
  });
  it('lets stop and target stand together, and closes at market beside them, once', () => {
    const state = new TestState().hold('BTCUSDT', 1);
    state.put(orderOf(intentOf({ ...sell, type: 'stop', stopPrice: 90 }), 90, 'accepted'));
    expect(ask(reduceOnly, state, intentOf({ ...sell, limitPrice: 120 }))).toBe('ok');
    const flatten = intentOf(sell);
    expect(ask(reduceOnly, state, flatten)).toBe('ok');
    state.put(orderOf(flatten, 99));
    expect(ask(reduceOnly, state, intentOf(sell))).toBe('REDUCE_ONLY: side=sell quantity=1 position=1');
  });
});
