import { describe, expect, it } from 'vitest';
import { KEY2, NOON, Venue } from './venue.js';

const MS = NOON / 1_000;

describe('life of an order', () => {
  it('rests, fills as maker and is paid in the received asset', () => {
    const v = new Venue();
    v.quote(99, 1, 101, 1);
    const placed = v.place({ price: '100', quantity: '0.5', newClientOrderId: 'one' });
    expect(placed.status).toBe(200);
    expect(placed.body).toEqual({
      symbol: 'BTCUSDT',
      orderId: 1,
      orderListId: -1,
      clientOrderId: 'one',
      transactTime: MS,
      price: '100.00000000',
      origQty: '0.50000000',
      executedQty: '0.00000000',
      origQuoteOrderQty: '0.00000000',
      cummulativeQuoteQty: '0.00000000',
      status: 'NEW',
      timeInForce: 'GTC',
      type: 'LIMIT',
      side: 'BUY',
      workingTime: MS,
      selfTradePreventionMode: 'EXPIRE_MAKER',
      fills: [],
    });
    expect(v.balance('alice', 'USDT')).toBe('999950 + 50');
    expect(v.events()).toEqual(['NEW/NEW', 'outboundAccountPosition']);
    expect(v.exchange.market.take('BTCUSDT', 'SELL', 0.2)).toBe(0.2);
    expect(v.balance('alice', 'USDT')).toBe('999950 + 30');
    expect(v.balance('alice', 'BTC')).toBe('10.1998 + 0');
    expect(v.events()).toEqual(['TRADE/PARTIALLY_FILLED', 'outboundAccountPosition']);
    v.exchange.market.take('BTCUSDT', 'SELL', 1);
    expect(v.call('order.status', { symbol: 'BTCUSDT', origClientOrderId: 'one' }).body).toMatchObject({
      status: 'FILLED',
      executedQty: '0.50000000',
      cummulativeQuoteQty: '50.00000000',
    });
    expect(v.call('myTrades', { symbol: 'BTCUSDT' }).body).toEqual([
      {
        symbol: 'BTCUSDT',
        id: 1,
        orderId: 1,
        orderListId: -1,
        price: '100.00000000',
        qty: '0.20000000',
        quoteQty: '20.00000000',
        commission: '0.00020000',
        commissionAsset: 'BTC',
        time: MS,
        isBuyer: true,
        isMaker: true,
        isBestMatch: true,
      },
      expect.objectContaining({ id: 2, qty: '0.30000000', commission: '0.00030000' }),
    ]);
  });

  it('takes level by level, best price first, and shows the fills', () => {
    const v = new Venue();
    v.exchange.market.levels('BTCUSDT', [], [101, 0.1, 102, 0.2, 103, 5], true);
    const r = v.place({ type: 'MARKET', quantity: '0.4' });
    expect(r.body.status).toBe('FILLED');
    expect(r.body.cummulativeQuoteQty).toBe('40.80000000');
    expect(r.body.fills).toEqual([
      {
        price: '101.00000000',
        qty: '0.10000000',
        commission: '0.00020000',
        commissionAsset: 'BTC',
        tradeId: 1,
      },
      {
        price: '102.00000000',
        qty: '0.20000000',
        commission: '0.00040000',
        commissionAsset: 'BTC',
        tradeId: 2,
      },
      {
        price: '103.00000000',
        qty: '0.10000000',
        commission: '0.00020000',
        commissionAsset: 'BTC',
        tradeId: 3,
      },
    ]);
    expect(v.balance('alice', 'USDT')).toBe('999959.2 + 0');
    expect(v.events()).toEqual([
      'NEW/NEW',
      'TRADE/PARTIALLY_FILLED',
      'TRADE/PARTIALLY_FILLED',
      'TRADE/FILLED',
      'outboundAccountPosition',
    ]);
    expect(v.exchange.depth('BTCUSDT', 5).asks).toEqual([['103.00000000', '4.90000000']]);
  });

  it('trades two accounts with each other under one trade id', () => {
    const v = new Venue();
    v.place({ side: 'SELL', price: '100', quantity: '1' }, KEY2);
    v.place({ side: 'SELL', price: '100', quantity: '1' }, KEY2);
    const r = v.place({ price: '105', quantity: '1.5' });
    expect((r.body.fills as { tradeId: number; price: string }[]).map((f) => [f.tradeId, f.price])).toEqual([
      [1, '100.00000000'],
      [2, '100.00000000'],
    ]);
    expect(v.exchange.audit.fills('bob').map((f) => [f.tradeId, f.orderId, f.quantity, f.maker])).toEqual([
      [1, 1, '1', true],
      [2, 2, '0.5', true],
    ]);
    expect(v.balance('bob', 'BTC')).toBe('8 + 0.5');
    expect(v.balance('bob', 'USDT')).toBe('1000149.85 + 0');
    const trades = v.public.filter((e) => e.kind === 'trade' || e.kind === 'aggTrade');
    expect(trades.map((t) => [t.kind, t.id, t.quantity, t.buyerIsMaker])).toEqual([
      ['trade', 1, '1.00000000', false],
      ['trade', 2, '0.50000000', false],
      ['aggTrade', 1, '1.50000000', false],
    ]);
  });

  it('spends a quote amount in whole lots', () => {
    const v = new Venue();
    v.exchange.market.levels('BTCUSDT', [], [30_000, 0.001, 31_000, 5], true);
    const r = v.place({ type: 'MARKET', quoteOrderQty: '100' });
    expect(r.body).toMatchObject({
      status: 'FILLED',
      origQty: '0.00325000',
      executedQty: '0.00325000',
      origQuoteOrderQty: '100.00000000',
      cummulativeQuoteQty: '99.75000000',
    });
  });

  it.each([
    ['IOC', 'EXPIRED', '0.10000000', 'UNFILLED_IOC_QUANTITY_EXPIRED'],
    ['FOK', 'EXPIRED', '0.00000000', 'UNFILLED_FOK_ORDER_EXPIRED'],
  ])('%s never rests', (timeInForce, status, executedQty, expiryReason) => {
    const v = new Venue();
    v.quote(99, 1, 101, 0.1);
    const r = v.place({ price: '101', quantity: '1', timeInForce });
    expect(r.body).toMatchObject({ status, executedQty, expiryReason });
    expect(v.balance('alice', 'USDT')).toMatch(/ \+ 0$/);
  });

  it('expires a market order on an empty book', () => {
    const v = new Venue({});
    const r = v.place({ type: 'MARKET', side: 'SELL', quantity: '1' });
    expect(r.body).toMatchObject({ status: 'EXPIRED', executedQty: '0.00000000' });
    expect(v.events()).toEqual(['NEW/NEW', 'EXPIRED/EXPIRED', 'outboundAccountPosition']);
  });

  it('cancels under the id of the cancel', () => {
    const v = new Venue();
    v.place({ price: '100', quantity: '1', newClientOrderId: 'mine' });
    v.events();
    const r = v.call('order.cancel', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'mine',
      newClientOrderId: 'stop',
    });
    expect(r.body).toEqual({
      symbol: 'BTCUSDT',
      origClientOrderId: 'mine',
      orderId: 1,
      orderListId: -1,
      clientOrderId: 'stop',
      transactTime: MS,
      price: '100.00000000',
      origQty: '1.00000000',
      executedQty: '0.00000000',
      origQuoteOrderQty: '0.00000000',
      cummulativeQuoteQty: '0.00000000',
      status: 'CANCELED',
      timeInForce: 'GTC',
      type: 'LIMIT',
      side: 'BUY',
      selfTradePreventionMode: 'EXPIRE_MAKER',
    });
    const report = v.user.find((e) => e.event.type === 'executionReport')?.event.body('ms');
    expect(report).toMatchObject({ c: 'stop', C: 'mine', x: 'CANCELED', X: 'CANCELED', w: false });
    expect(v.call('order.cancel', { symbol: 'BTCUSDT', orderId: 1 }).body).toEqual({
      code: -2011,
      msg: 'Unknown order sent.',
    });
    expect(v.balance('alice', 'USDT')).toBe('1000000 + 0');
  });

  it('takes a client order id again once its order is over', () => {
    const v = new Venue();
    v.quote(99, 1, 101, 10);
    const order = { price: '90', quantity: '1', newClientOrderId: 'same' };
    v.place(order);
    expect(v.place(order).body).toEqual({ code: -2010, msg: 'Duplicate order sent.' });
    v.call('order.cancel', { symbol: 'BTCUSDT', origClientOrderId: 'same' });
    expect(v.place(order).status).toBe(200);
    expect(v.exchange.audit.duplicates('alice')).toEqual([{ clientOrderId: 'same', count: 2 }]);
  });

  it('amends without losing its place', () => {
    const v = new Venue();
    v.place({ side: 'SELL', price: '100', quantity: '2', newClientOrderId: 'first' });
    v.place({ side: 'SELL', price: '100', quantity: '2' }, KEY2);
    const r = v.call('order.amend.keepPriority', {
      symbol: 'BTCUSDT',
      origClientOrderId: 'first',
      newClientOrderId: 'less',
      newQty: '1',
    });
    expect(r.body).toMatchObject({
      transactTime: MS,
      amendedOrder: { origClientOrderId: 'first', clientOrderId: 'less', qty: '1.00000000', status: 'NEW' },
    });
    expect(v.events()).toContain('REPLACED/NEW');
    v.exchange.market.take('BTCUSDT', 'BUY', 1.5);
    expect(v.exchange.audit.orders('alice')[0]).toMatchObject({ status: 'FILLED', executed: '1' });
    expect(v.exchange.audit.orders('bob')[0]).toMatchObject({ executed: '0.5' });
    expect(v.call('order.amendments', { symbol: 'BTCUSDT', orderId: 1 }).body).toEqual([
      {
        symbol: 'BTCUSDT',
        orderId: 1,
        executionId: r.body.executionId,
        origClientOrderId: 'first',
        newClientOrderId: 'less',
        origQty: '2.00000000',
        newQty: '1.00000000',
        time: MS,
      },
    ]);
    expect(v.balance('alice', 'BTC')).toBe('9 + 0');
  });

  it('refuses a post-only order that would take', () => {
    const v = new Venue();
    v.quote(99, 1, 101, 1);
    expect(v.place({ type: 'LIMIT_MAKER', price: '101', quantity: '1' }).body).toEqual({
      code: -2010,
      msg: 'Order would immediately match and take.',
    });
    expect(v.place({ type: 'LIMIT_MAKER', price: '100.99', quantity: '1' }).body).toEqual({
      symbol: 'BTCUSDT',
      orderId: 1,
      orderListId: -1,
      clientOrderId: expect.stringMatching(/^[A-Za-z0-9]{22}$/),
      transactTime: MS,
    });
  });

  it('hides a new order from queries for as long as it is told to', () => {
    const v = new Venue({ orderVisibilityMs: 50 });
    v.place({ price: '100', quantity: '1' });
    expect(v.call('order.status', { symbol: 'BTCUSDT', orderId: 1 }).body).toEqual({
      code: -2013,
      msg: 'Order does not exist.',
    });
    v.now += 50_000;
    expect(v.call('order.status', { symbol: 'BTCUSDT', orderId: 1 }).status).toBe(200);
  });
});

