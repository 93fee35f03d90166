import { describe, expect, it } from 'vitest';
import {
  cancelRequest,
  replaceOfCancel,
  cancelHalfId,
  replaceRequest,
} from '../../../../src/brokers/binance/orders/change.js';
import { placeRequest } from '../../../../src/brokers/binance/orders/place.js';
import { restRequest } from '../../../../src/brokers/binance/orders/request.js';
import { badClientOrderId, plainText } from '../../../../src/brokers/binance/orders/text.js';
import { dec } from '../../../../src/model/decimal.js';
import type { Intent } from '../../../../src/model/intent.js';
import { makeDispatch } from '../../../../src/model/make.js';
import type { Order } from '../../../../src/model/order.js';
import { orderOf } from '../../../../src/state/order-record.js';
import { intentOf, RULES } from './rig.js';

const BASE = { symbol: 'BTCUSDT', side: 'BUY', newClientOrderId: 'c1', newOrderRespType: 'FULL' };
const placed = (fields: Partial<Intent>, rules = RULES) => {
  const mapped = placeRequest(intentOf('new', fields), 'c1', rules);
  return mapped.ok ? { method: mapped.request.method, ...mapped.request.params } : mapped.reason;
};
const place = (params: Record<string, unknown>) => ({ method: 'order.place', ...BASE, ...params });
const none = { limitPrice: undefined };
const bps = (value: string) => ({ value: dec(value), unit: 'bps' as const });

