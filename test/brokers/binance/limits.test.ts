import { afterEach, describe, expect, it } from 'vitest';
import { ConnectionBudget } from '../../../src/brokers/binance/connection-budget.js';
import { BinanceError } from '../../../src/brokers/binance/errors.js';
import { RequestLimits } from '../../../src/brokers/binance/limits.js';
import { OrderCount } from '../../../src/brokers/binance/order-count.js';
import { headerCounts, rateLimitRows } from '../../../src/brokers/binance/rate-windows.js';
import { depthWeight, klinesWeight } from '../../../src/brokers/binance/weights.js';
import type { Lane } from '../../../src/brokers/binance/wire.js';
import { pause, until } from '../../streams/socket/server.js';

const MINUTE = 60_000;
let limits: RequestLimits | undefined;
afterEach(() => limits?.close());

function rig(limit = 100) {
  // 10 s into a minute, so that no minute ends during a test unless the test says so
  const time = { now: 1_000 * MINUTE + 10_000, monotonic: 0 };
  const made = new RequestLimits({
    market: 'spot',
    options: { riskReserve: 0.2, marketShare: 0.5, connections: 1, streamMessages: 1, streamsPerSocket: 1 },
    now: () => time.now,
    monotonic: () => time.monotonic,
  });
  limits = made;
  made.fromRateLimits(
    [{ rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit, count: 0 }],
    time.now,
    0,
  );
  const ran: string[] = [];
  const ask = (name: string, weight: number, lane: Lane): Promise<void> =>
    made.schedule(weight, lane, () => {
      ran.push(name);
      return Promise.resolve();
    });
  const figure = (name: string): number | undefined => made.figures().find((f) => f.name === name)?.value;
  return { limits: made, time, ran, ask, figure };
}

describe('RequestLimits', () => {
  it('gives market data its share, routine all but the reserve, and risk everything', async () => {
    const { ran, ask, figure } = rig();
    await ask('market', 50, 'market');
    void ask('market beyond its share', 1, 'market').catch(() => undefined);
    await ask('routine', 30, 'routine');
    void ask('routine beyond the reserve', 1, 'routine').catch(() => undefined);
    await ask('risk', 20, 'risk');
    void ask('risk beyond the limit', 1, 'risk').catch(() => undefined);
    await pause(50);
    expect(ran).toEqual(['market', 'routine', 'risk']);
    expect([
      figure('request_weight_used'),
      figure('request_weight_limit'),
      figure('requests_waiting'),
    ]).toEqual([100, 100, 3]);
  });

  it('is corrected by the venue’s own figure', async () => {
    const { limits, time, ran, ask, figure } = rig();
    limits.fromHeaders({ 'x-mbx-used-weight-1m': '79' }, time.now, 1);
    expect(figure('request_weight_used')).toBe(79);
    void ask('routine', 5, 'routine').catch(() => undefined);
    await ask('risk', 5, 'risk');
    expect(ran).toEqual(['risk']);
    limits.fromHeaders({ 'x-mbx-used-weight-1m': '60' }, time.now, 1);
    await until(() => ran.length === 2);
    // a figure of a past minute says nothing about this one
    limits.fromHeaders({ 'x-mbx-used-weight-1m': '99' }, time.now - MINUTE, 1);
    expect(figure('request_weight_used')).toBe(65);
  });

  it('starts anew with the venue’s minute', async () => {
    const { limits, time, ran, ask, figure } = rig();
    await ask('all', 100, 'risk');
    time.now += MINUTE;
    expect(figure('request_weight_used')).toBe(0);
    limits.fromHeaders({}, time.now, 0);
    await ask('next', 100, 'risk');
    expect(ran).toEqual(['all', 'next']);
  });

  it('lets what waits go when the minute ends', async () => {
    const { time, ran, ask } = rig();
    await ask('all', 100, 'risk');
    time.now = 1_000 * MINUTE + 59_990;
    limits?.block(0); // arms the wake-up for the 10 ms that are left
    void ask('waits', 10, 'market').catch(() => undefined);
    await pause(20);
    expect(ran).toEqual(['all']);
    time.now += 20;
    await until(() => ran.length === 2);
  });

  it('stops everything after 429 until the time told is over', async () => {
    const { limits, time, ran, ask, figure } = rig();
    limits.refused(429, -1003, 60);
    expect(figure('blocked_ms')).toBe(60);
    expect(limits.refusal(true)).toContain('blocks requests from this IP for 60 ms');
    void ask('waits', 1, 'risk').catch(() => undefined);
    await pause(40);
    expect(ran).toEqual([]);
    time.monotonic = 61;
    await until(() => ran.length === 1);
    expect(limits.refusal(true)).toBeUndefined();
    expect(figure('rate_limit_blocks_total')).toBe(1);
  });

  it('fails at once when the block is long', async () => {
    const { limits, ask } = rig();
    limits.refused(418, -1003, 3_600_000);
    const error: unknown = await ask('banned', 1, 'risk').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BinanceError);
    expect(error).toMatchObject({ category: 'rate_limit', retryAfter: 3_600_000 });
  });

  it('refuses what waits when closed', async () => {
    const { limits, ask } = rig();
    await ask('all', 100, 'risk');
    const waiting = ask('waits', 1, 'risk');
    await pause(20);
    limits.close();
    await expect(waiting).rejects.toMatchObject({ category: 'network', message: 'the session was closed' });
  });

  it('a refusal for the order rate stops orders, not requests', async () => {
    const { limits, time, ran, ask } = rig();
    limits.refused(429, -1015, 5_000);
    expect(limits.refusal(true)).toContain('the next one is possible in 5000 ms');
    expect(limits.refusal(false)).toBeUndefined();
    await ask('read', 1, 'risk');
    expect(ran).toEqual(['read']);
    time.now += 5_000;
    expect(limits.refusal(true)).toBeUndefined();
  });
});

