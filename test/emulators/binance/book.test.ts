import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  startBinanceEmulator,
  type BinanceEmulator,
  type PublicEvent,
} from '../../../src/emulators/binance/index.js';
import { rest, type Json } from './socket.js';

let emulator: BinanceEmulator | undefined;
afterEach(() => emulator?.close());

/** A book kept from diffs alone, and everything that must hold at every step. */
class Watcher {
  readonly bids = new Map<string, number>();
  readonly asks = new Map<string, number>();
  id = 0;
  tradeId = 0;
  trades = 0;
  tops = 0;

  start(snapshot: ReturnType<BinanceEmulator['exchange']['depth']>): void {
    for (const [p, q] of snapshot.bids) this.bids.set(p, Number(q));
    for (const [p, q] of snapshot.asks) this.asks.set(p, Number(q));
    this.id = snapshot.lastUpdateId;
  }

  on(event: PublicEvent): void {
    if (event.kind === 'depth') {
      expect(event.first).toBe(this.id + 1);
      expect(event.last).toBeGreaterThanOrEqual(event.first);
      this.id = event.last;
      for (const [side, rows] of [
        [this.bids, event.bids],
        [this.asks, event.asks],
      ] as const)
        for (const [price, quantity] of rows) {
          if (Number(quantity) === 0) expect(side.delete(price)).toBe(true);
          else side.set(price, Number(quantity));
        }
    } else if (event.kind === 'top') {
      this.tops++;
      const [bid, bidQuantity] = this.best(this.bids, Math.max);
      const [ask, askQuantity] = this.best(this.asks, Math.min);
      expect([
        event.updateId,
        Number(event.bid),
        Number(event.bidQuantity),
        Number(event.ask),
        Number(event.askQuantity),
      ]).toEqual([this.id, bid, bidQuantity, ask, askQuantity]);
      if (bid > 0 && ask > 0) expect(bid).toBeLessThan(ask);
    } else if (event.kind === 'trade') {
      this.trades++;
      if (this.tradeId > 0) expect(event.id).toBe(this.tradeId + 1);
      this.tradeId = event.id;
    }
  }

  best(side: Map<string, number>, pick: (...values: number[]) => number): [number, number] {
    if (side.size === 0) return [0, 0];
    const price = pick(...[...side.keys()].map(Number));
    return [price, side.get(price.toFixed(8)) ?? NaN];
  }
}

type Action =
  | { readonly type: 'market'; readonly events: number }
  | { readonly type: 'limit'; readonly buy: boolean; readonly offset: number; readonly quantity: number }
  | { readonly type: 'take'; readonly buy: boolean; readonly quantity: number }
  | { readonly type: 'cancel' };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('market' as const), events: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('limit' as const),
      buy: fc.boolean(),
      offset: fc.integer({ min: -300, max: 600 }),
      quantity: fc.integer({ min: 10, max: 3_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('take' as const),
      buy: fc.boolean(),
      quantity: fc.integer({ min: 10, max: 20_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'cancel' as const }) },
);

describe('the book', () => {
  it('is the same in diffs, best prices and snapshots at every step, with orders of accounts in it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e6 }),
        fc.array(action, { minLength: 5, maxLength: 40 }),
        async (seed, actions) => {
          const venue = await startBinanceEmulator({
            seed,
            symbols: ['BTCUSDT'],
            paused: true,
            account: { balances: { USDT: '10000000', BTC: '100' } },
            limits: { ordersPer10Seconds: 10_000 },
          });
          const { exchange, market, account } = venue;
          const watcher = new Watcher();
          watcher.start(exchange.depth('BTCUSDT', 5_000));
          const stop = exchange.onMarket((event) => watcher.on(event));
          for (const step of actions) {
            const top = exchange.top('BTCUSDT');
            if (step.type === 'market') await market?.step(step.events);
            else if (step.type === 'cancel') {
              await rest(venue.rest, 'DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' }, account);
            } else {
              const side = step.buy ? 'BUY' : 'SELL';
              const quantity = (step.quantity / 1e5).toFixed(5);
              const offset = step.type === 'limit' ? step.offset : 0;
              const best = Number(step.buy ? top.bid : top.ask);
              const price = (best - (step.buy ? 1 : -1) * (offset / 100)).toFixed(2);
              const terms: Record<string, string> =
                step.type === 'take' ? { type: 'MARKET' } : { type: 'LIMIT', timeInForce: 'GTC', price };
              const answer = await rest(
                venue.rest,
                'POST',
                '/api/v3/order',
                { symbol: 'BTCUSDT', side, quantity, ...terms },
                account,
              );
              if (answer.status !== 200) expect([-1013, -2010]).toContain(answer.body.code);
            }
            const snapshot = exchange.depth('BTCUSDT', 5_000);
            expect(snapshot.lastUpdateId).toBe(watcher.id);
            expect(new Map(snapshot.bids.map(([p, q]) => [p, Number(q)]))).toEqual(watcher.bids);
            expect(new Map(snapshot.asks.map(([p, q]) => [p, Number(q)]))).toEqual(watcher.asks);
          }
          stop();
          await venue.close();
        },
      ),
      { numRuns: 12 },
    );
  });

  it('shows an order of an account and its fill to everybody', async () => {
    emulator = await startBinanceEmulator({ symbols: ['BTCUSDT'], paused: true });
    const { exchange, account, rest: base } = emulator;
    const before = exchange.top('BTCUSDT');
    const price = (Number(before.bid) + 0.01).toFixed(2);
    const order = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.12345',
      price,
    };
    const placed = await rest(base, 'POST', '/api/v3/order', order, account);
    expect(placed.body).toMatchObject({ status: 'NEW' });
    expect(exchange.top('BTCUSDT')).toMatchObject({ bid: `${price}000000`, bidQuantity: '0.12345000' });
    const trades: PublicEvent[] = [];
    exchange.onMarket((event) => {
      if (event.kind === 'trade') trades.push(event);
    });
    expect(exchange.market.take('BTCUSDT', 'SELL', 0.1)).toBeCloseTo(0.1, 8);
    expect(exchange.top('BTCUSDT')).toMatchObject({ bid: `${price}000000`, bidQuantity: '0.02345000' });
    const mine = (await rest(base, 'GET', '/api/v3/myTrades', { symbol: 'BTCUSDT' }, account)).body as Json[];
    expect(mine).toHaveLength(1);
    expect(trades).toHaveLength(1);
    expect(trades[0]).toMatchObject({
      id: mine[0]?.['id'],
      price: mine[0]?.['price'],
      quantity: mine[0]?.['qty'],
      buyerIsMaker: true,
    });
  });

  it('moves to another price on request, and trades with what stands between', async () => {
    emulator = await startBinanceEmulator({ symbols: ['BTCUSDT'], paused: true });
    const { exchange, account, rest: base, market } = emulator;
    const order = {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.10000',
      price: '59000.00',
    };
    const { body } = await rest(base, 'POST', '/api/v3/order', order, account);
    market?.setPrice('BTCUSDT', 58_000);
    const found = await rest(
      base,
      'GET',
      '/api/v3/order',
      { symbol: 'BTCUSDT', orderId: body.orderId },
      account,
    );
    expect(found.body).toMatchObject({
      status: 'FILLED',
      executedQty: '0.10000000',
      cummulativeQuoteQty: '5900.00000000',
    });
    const top = exchange.top('BTCUSDT');
    expect(Number(top.bid)).toBeGreaterThan(57_900);
    expect(Number(top.ask)).toBeLessThan(58_100);
    await market?.step(2_000);
    expect(Number(exchange.top('BTCUSDT').bid)).toBeGreaterThan(57_000);
  });
});