describe('a new order', () => {
  it.each<[string, Partial<Intent>, Record<string, unknown>]>([
    [
      'market',
      { type: 'market', ...none, quantity: dec('0.00000001') },
      { type: 'MARKET', quantity: '0.00000001' },
    ],
    ['market ioc', { type: 'market', ...none, timeInForce: 'ioc' }, { type: 'MARKET', quantity: '10' }],
    [
      'market reduce-only',
      { type: 'market', ...none, reduceOnly: true, side: 'sell' },
      { type: 'MARKET', quantity: '10', side: 'SELL' },
    ],
    ['limit gtc', {}, { type: 'LIMIT', timeInForce: 'GTC', price: '100', quantity: '10' }],
    [
      'limit ioc',
      { timeInForce: 'ioc' },
      { type: 'LIMIT', timeInForce: 'IOC', price: '100', quantity: '10' },
    ],
    [
      'limit fok',
      { timeInForce: 'fok', limitPrice: dec('1e-7') },
      { type: 'LIMIT', timeInForce: 'FOK', price: '0.0000001', quantity: '10' },
    ],
    ['post-only', { postOnly: true }, { type: 'LIMIT_MAKER', price: '100', quantity: '10' }],
    [
      'stop',
      { type: 'stop', ...none, stopPrice: dec(110) },
      { type: 'STOP_LOSS', stopPrice: '110', quantity: '10' },
    ],
    [
      'stop named so',
      { type: 'stop', ...none, stopPrice: dec(110), metadata: { trigger: 'stop' } },
      { type: 'STOP_LOSS', stopPrice: '110', quantity: '10' },
    ],
    [
      'take profit',
      { type: 'stop', ...none, side: 'sell', stopPrice: dec(120), metadata: { trigger: 'take_profit' } },
      { type: 'TAKE_PROFIT', side: 'SELL', stopPrice: '120', quantity: '10' },
    ],
    [
      'stop-limit',
      { type: 'stop_limit', side: 'sell', stopPrice: dec(90), limitPrice: dec('89.5') },
      {
        type: 'STOP_LOSS_LIMIT',
        side: 'SELL',
        timeInForce: 'GTC',
        price: '89.5',
        stopPrice: '90',
        quantity: '10',
      },
    ],
    [
      'trailing stop',
      { type: 'trailing_stop', ...none, trailingOffset: bps('150') },
      { type: 'STOP_LOSS', trailingDelta: 150, quantity: '10' },
    ],
  ])('%s', (_, fields, params) => {
    expect(placed(fields)).toEqual(place(params));
  });

  it.each<[Partial<Intent>, string]>([
    [{ timeInForce: 'day' }, 'Binance spot has no time in force day: use gtc, ioc or fok'],
    [{ timeInForce: 'gtd', expireAt: 1 }, 'Binance spot has no time in force gtd: use gtc, ioc or fok'],
    [{ timeInForce: 'opg' }, 'Binance spot has no time in force opg: use gtc, ioc or fok'],
    [{ timeInForce: 'cls' }, 'Binance spot has no time in force cls: use gtc, ioc or fok'],
    [
      { type: 'market', timeInForce: 'fok' },
      'a Binance market order may fill in part: fok needs a limit order',
    ],
    [
      { postOnly: true, timeInForce: 'ioc' },
      'Binance takes post-only for limit orders with gtc, not for limit with ioc',
    ],
    [
      { postOnly: true, type: 'market' },
      'Binance takes post-only for limit orders with gtc, not for market with gtc',
    ],
    [
      { reduceOnly: true },
      'Binance spot cannot keep a resting order reduce-only: leave reduce_only out, or use a market or ioc order',
    ],
    [
      { links: { oco: 'g' } },
      'Binance orders are sent one by one here: linked orders (bracket, OCO) are not supported',
    ],
    [{ limitPrice: undefined }, 'a limit order needs a limit price that Binance can take'],
    [{ limitPrice: dec(0) }, 'a limit order needs a limit price that Binance can take'],
    [{ limitPrice: dec('1e-21') }, 'a limit order needs a limit price that Binance can take'],
    [{ quantity: dec('1e21') }, 'quantity 1000000000000000000000 cannot be written as Binance asks'],
    [{ type: 'stop', stopPrice: undefined }, 'a stop order needs a stop price that Binance can take'],
    [
      { type: 'stop', stopPrice: dec(1), timeInForce: 'ioc' },
      'a stop order becomes a market order: gtc is its only time in force at Binance',
    ],
    [
      { type: 'stop', stopPrice: dec(1), metadata: { trigger: 'tp' } },
      'metadata trigger is "tp": write stop or take_profit',
    ],
    [
      { type: 'stop_limit', stopPrice: dec(1), metadata: { trigger: 'take_profit' } },
      'BTCUSDT takes no TAKE_PROFIT_LIMIT orders at Binance',
    ],
    [
      { type: 'trailing_stop', ...none, trailingOffset: bps('1.5') },
      'a Binance trailing stop needs its offset in whole bps',
    ],
    [
      { type: 'trailing_stop', ...none, trailingOffset: { value: dec(5), unit: 'price' } },
      'a Binance trailing stop needs its offset in whole bps',
    ],
    [
      { type: 'trailing_stop', ...none, stopPrice: dec(9), trailingOffset: bps('5') },
      'a Binance trailing stop starts from the market: leave stop and limit price out',
    ],
  ])('%o is refused', (fields, reason) => {
    expect(placed(fields)).toBe(reason);
  });

  it('keeps the venue’s alphabet of ids', () => {
    expect(badClientOrderId('s1k2-1a-2_B')).toBe('');
    expect(badClientOrderId('a'.repeat(36))).toBe('');
    for (const id of ['', 'a.b', 'a b', 'ä', 'a'.repeat(37)]) expect(badClientOrderId(id)).not.toBe('');
  });

  it.each([
    ['1e-20', '0.00000000000000000001'],
    ['12345678901234567890', '12345678901234567890'],
    ['0.10', '0.1'],
    ['-1', undefined],
    ['1e-21', undefined],
    ['NaN', undefined],
    ['Infinity', undefined],
  ])('writes %s as %s', (value, text) => {
    expect(plainText(dec(value))).toBe(text);
  });
});