describe('conditional orders', () => {
  it('wait off the book and work once the last price reaches the stop', () => {
    const v = new Venue();
    v.quote(99, 10, 101, 10);
    v.exchange.market.take('BTCUSDT', 'BUY', 0.1);
    const r = v.place({ type: 'STOP_LOSS_LIMIT', side: 'SELL', price: '95', stopPrice: '98', quantity: '1' });
    expect(r.body.orderId).toBe(1);
    expect(v.call('order.status', { symbol: 'BTCUSDT', orderId: 1 }).body).toMatchObject({
      status: 'NEW',
      isWorking: false,
      workingTime: -1,
      stopPrice: '98.00000000',
    });
    const report = v.user.find((e) => e.event.type === 'executionReport')?.event.body('ms');
    expect(report).toMatchObject({ x: 'NEW', w: false, P: '98.00000000' });
    expect(report).not.toHaveProperty('W');
    expect(v.exchange.depth('BTCUSDT', 10).asks).toEqual([['101.00000000', '9.90000000']]);
    v.user.length = 0;
    v.quote(97.5, 5, 98.5, 5);
    v.exchange.market.take('BTCUSDT', 'SELL', 0.1);
    expect(v.events()).toEqual(['NEW/NEW', 'TRADE/FILLED', 'outboundAccountPosition']);
    expect(v.exchange.audit.fills('alice')[0]).toMatchObject({ price: '97.5', quantity: '1', maker: false });
  });

  it('are refused when they would trigger at once', () => {
    const v = new Venue();
    v.quote(99, 10, 101, 10);
    v.exchange.market.take('BTCUSDT', 'BUY', 0.1);
    for (const order of [
      { type: 'STOP_LOSS', side: 'BUY', stopPrice: '100' },
      { type: 'STOP_LOSS', side: 'SELL', stopPrice: '102' },
      { type: 'TAKE_PROFIT', side: 'BUY', stopPrice: '102' },
      { type: 'TAKE_PROFIT', side: 'SELL', stopPrice: '100' },
    ])
      expect(v.place({ ...order, quantity: '1' }).body).toEqual({
        code: -2010,
        msg: 'Order would trigger immediately.',
      });
  });

  it('take profit on the way to a better price', () => {
    const v = new Venue();
    v.quote(99, 10, 101, 10);
    v.exchange.market.take('BTCUSDT', 'BUY', 0.1);
    v.place({ type: 'TAKE_PROFIT', side: 'SELL', stopPrice: '105', quantity: '1' });
    expect(v.balance('alice', 'BTC')).toBe('9 + 1');
    v.quote(105, 10, 106, 10);
    v.exchange.market.take('BTCUSDT', 'BUY', 0.1);
    expect(v.exchange.audit.orders('alice')[0]).toMatchObject({ status: 'FILLED', cumulativeQuote: '105' });
    expect(v.balance('alice', 'BTC')).toBe('9 + 0');
  });

  it('trail by basis points', () => {
    const v = new Venue();
    v.quote(99, 10, 100, 10);
    v.exchange.market.take('BTCUSDT', 'BUY', 0.1);
    v.place({ type: 'STOP_LOSS', side: 'SELL', trailingDelta: 100, quantity: '1' });
    v.exchange.market.print('BTCUSDT', 110, 1, false);
    v.exchange.market.print('BTCUSDT', 108.91, 1, true);
    expect(v.exchange.audit.orders('alice')[0]?.status).toBe('NEW');
    v.exchange.market.print('BTCUSDT', 108.9, 1, true);
    expect(v.exchange.audit.orders('alice')[0]?.status).toBe('FILLED');
  });
});