describe('the seeded flow', () => {
  const play = async (seed: number): Promise<string[]> => {
    const venue = await startBinanceEmulator({ seed, paused: true, symbols: ['BTCUSDT', 'ETHBTC'] });
    const seen: string[] = [];
    venue.exchange.onMarket((event) => {
      seen.push(JSON.stringify({ ...event, at: 0 }));
    });
    await venue.market?.step(3_000);
    await venue.close();
    return seen;
  };

  it('is the same for the same seed', async () => {
    const [a, b, other] = [await play(5), await play(5), await play(6)];
    expect(a).toEqual(b);
    expect(other).not.toEqual(a);
    expect(a.filter((e) => e.includes('"trade"')).length).toBeGreaterThan(100);
  });

  it('keeps a book of about the same size on ticks and lots, and its prices near where they were', async () => {
    emulator = await startBinanceEmulator({ seed: 3, paused: true });
    const { exchange, market } = emulator;
    await market?.step(20_000);
    for (const symbol of exchange.symbols) {
      const { bids, asks } = exchange.depth(symbol, 5_000);
      expect(bids.length, symbol).toBeGreaterThan(20);
      expect(asks.length, symbol).toBeGreaterThan(20);
      expect(bids.length + asks.length).toBeLessThan(500);
      expect(bids[0]?.[0]).toMatch(/^\d+\.\d{8}$/);
    }
    for (const [price] of exchange.depth('BTCUSDT', 50).bids) expect(price).toMatch(/^\d+\.\d\d000000$/);
  });

  it('has a past: candles of all intervals that end at the first price and agree with each other', async () => {
    emulator = await startBinanceEmulator({ seed: 3, paused: true, symbols: ['BTCUSDT=50000'] });
    const klines = async (interval: string): Promise<(string | number)[][]> =>
      (await rest(emulator?.rest ?? '', 'GET', '/api/v3/klines', { symbol: 'BTCUSDT', interval, limit: 300 }))
        .body as (string | number)[][];
    const [minutes, fives, hours, days] = [
      await klines('1m'),
      await klines('5m'),
      await klines('1h'),
      await klines('1d'),
    ];
    expect(hours).toHaveLength(300);
    expect(days).toHaveLength(300);
    for (let n = 1; n < hours.length; n++) {
      expect(hours[n]?.[0]).toBe(Number(hours[n - 1]?.[0]) + 3_600_000);
      expect(hours[n]?.[1]).toBe(hours[n - 1]?.[4]);
    }
    expect(Number(minutes.at(-1)?.[4])).toBe(50_000);
    const five = fives.at(-3);
    const inside = minutes.filter(
      (k) => Number(k[0]) >= Number(five?.[0]) && Number(k[0]) <= Number(five?.[6]),
    );
    expect(inside).toHaveLength(5);
    expect(Number(five?.[2])).toBe(Math.max(...inside.map((k) => Number(k[2]))));
    expect(five?.[1]).toBe(inside[0]?.[1]);
    expect(five?.[4]).toBe(inside[4]?.[4]);
  });
});