describe('a change', () => {
  const order = (fields: Partial<Order> = {}, intent: Partial<Intent> = {}): Order => ({
    ...orderOf(intentOf('new', intent), dec(100), 0),
    clientOrderId: 'old',
    ...fields,
  });
  const replaced = (
    fields: Partial<Intent>,
    of: Order = order(),
    rules = RULES,
    family?: 'STOP_LOSS' | 'TAKE_PROFIT',
  ) => {
    const mapped = replaceRequest(
      makeDispatch('c2', 'old', 'b', intentOf('replace', fields)),
      of,
      rules,
      family,
    );
    return mapped.ok ? { method: mapped.request.method, ...mapped.request.params } : mapped.reason;
  };

  it('cancels by client id and names the cancel', () => {
    expect(cancelRequest(makeDispatch('c2', 'old', 'b', intentOf('cancel')), 'BTCUSDT')).toEqual({
      ok: true,
      request: {
        method: 'order.cancel',
        params: { symbol: 'BTCUSDT', origClientOrderId: 'old', newClientOrderId: 'c2' },
      },
    });
    expect(cancelRequest(makeDispatch('c2', '', 'b', intentOf('cancel')), 'BTCUSDT').ok).toBe(false);
  });

  it('amends a smaller quantity, also of an order that filled in part', () => {
    const amend = {
      method: 'order.amend.keepPriority',
      symbol: 'BTCUSDT',
      origClientOrderId: 'old',
      newClientOrderId: 'c2',
      newQty: '7',
    };
    expect(replaced({ quantity: dec(7) })).toEqual(amend);
    expect(replaced({ quantity: dec(7) }, order({ filled: dec(3) }))).toEqual(amend);
  });

  const REPLACE = {
    method: 'order.cancelReplace',
    ...BASE,
    newClientOrderId: 'c2',
    cancelReplaceMode: 'STOP_ON_FAILURE',
    cancelRestrictions: 'ONLY_NEW',
    cancelOrigClientOrderId: 'old',
    cancelNewClientOrderId: 'c2-c',
  };

  it('cancels and replaces for everything else', () => {
    const limit = { ...REPLACE, type: 'LIMIT', timeInForce: 'GTC' };
    expect(replaced({ quantity: dec(12) })).toEqual({ ...limit, price: '100', quantity: '12' });
    expect(replaced({ limitPrice: dec(101) })).toEqual({ ...limit, price: '101', quantity: '10' });
    expect(replaced({ quantity: dec(7) }, order(), { ...RULES, amend: false })).toEqual({
      ...limit,
      price: '100',
      quantity: '7',
    });
  });

  it('keeps the direction of a stop', () => {
    const stop = { type: 'stop' as const, ...none, stopPrice: dec(90) };
    const old = order({}, { ...stop, stopPrice: dec(95) });
    expect(replaced(stop, old, RULES, 'TAKE_PROFIT')).toEqual({
      ...REPLACE,
      type: 'TAKE_PROFIT',
      stopPrice: '90',
      quantity: '10',
    });
    expect(replaced(stop, old)).toBe(
      'the direction of this stop order is not known any more: cancel it and send a new one',
    );
  });

  it.each<[string, Partial<Intent>, Partial<Order>, string]>([
    ['nothing changed', {}, {}, 'the replace changes nothing'],
    [
      'below what filled',
      { quantity: dec(3) },
      { filled: dec(3) },
      '3 is filled already: a replace needs a larger total quantity, or cancel',
    ],
    [
      'a part filled',
      { limitPrice: dec(101) },
      { filled: dec(3) },
      'the order has filled in part, and replacing the rest could fill more than wished: cancel it and send a new order for what is left',
    ],
  ])('refuses when %s', (_, fields, of, reason) => {
    expect(replaced(fields, order(of))).toBe(reason);
  });

  it('tells the cancel half of a replace from other cancels', () => {
    expect(replaceOfCancel(cancelHalfId('s-1-2'))).toBe('s-1-2');
    expect(replaceOfCancel('s-1-2')).toBeUndefined();
  });

  it('has the same request for REST', () => {
    const mapped = placeRequest(intentOf('new'), 'c1', RULES);
    expect(mapped.ok && restRequest(mapped.request)).toMatchObject({
      method: 'POST',
      path: '/api/v3/order',
      security: 'signed',
      lane: 'risk',
      params: { symbol: 'BTCUSDT', newClientOrderId: 'c1' },
    });
  });
});