describe('self-trade prevention', () => {
  const cases = [
    ['EXPIRE_MAKER', 'EXPIRED_IN_MATCH 0', 'NEW 0'],
    ['EXPIRE_TAKER', 'NEW 0', 'EXPIRED_IN_MATCH 0'],
    ['EXPIRE_BOTH', 'EXPIRED_IN_MATCH 0', 'EXPIRED_IN_MATCH 0'],
    ['DECREMENT', 'EXPIRED_IN_MATCH 0', 'NEW 0'],
    ['NONE', 'FILLED 1', 'PARTIALLY_FILLED 1'],
  ] as const;
  it.each(cases)('%s', (selfTradePreventionMode, maker, taker) => {
    const v = new Venue();
    v.place({ side: 'SELL', price: '100', quantity: '1' });
    v.place({ price: '100', quantity: '3', selfTradePreventionMode });
    const [a, b] = v.exchange.audit.orders('alice');
    expect(`${a?.status ?? ''} ${a?.executed ?? ''}`).toBe(maker);
    expect(`${b?.status ?? ''} ${b?.executed ?? ''}`).toBe(taker);
    const rows = v.call('myPreventedMatches', { symbol: 'BTCUSDT', orderId: 1 }).body;
    expect(rows).toHaveLength(selfTradePreventionMode === 'NONE' ? 0 : 1);
    const left = { EXPIRE_MAKER: '300', EXPIRE_TAKER: '0', EXPIRE_BOTH: '0', DECREMENT: '200', NONE: '200' };
    expect(v.balance('alice', 'USDT').split(' + ')[1]).toBe(left[selfTradePreventionMode]);
  });
});

