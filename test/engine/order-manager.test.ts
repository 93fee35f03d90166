import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { makeQuote, receivedAt } from '../../src/model/make.js';
import { topology } from '../../src/topology/build.js';

const AT = 1_736_150_400_000_000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function engine(): Promise<Engine> {
  const checked = topology('orders', {
    portfolio: { base_currency: 'USDT' },
    instruments: {
      BTCUSDT: { asset_class: 'crypto_spot', base: 'BTC', quote: 'USDT', tick_size: 0.1, lot_size: 0.001 },
    },
  })
    .broker('sim', 'paper', { prices: 'ticks', cash: { USDT: 1_000_000 }, latency: '500ms' })
    .source('ticks', 'synthetic', { instruments: { BTCUSDT: { price: 100 } } })
    .source('fills', 'executions', { broker: 'sim' })
    .operator('ema', 'strategy', ['ticks'], { use: 'ema-cross', params: { quantity: 1 } })
    .operator('risk', 'risk', ['ema'], { limits: { max_order_quantity: 5 } })
    .operator('pace', 'throttle', ['risk'])
    .sink('orders', 'orders', ['pace'], { broker: 'sim' })
    .check();
  const made = new Engine(checked, { session: 'test', log: silent });
  await made.open();
  made.start(AT);
  quote(made, AT, 100, 101);
  return made;
}

let last = 0;
function quote(made: Engine, at: number, bid: number, ask: number): void {
  last = at;
  made.feed([receivedAt(makeQuote('ticks', at, 'BTCUSDT', 0, bid, 10, ask, 10), at)]);
}
const later = (made: Engine): void => quote(made, last + 1_000_000, 100, 101);

describe('orders of a program', () => {
  it('go through risk, and tell what became of them', async () => {
    const made = await engine();
    const seen: string[] = [];
    made.orders.orders$.subscribe(({ state }) => seen.push(state));
    made.orders.trades$.subscribe(({ fill }) => seen.push(`trade ${fill.quantity.toString()}`));
    made.orders.errors$.subscribe(({ code }) => seen.push(code));
    const ok = await made.orders.submit({ instrument: 'BTCUSDT', side: 'buy', type: 'market', quantity: 1 });
    expect([ok.accepted, ok.reason, ok.seq > 0]).toEqual([true, '', true]);
    later(made);
    expect(made.orders.get(ok.orderKey)?.state).toBe('filled');
    const denied = await made.orders.submit({
      instrument: 'BTCUSDT',
      side: 'buy',
      type: 'market',
      quantity: 9,
    });
    expect([denied.accepted, denied.reason.split(':')[0]]).toEqual([false, 'MAX_ORDER_QUANTITY']);
    expect(seen).toContain('trade 1');
    expect(seen).toContain('filled');
    expect(seen).toContain('MAX_ORDER_QUANTITY');
    expect(
      made.orders.validate({ instrument: 'BTCUSDT', side: 'buy', type: 'limit', quantity: 1 }).split(':')[0],
    ).toBe('PRICE_MISSING');
    await made.close();
  });

  it('are modified and cancelled; the local order follows the venue', async () => {
    const made = await engine();
    const keys: string[] = [];
    for (const price of [90, 91, 92]) {
      const { orderKey } = await made.orders.submit({
        instrument: 'BTCUSDT',
        side: 'buy',
        type: 'limit',
        quantity: 1,
        limitPrice: price,
      });
      keys.push(orderKey);
    }
    later(made);
    const [first = ''] = keys;
    expect((await made.orders.modify(first, { quantity: 2, limitPrice: 89 })).accepted).toBe(true);
    expect(made.orders.get(first)?.state).toBe('pending_replace');
    later(made);
    const order = made.orders.get(first);
    expect([order?.state, order?.quantity.toString(), order?.limitPrice?.toString()]).toEqual([
      'accepted',
      '2',
      '89',
    ]);
    expect(made.orders.byVenueId('sim', order?.venueOrderId ?? '')?.orderKey).toBe(first);
    const cancelled = await made.orders.cancelAll();
    expect(cancelled.map(({ accepted }) => accepted)).toEqual([true, true, true]);
    later(made);
    expect([made.orders.open().length, made.orders.byStatus('cancelled').length]).toEqual([0, 3]);
    const again = await made.orders.cancel(first);
    expect([again.accepted, again.reason.split(':')[0]]).toEqual([false, 'ORDER_CLOSED']);
    await made.close();
  });

  it('one idempotency key is one order', async () => {
    const made = await engine();
    const order = {
      instrument: 'BTCUSDT',
      side: 'buy',
      type: 'limit',
      quantity: 1,
      limitPrice: 90,
      idempotencyKey: 'k',
    } as const;
    const [a, b] = await Promise.all([made.orders.submit(order), made.orders.submit(order)]);
    expect([a.accepted, b.accepted, b.reason.split(':')[0]]).toEqual([true, false, 'DUPLICATE_ORDER']);
    await made.close();
  });
});
