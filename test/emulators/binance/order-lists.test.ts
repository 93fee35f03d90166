import { describe, expect, it } from 'vitest';
import { Venue } from './venue.js';

const statuses = (v: Venue): string[] => v.exchange.audit.orders('alice').map((o) => o.status);

describe('one cancels the other', () => {
  const oco = (v: Venue) =>
    v.call('orderList.place.oco', {
      symbol: 'BTCUSDT',
      side: 'SELL',
      quantity: '1',
      aboveType: 'LIMIT_MAKER',
      abovePrice: '110',
      belowType: 'STOP_LOSS_LIMIT',
      belowPrice: '90',
      belowStopPrice: '95',
      belowTimeInForce: 'GTC',
      listClientOrderId: 'pair',
    });
  const start = (): Venue => {
    const v = new Venue();
    v.quote(99, 10, 101, 10);
    v.exchange.market.take('BTCUSDT', 'BUY', 0.1);
    return v;
  };

  it('binds once and answers with both orders', () => {
    const v = start();
    const r = oco(v);
    expect(r.body).toMatchObject({
      orderListId: 0,
      contingencyType: 'OCO',
      listStatusType: 'EXEC_STARTED',
      listOrderStatus: 'EXECUTING',
      listClientOrderId: 'pair',
      symbol: 'BTCUSDT',
      orders: [{ orderId: 1 }, { orderId: 2 }],
      orderReports: [
        { orderId: 1, type: 'STOP_LOSS_LIMIT', stopPrice: '95.00000000', status: 'NEW', workingTime: -1 },
        { orderId: 2, type: 'LIMIT_MAKER', status: 'NEW' },
      ],
    });
    expect(v.balance('alice', 'BTC')).toBe('9 + 1');
    expect(v.events()).toEqual(['listStatus EXECUTING', 'NEW/NEW', 'NEW/NEW', 'outboundAccountPosition']);
    expect(v.call('openOrderLists.status').body).toHaveLength(1);
  });

  it('ends the stop when the limit fills', () => {
    const v = start();
    oco(v);
    v.quote(109, 10, 111, 10);
    v.exchange.market.take('BTCUSDT', 'BUY', 0.4);
    expect(statuses(v)).toEqual(['EXPIRED', 'PARTIALLY_FILLED']);
    expect(v.balance('alice', 'BTC')).toBe('9 + 0.6');
    v.exchange.market.take('BTCUSDT', 'BUY', 0.6);
    expect(statuses(v)).toEqual(['EXPIRED', 'FILLED']);
    expect(v.balance('alice', 'BTC')).toBe('9 + 0');
    expect(v.events().at(-2)).toBe('listStatus ALL_DONE');
  });

  it('ends the limit when the stop triggers', () => {
    const v = start();
    oco(v);
    v.quote(94, 10, 96, 10);
    v.exchange.market.take('BTCUSDT', 'SELL', 0.1);
    expect(statuses(v)).toEqual(['FILLED', 'EXPIRED']);
    expect(v.exchange.audit.balances('alice').find((b) => b.asset === 'BTC')).toEqual({
      asset: 'BTC',
      free: '9',
      locked: '0',
    });
    expect(v.call('orderList.status', { origClientOrderId: 'pair' }).body.listOrderStatus).toBe('ALL_DONE');
  });

  it('is cancelled as a whole', () => {
    const v = start();
    oco(v);
    const r = v.call('order.cancel', { symbol: 'BTCUSDT', orderId: 2 });
    expect(r.body).toMatchObject({
      listOrderStatus: 'ALL_DONE',
      orderReports: [{ orderId: 1 }, { orderId: 2 }],
    });
    expect(statuses(v)).toEqual(['CANCELED', 'CANCELED']);
    expect(v.balance('alice', 'BTC')).toBe('10 + 0');
  });
});

describe('one triggers the other', () => {
  const oto = (v: Venue, price: string) =>
    v.call('orderList.place.oto', {
      symbol: 'BTCUSDT',
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingPrice: price,
      workingQuantity: '1',
      workingTimeInForce: 'GTC',
      pendingType: 'LIMIT_MAKER',
      pendingSide: 'SELL',
      pendingPrice: '200',
      pendingQuantity: '1',
    });

  it('holds the second back until the first is filled', () => {
    const v = new Venue();
    v.quote(99, 10, 101, 10);
    expect(oto(v, '100').body.orderReports).toMatchObject([
      { status: 'NEW' },
      { status: 'PENDING_NEW', workingTime: -1 },
    ]);
    expect(v.balance('alice', 'BTC')).toBe('10 + 0');
    v.exchange.market.take('BTCUSDT', 'SELL', 0.5);
    expect(statuses(v)).toEqual(['PARTIALLY_FILLED', 'PENDING_NEW']);
    v.exchange.market.take('BTCUSDT', 'SELL', 0.5);
    expect(statuses(v)).toEqual(['FILLED', 'NEW']);
    expect(v.balance('alice', 'BTC')).toBe('9.999 + 1');
  });

  it('ends the second when the first ends unfilled', () => {
    const v = new Venue();
    v.quote(99, 10, 101, 0.5);
    v.call('orderList.place.oto', {
      symbol: 'BTCUSDT',
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingPrice: '101',
      workingQuantity: '1',
      workingTimeInForce: 'IOC',
      pendingType: 'MARKET',
      pendingSide: 'SELL',
      pendingQuantity: '1',
    });
    expect(statuses(v)).toEqual(['EXPIRED', 'EXPIRED']);
    expect(v.call('allOrderLists').body[0].listOrderStatus).toBe('ALL_DONE');
  });

  it('starts a pair of rivals', () => {
    const v = new Venue();
    v.quote(99, 10, 101, 10);
    v.exchange.market.take('BTCUSDT', 'BUY', 0.1);
    v.call('orderList.place.otoco', {
      symbol: 'BTCUSDT',
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingPrice: '101',
      workingQuantity: '1',
      workingTimeInForce: 'GTC',
      pendingSide: 'SELL',
      pendingQuantity: '1',
      pendingAboveType: 'LIMIT_MAKER',
      pendingAbovePrice: '120',
      pendingBelowType: 'STOP_LOSS',
      pendingBelowStopPrice: '90',
    });
    expect(statuses(v)).toEqual(['FILLED', 'NEW', 'NEW']);
    expect(v.balance('alice', 'BTC')).toBe('9.998 + 1');
  });
});
