import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KnownOrders } from '../../../../src/brokers/binance/orders/known-orders.js';
import type { OrderView } from '../../../../src/brokers/binance/orders/views.js';
import { UserStreamWatch } from '../../../../src/brokers/binance/user-data/watch.js';
import { dec } from '../../../../src/model/decimal.js';

const known = new KnownOrders();
let ready = true;
let open: OrderView[] | Error = [];
let asked = 0;
let stale: string[] = [];

function view(venueOrderId: string, executed = '0'): OrderView {
  return { symbol: 'BTCUSDT', venueOrderId, executed: dec(executed) } as OrderView;
}

function watch(patience = 100, every = 1_000): UserStreamWatch {
  return new UserStreamWatch({
    patience,
    every,
    ready: () => ready,
    known,
    openOrders: () => {
      asked++;
      return open instanceof Error ? Promise.reject(open) : Promise.resolve(open);
    },
    monotonic: () => performance.now(),
    stale: (why) => stale.push(why),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  [ready, open, asked, stale] = [true, [view('1')], 0, []];
  const order = known.note('a', 'BTCUSDT', 'buy');
  known.setVenueId(order, '1');
  order.accepted = true;
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a request that was carried out', () => {
  it('needs a message shortly before or after its answer', async () => {
    const w = watch();
    w.start();
    w.carriedOut();
    await vi.advanceTimersByTimeAsync(50);
    w.heard();
    await vi.advanceTimersByTimeAsync(80);
    w.carriedOut(); // its message came 80 ms before
    await vi.advanceTimersByTimeAsync(300);
    expect(stale).toEqual([]);
    w.carriedOut();
    await vi.advanceTimersByTimeAsync(100);
    expect(stale).toEqual(['the user data stream is stale: a request was carried out and it said nothing']);
    expect(w.found).toBe(1);
  });

  it('proves nothing while the session is not ready or stopped, nor without patience', async () => {
    const w = watch();
    ready = false;
    w.carriedOut();
    await vi.advanceTimersByTimeAsync(500);
    ready = true;
    w.carriedOut();
    w.stop();
    await vi.advanceTimersByTimeAsync(500);
    const patient = watch(0);
    patient.carriedOut();
    await vi.advanceTimersByTimeAsync(500);
    expect(stale).toEqual([]);
  });
});

describe('a look at open orders', () => {
  it('is taken only while the stream is silent, and agrees as a rule', async () => {
    const w = watch();
    w.start();
    for (let i = 0; i < 5; i++) {
      w.heard();
      await vi.advanceTimersByTimeAsync(990);
    }
    expect(asked).toBe(0);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(asked).toBeGreaterThan(1);
    expect(stale).toEqual([]);
    w.stop();
    const before = asked;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(asked).toBe(before);
  });

  it.each([
    ['an order that is gone', []],
    ['a fill that was not told', [view('1', '0.5')]],
  ])('shows %s when it holds for a while', async (_, there) => {
    const w = watch();
    w.start();
    open = there;
    await vi.advanceTimersByTimeAsync(1_050);
    expect(stale).toEqual([]);
    await vi.advanceTimersByTimeAsync(60);
    expect(stale).toEqual(['the user data stream is stale: open orders changed and it said nothing']);
  });

  it('shows nothing when the stream tells it meanwhile, or when it fails', async () => {
    const w = watch();
    w.start();
    open = [];
    await vi.advanceTimersByTimeAsync(1_050);
    w.heard();
    await vi.advanceTimersByTimeAsync(200);
    open = new Error('no answer');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(stale).toEqual([]);
    expect(asked).toBeGreaterThan(2);
  });
});