describe('OrderCount', () => {
  const rows = (limit: number, count?: number) => ({ type: 'ORDERS', length: 10_000, limit, count });

  it('refuses an order beyond the limit at once, until the venue’s window ends', () => {
    const time = { now: 100_000 };
    const orders = new OrderCount(() => time.now);
    orders.learn(rows(2));
    expect(orders.take()).toBeUndefined();
    expect(orders.take()).toBeUndefined();
    expect(orders.take()).toBe('2 of 2 orders per 10s are used up');
    expect(orders.refused).toBe(1);
    time.now = 109_999;
    expect(orders.take()).toBeDefined();
    time.now = 110_000;
    expect(orders.take()).toBeUndefined();
  });

  it('follows the venue’s count, plus what is under way', () => {
    const orders = new OrderCount(() => 0);
    orders.learn(rows(3));
    orders.take();
    orders.take();
    orders.settled(); // the first is answered: it is in the venue's count
    orders.counted(10_000, 1);
    expect(orders.usage()).toEqual([{ window: '10s', count: 2, limit: 3 }]);
    orders.settled();
    orders.counted(10_000, 0); // fills give count back
    expect(orders.usage()).toEqual([{ window: '10s', count: 0, limit: 3 }]);
    orders.learn(rows(1, 1));
    expect(orders.take()).toContain('1 of 1 orders');
  });

  it('refuses nothing before it knows a limit', () => {
    const orders = new OrderCount(() => 0);
    for (let i = 0; i < 100; i++) expect(orders.take()).toBeUndefined();
  });
});

describe('ConnectionBudget', () => {
  it('allows so many attempts in five minutes', () => {
    const time = { now: 0, blocked: 7 };
    const budget = new ConnectionBudget(
      3,
      () => time.now,
      () => time.blocked,
    );
    expect(budget.admit()).toBe(7);
    time.blocked = 0;
    expect([budget.admit(), budget.admit()]).toEqual([0, 0]);
    time.now = 100_000;
    expect(budget.admit()).toBe(0);
    expect(budget.admit()).toBe(200_000);
    time.now = 300_000;
    expect([budget.admit(), budget.admit()]).toEqual([0, 0]);
    expect(budget.admit()).toBe(100_000);
    expect(budget.attempts).toBe(5);
  });
});

describe('what the venue tells about limits', () => {
  it('is read from headers', () => {
    expect(
      headerCounts({
        'x-mbx-used-weight': '9',
        'x-mbx-used-weight-1m': '12',
        'x-mbx-order-count-10s': '3',
        'x-mbx-order-count-1d': '400',
        'content-type': 'application/json',
      }),
    ).toEqual([
      ['REQUEST_WEIGHT', 60_000, 12],
      ['ORDERS', 10_000, 3],
      ['ORDERS', 86_400_000, 400],
    ]);
  });

  it('and from rateLimits; what is not understood is left out', () => {
    expect(
      rateLimitRows([
        { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50, count: 13 },
        { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 300_000 },
        { rateLimitType: 'ORDERS', interval: 'FORTNIGHT', intervalNum: 1, limit: 5 },
        { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: '5' },
        null,
      ]),
    ).toEqual([
      { type: 'ORDERS', length: 10_000, limit: 50, count: 13 },
      { type: 'RAW_REQUESTS', length: 300_000, limit: 300_000, count: undefined },
    ]);
    expect(rateLimitRows('nothing')).toEqual([]);
  });

  it('weights depend on the size of the answer', () => {
    expect([100, 500, 1_000, 5_000].map((n) => depthWeight('spot', n))).toEqual([5, 25, 50, 250]);
    expect([50, 100, 500, 1_000].map((n) => depthWeight('usdm', n))).toEqual([2, 5, 10, 20]);
    expect([klinesWeight('spot', 1_000), klinesWeight('usdm', 99), klinesWeight('usdm', 1_500)]).toEqual([
      2, 1, 10,
    ]);
  });
});
