import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sharedData } from '../../support/shared-data.js';
import { KEY2, Venue } from './venue.js';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

interface Example {
  readonly doc: string;
  readonly section: string;
  readonly label: string;
  readonly payload: Json;
}

const path = sharedData('venue-payloads', 'binance', 'docs-examples.json');
const examples: readonly Example[] =
  path === undefined
    ? []
    : (JSON.parse(readFileSync(path, 'utf8')) as { examples: readonly Example[] }).examples;

function documented(doc: string, section: string, label = ''): Json {
  const found = examples.find(
    (e) => e.doc === doc && e.section.endsWith(section) && e.label.startsWith(label),
  );
  if (found === undefined) throw new Error(`no example ${doc} ${section} ${label}`);
  return found.payload;
}

/** The shape of JSON: names in their order, and the kinds of values; lists by their first element. */
function shape(value: Json): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape((value as readonly Json[])[0] ?? null)];
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.entries(value as { readonly [key: string]: Json }).map(([k, v]) => [k, shape(v)]);
}

/** The same, names sorted: where the documentation itself has several orders. */
function unordered(value: Json, ignore: readonly string[] = []): unknown {
  if (Array.isArray(value))
    return value.length === 0 ? [] : [unordered((value as readonly Json[])[0] ?? null, ignore)];
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.entries(value as { readonly [key: string]: Json })
    .filter(([k]) => !ignore.includes(k))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => [k, unordered(v, ignore)]);
}

function venue(): Venue {
  const v = new Venue();
  v.exchange.market.levels('BTCUSDT', [99, 5, 98, 5], [101, 5, 102, 5], true);
  v.exchange.market.take('BTCUSDT', 'BUY', 0.5);
  v.exchange.market.take('BTCUSDT', 'SELL', 0.5);
  return v;
}

const S = { symbol: 'BTCUSDT' };

