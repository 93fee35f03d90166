import { describe, expect, it } from 'vitest';
import { KEY2, NOON, Venue } from './venue.js';

const MS = NOON / 1_000;

describe('limits', () => {
  it('count weight by address in a minute, refuse, and ban who goes on', () => {
    const v = new Venue({ limits: { weightPerMinute: 100, banAfter: 2, banMs: 60_000 } });
    expect(v.call('account.status').limits['REQUEST_WEIGHT 1MINUTE']).toBe(20);
    expect(v.call('depth', { symbol: 'BTCUSDT', limit: 1000 }).limits['REQUEST_WEIGHT 1MINUTE']).toBe(70);
    v.now += 30_000_000;
    const over = v.call('depth', { symbol: 'BTCUSDT', limit: 500 }); // 95
    expect(over.status).toBe(200);
    const refused = v.call('account.status');
    expect(refused.status).toBe(429);
    expect(refused.retryAfter).toBe(30);
    expect(refused.body).toEqual({
      code: -1003,
      msg:
        'Too much request weight used; current limit is 100 request weight per 1 MINUTE. ' +
        'Please use WebSocket Streams for live updates to avoid polling the API.',
      data: { serverTime: MS + 30_000, retryAfter: MS + 60_000 },
    });
    expect(v.call('ping').status).toBe(429);
    const banned = v.call('ping');
    expect(banned.status).toBe(418);
    expect(banned.body.msg).toBe(
      `Way too much request weight used; IP banned until ${MS + 90_000}. Please use WebSocket Streams for live updates to avoid bans.`,
    );
    v.now += 59_000_000;
    expect(v.call('ping').retryAfter).toBe(1);
    v.now += 1_000_000;
    expect(v.call('ping').limits['REQUEST_WEIGHT 1MINUTE']).toBe(1);
  });

  it('weigh successful orders nothing, failed ones in full', () => {
    const v = new Venue();
    expect(v.place({ price: '100', quantity: '1' }).limits['REQUEST_WEIGHT 1MINUTE']).toBe(0);
    expect(v.place({ price: '100.001', quantity: '1' }).limits['REQUEST_WEIGHT 1MINUTE']).toBe(1);
    expect(v.call('order.cancel', { symbol: 'BTCUSDT', orderId: 1 }).limits['REQUEST_WEIGHT 1MINUTE']).toBe(
      1,
    );
  });

  it('count unfilled orders by account; fills give back, cancels do not', () => {
    const v = new Venue({ limits: { ordersPer10Seconds: 3, ordersPerDay: 50 } });
    const order = { price: '100', quantity: '1' };
    const first = v.place(order);
    expect(first.limits).toMatchObject({ 'ORDERS 10SECOND': 1, 'ORDERS 1DAY': 1 });
    v.call('order.cancel', { symbol: 'BTCUSDT', orderId: 1 });
    v.place(order);
    expect(v.place(order).limits['ORDERS 10SECOND']).toBe(3);
    const refused = v.place(order);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({
      code: -1015,
      msg: 'Too many new orders; current limit is 3 orders per 10 SECOND.',
      data: { retryAfter: MS + 10_000 },
    });
    expect(v.place(order, KEY2).status).toBe(200);
    v.exchange.market.take('BTCUSDT', 'SELL', 1); // the first maker fill gives back up to five
    expect(v.call('account.rateLimits.orders').body).toEqual([
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 3, count: 0 },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 50, count: 0 },
    ]);
    v.now += 10_000_000;
    expect(v.place(order).status).toBe(200);
  });

  it('are told by exchangeInfo', () => {
    expect(new Venue().call('exchangeInfo').body.rateLimits).toEqual([
      { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 1_000_000 },
      { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100_000 },
      { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
      { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 300_000 },
    ]);
  });
});

describe('cancel and replace', () => {
  const base = {
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '1',
    price: '90',
  };
  const replace = (v: Venue, params: Record<string, string | number>) =>
    v.call('order.cancelReplace', { ...base, cancelReplaceMode: 'STOP_ON_FAILURE', ...params });

  it('200 when both succeed', () => {
    const v = new Venue();
    v.place({ price: '80', quantity: '1' });
    const r = replace(v, { cancelOrderId: 1 });
    expect(r.status).toBe(200);
    expect(r.body).toMatchObject({
      cancelResult: 'SUCCESS',
      newOrderResult: 'SUCCESS',
      cancelResponse: { status: 'CANCELED', orderId: 1 },
      newOrderResponse: { orderId: 2, status: 'NEW', price: '90.00000000' },
    });
  });

  it('400 when the cancel fails and nothing else is tried', () => {
    const v = new Venue();
    const r = replace(v, { cancelOrderId: 7 });
    expect([r.status, r.body]).toEqual([
      400,
      {
        code: -2022,
        msg: 'Order cancel-replace failed.',
        data: {
          cancelResult: 'FAILURE',
          newOrderResult: 'NOT_ATTEMPTED',
          cancelResponse: { code: -2011, msg: 'Unknown order sent.' },
          newOrderResponse: null,
        },
      },
    ]);
    expect(r.limits['ORDERS 10SECOND']).toBe(1);
  });

  it('409 when one of the two succeeds', () => {
    const v = new Venue();
    const lone = replace(v, { cancelOrderId: 7, cancelReplaceMode: 'ALLOW_FAILURE', price: '80' });
    expect([lone.status, lone.body.code]).toEqual([409, -2021]);
    expect(lone.body.data).toMatchObject({ cancelResult: 'FAILURE', newOrderResult: 'SUCCESS' });
    v.quote(50, 1, 85, 1);
    const gone = replace(v, { cancelOrderId: 1, type: 'LIMIT_MAKER', timeInForce: '' });
    expect(gone.body.code).toBe(-1106);
    const r = v.call('order.cancelReplace', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT_MAKER',
      quantity: '1',
      price: '90',
      cancelReplaceMode: 'STOP_ON_FAILURE',
      cancelOrderId: 1,
    });
    expect([r.status, r.body.data]).toEqual([
      409,
      {
        cancelResult: 'SUCCESS',
        newOrderResult: 'FAILURE',
        cancelResponse: expect.objectContaining({ status: 'CANCELED' }),
        newOrderResponse: { code: -2010, msg: 'Order would immediately match and take.' },
      },
    ]);
  });

  it('429 when orders are at their limit: nothing done, or only the cancel', () => {
    const v = new Venue({ limits: { ordersPer10Seconds: 1 } });
    v.place({ price: '80', quantity: '1' });
    const nothing = replace(v, { cancelOrderId: 1 });
    expect([nothing.status, nothing.body.code]).toEqual([429, -1015]);
    const only = replace(v, { cancelOrderId: 1, orderRateLimitExceededMode: 'CANCEL_ONLY' });
    expect([only.status, only.body.code]).toEqual([429, -2021]);
    expect(only.body.data).toMatchObject({ cancelResult: 'SUCCESS', newOrderResponse: { code: -1015 } });
    expect(v.exchange.audit.orders('alice')[0]?.status).toBe('CANCELED');
  });
});