describe('money that is not there', () => {
  it('is not spent when own orders are passed over', () => {
    const v = new Venue();
    v.exchange.market.levels('BTCUSDT', [], [500_000, 100], true);
    v.place({ side: 'SELL', price: '100', quantity: '5' });
    expect(v.place({ type: 'MARKET', quantity: '2.5' }).body.msg).toBe(
      'Account has insufficient balance for requested action.',
    );
    const spent = v.place({ type: 'MARKET', quoteOrderQty: '900000' });
    expect(spent.body).toMatchObject({ executedQty: '1.80000000', cummulativeQuoteQty: '900000.00000000' });
    expect(v.balance('alice', 'USDT')).toBe('100000 + 0');
  });

  it('ends a stop whose time has come', () => {
    const v = new Venue();
    v.quote(99, 10, 101, 10);
    v.exchange.market.take('BTCUSDT', 'BUY', 0.1);
    v.place({ type: 'STOP_LOSS', stopPrice: '110', quantity: '9' });
    v.exchange.deposit('alice', 'USDT', '-999000');
    v.exchange.market.levels('BTCUSDT', [109, 10], [130, 10], true);
    v.events();
    v.exchange.market.print('BTCUSDT', 110, 1, false);
    const report = v.user.find((e) => e.event.type === 'executionReport')?.event.body('ms');
    expect(report).toMatchObject({ x: 'EXPIRED', X: 'EXPIRED', r: 'INSUFFICIENT_BALANCES' });
    expect(v.balance('alice', 'USDT')).toBe('1000 + 0');
  });

  it('is found when a symbol trades again', () => {
    const v = new Venue();
    v.place({ price: '100', quantity: '1' });
    v.exchange.market.status('BTCUSDT', 'HALT');
    v.exchange.market.levels('BTCUSDT', [], [95, 3], true);
    expect(v.exchange.audit.fills('alice')).toEqual([]);
    v.exchange.market.status('BTCUSDT', 'TRADING');
    expect(v.exchange.audit.fills('alice')[0]).toMatchObject({ price: '100', quantity: '1' });
    expect(v.exchange.depth('BTCUSDT', 5)).toMatchObject({ bids: [], asks: [['95.00000000', '2.00000000']] });
  });
});