describe.skipIf(path === undefined)('answers look as documented', () => {
  const rest = 'rest-api.md';

  it.each([
    ['time', {}, 'Check server time'],
    ['ping', {}, 'Test connectivity'],
    ['depth', { ...S, limit: 1 }, 'Order book'],
    ['trades.recent', { ...S, limit: 1 }, 'Recent trades list'],
    ['trades.historical', { ...S, limit: 1 }, 'Old trade lookup'],
    ['trades.aggregate', { ...S, limit: 1 }, 'Compressed/Aggregate trades list'],
    ['klines', { ...S, interval: '1m', limit: 1 }, 'Kline/Candlestick data'],
    ['uiKlines', { ...S, interval: '1m', limit: 1 }, 'UIKlines'],
    ['avgPrice', S, 'Current average price'],
    ['ticker.24hr', S, '24hr ticker price change statistics'],
    ['ticker.tradingDay', S, 'Trading Day Ticker'],
    ['ticker', S, 'Rolling window price change statistics'],
    ['ticker.price', S, 'Symbol price ticker'],
    ['ticker.book', S, 'Symbol order book ticker'],
    ['account.rateLimits.orders', {}, 'Query Unfilled Order Count (USER_DATA)'],
  ] as const)('%s', (name, params, section) => {
    expect(shape(venue().call(name, params).body as Json)).toEqual(shape(documented(rest, section)));
  });

  it('ticker.24hr MINI', () => {
    expect(shape(venue().call('ticker.24hr', { ...S, type: 'MINI' }).body as Json)).toEqual(
      shape(documented(rest, '24hr ticker price change statistics', 'Response - MINI')),
    );
  });

  it('account and commission', () => {
    expect(shape(venue().call('account.status').body as Json)).toEqual(
      shape(documented(rest, 'Account information (USER_DATA)')),
    );
    expect(shape(venue().call('account.commission', S).body as Json)).toEqual(
      shape(documented(rest, 'Query Commission Rates (USER_DATA)')),
    );
  });

  it('exchangeInfo', () => {
    const mine = venue().call('exchangeInfo', S).body as { symbols: Json[] };
    const theirs = documented(rest, 'Exchange information') as { symbols: Json[] };
    const names = (x: Json | undefined): string[] => Object.keys(x as object);
    expect(names(mine.symbols[0])).toEqual(names(theirs.symbols[0]));
    expect(Object.keys(mine)).toEqual(Object.keys(theirs).filter((k) => k !== 'sors'));
  });

  it('every filter', () => {
    const info = venue().call('exchangeInfo', S).body as { symbols: { filters: { filterType: string }[] }[] };
    for (const filter of info.symbols[0]?.filters ?? []) {
      const theirs = documented('filters.md', `> ${filter.filterType}`);
      expect(shape(filter as unknown as Json)).toEqual(shape(theirs));
    }
  });

  it.each(['ACK', 'RESULT', 'FULL'])('new order, %s', (newOrderRespType) => {
    const r = venue().place({ type: 'MARKET', side: 'SELL', quantity: '1', newOrderRespType });
    expect(shape(r.body as Json)).toEqual(
      shape(documented(rest, 'New order (TRADE)', `Response - ${newOrderRespType}`)),
    );
  });

  it('test order', () => {
    const order = { ...S, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '1', price: '90' };
    expect(venue().call('order.test', order).body).toEqual({});
    expect(
      shape(venue().call('order.test', { ...order, computeCommissionRates: true }).body as Json),
    ).toEqual(shape(documented(rest, 'Test new order (TRADE)', 'With computeCommissionRates')));
  });

  it('cancel, amend and their history', () => {
    const v = venue();
    v.place({ price: '90', quantity: '2' });
    const amended = v.call('order.amend.keepPriority', { ...S, orderId: 1, newQty: '1' }).body as Json;
    expect(shape(amended)).toEqual(
      shape(documented(rest, 'Order Amend Keep Priority (TRADE)', 'Response for a single')),
    );
    expect(shape(v.call('order.amendments', { ...S, orderId: 1 }).body as Json)).toEqual(
      shape(documented(rest, 'Query Order Amendments (USER_DATA)')),
    );
    expect(shape(v.call('order.cancel', { ...S, orderId: 1 }).body as Json)).toEqual(
      shape(documented(rest, 'Cancel order (TRADE)', 'Response:')),
    );
  });

  it('queries of orders and trades', () => {
    const v = venue();
    v.place({ price: '90', quantity: '2' });
    v.place({ type: 'MARKET', quantity: '0.1' });
    const orders = [
      ['order.status', { ...S, orderId: 1 }, 'Query order (USER_DATA)'],
      ['openOrders.status', S, 'Current open orders (USER_DATA)'],
      ['allOrders', S, 'All orders (USER_DATA)'],
    ] as const;
    for (const [name, params, section] of orders)
      expect(unordered(v.call(name, params).body as Json)).toEqual(unordered(documented(rest, section)));
    expect(shape(v.call('myTrades', S).body as Json)).toEqual(
      shape(documented(rest, 'Account trade list (USER_DATA)')),
    );
  });

  it('prevented matches', () => {
    const v = venue();
    v.place({ side: 'SELL', price: '100', quantity: '1' });
    v.place({ price: '100', quantity: '1', selfTradePreventionMode: 'EXPIRE_MAKER' });
    expect(shape(v.call('myPreventedMatches', { ...S, orderId: 1 }).body as Json)).toEqual(
      shape(documented(rest, 'Query Prevented Matches (USER_DATA)')),
    );
  });

  it('cancel-replace', () => {
    const v = venue();
    const section = 'Cancel an Existing Order and Send a New Order (TRADE)';
    const order = { ...S, side: 'BUY', type: 'LIMIT_MAKER', quantity: '1', price: '110', cancelOrderId: 1 };
    const failed = v.call('order.cancelReplace', { ...order, cancelReplaceMode: 'ALLOW_FAILURE' });
    expect([failed.status, failed.body]).toEqual([
      400,
      documented(rest, section, 'Response when both Cancel Order and New Order Placement fail'),
    ]);
    v.place({ price: '90', quantity: '1' });
    const partly = v.call('order.cancelReplace', { ...order, cancelReplaceMode: 'STOP_ON_FAILURE' });
    expect(shape(partly.body as Json)).toEqual(
      shape(documented(rest, section, 'Response when Cancel Order Succeeds but New Order Placement Fails')),
    );
  });

  it('order lists', () => {
    const v = venue();
    const placed = v.call('orderList.place.oco', {
      ...S,
      side: 'SELL',
      quantity: '1',
      aboveType: 'LIMIT_MAKER',
      abovePrice: '110',
      belowType: 'STOP_LOSS_LIMIT',
      belowPrice: '90',
      belowStopPrice: '95',
      belowTimeInForce: 'GTC',
    });
    expect(unordered(placed.body as Json, ['icebergQty'])).toEqual(
      unordered(documented(rest, 'New Order list - OCO (TRADE)'), ['icebergQty']),
    );
    const event = v.user.find((e) => e.event.type === 'listStatus')?.event.body('ms') as Json;
    expect(shape(event)).toEqual(shape(userEvent('Order Reject Reason')));
    for (const [name, section] of [
      ['openOrderLists.status', 'Query Open Order lists (USER_DATA)'],
      ['allOrderLists', 'Query all Order lists (USER_DATA)'],
    ] as const)
      expect(shape(v.call(name).body as Json)).toEqual(shape(documented(rest, section)));
    expect(shape(v.call('orderList.cancel', { ...S, orderListId: 0 }).body as Json)).toEqual(
      shape(documented(rest, 'Cancel Order list (TRADE)')),
    );
  });

  it('user events', () => {
    const v = venue();
    v.place({ price: '90', quantity: '1' });
    v.exchange.deposit('alice', 'BTC', '-1.5');
    const bodies = v.user.map((e) => e.event.body('ms') as Json);
    expect(unordered(bodies[0] ?? null)).toEqual(unordered(userEvent('Order Update'), ['v']));
    expect(shape(bodies[1] ?? null)).toEqual(shape(userEvent('Account Update')));
    expect(bodies[2]).toMatchObject({ e: 'balanceUpdate', a: 'BTC', d: '-1.50000000' });
    expect(shape(bodies[2] ?? null)).toEqual(shape(userEvent('Balance Update')));
    expect(v.balance('alice', 'BTC')).toBe('8.5 + 0');
  });

  it('names of errors of cancels', () => {
    const v = venue();
    v.place({ price: '90', quantity: '1' });
    const cancel = (cancelRestrictions: string) =>
      v.call('order.cancel', { ...S, orderId: 1, cancelRestrictions }).body as Json;
    const section = 'Cancel order (TRADE)';
    expect(cancel('ANY')).toEqual(documented(rest, section, 'If the cancelRestrictions value is not any'));
    expect(cancel('ONLY_PARTIALLY_FILLED')).toEqual(documented(rest, section, 'If the order did not pass'));
    expect(v.call('account.status', {}, KEY2).status).toBe(200);
  });

  function userEvent(section: string): Json {
    return (documented('user-data-stream.md', section) as { event: Json }).event;
  }
});
