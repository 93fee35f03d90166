import { afterEach, describe, expect, it } from 'vitest';
import type { FaultInput } from '../../../../src/emulators/binance/index.js';
import { dec } from '../../../../src/model/decimal.js';
import { Desk, type DeskOptions } from './desk.js';

let desk: Desk | undefined;

async function open(options: DeskOptions = {}): Promise<Desk> {
  desk = await Desk.open({ ...options, emulator: { market: { type: 'none' }, ...options.emulator } });
  desk.emulator.exchange.market.levels('BTCUSDT', [60_000, 10], [60_001, 10], true);
  return desk;
}

afterEach(async () => {
  await desk?.close();
  desk = undefined;
});

const market = { type: 'market', limitPrice: undefined } as const;
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Requests that reached the venue for one client order id. */
function arrived(l: Desk, id: string, operation: string): number {
  return l.emulator.exchange.journal().filter((e) => e.clientOrderId === id && e.operation === operation)
    .length;
}

/** User events are lost too, so that only a query can tell. */
const DEAF: FaultInput = { kind: 'stale_user_stream', id: 'deaf', for_ms: 60_000 };

const NO_WORD: readonly (readonly [string, FaultInput, boolean])[] = [
  ['the answer is lost, executed', { kind: 'lost_answer' }, true],
  ['the answer is lost, not executed', { kind: 'lost_answer', execute: false }, false],
  ['-1007, executed', { kind: 'timeout' }, true],
  ['-1007, not executed', { kind: 'timeout', execute: false }, false],
  ['502, executed', { kind: 'error', status: 502 }, true],
  ['500, not executed', { kind: 'error', status: 500, execute: false }, false],
  ['-1006, executed', { kind: 'error', status: 500, code: -1006, msg: 'An unexpected response' }, true],
  ['the connection drops, executed', { kind: 'drop_connection' }, true],
  ['the connection drops, not executed', { kind: 'drop_connection', execute: false }, false],
  ['the answer comes after the time-out', { kind: 'delay_answer', delay_ms: 450 }, true],
  ['the request comes after the time-out', { kind: 'delay_request', delay_ms: 450 }, true],
];

describe.each(['ws', 'rest'] as const)('a new order over %s without a word', (orderTransport) => {
  const some =
    orderTransport === 'ws' ? NO_WORD : NO_WORD.filter(([name]) => /lost|drops|502|comes/.test(name));
  it.each(some)('%s: is asked for and never sent again', async (_, fault, executed) => {
    const l = await open({ broker: { orderTransport } });
    l.emulator.faults.set(DEAF);
    l.emulator.faults.set({ ...fault, operation: 'order.place' });
    const id = l.send('new', 'm', market);
    const { reason } = await l.reaches('m', executed ? 'filled' : 'rejected');
    if (!executed) expect(reason).toMatch(/does not know it/);
    expect(arrived(l, id, 'order.place')).toBe(1);
    expect(l.outcome(id)?.outcome).toBe('unknown');
    l.emulator.faults.clear();
    await l.until(() => l.link === 'ready');
    l.send('new', 'n', market); // its events bring the balances up to date
    await l.reaches('n', 'filled');
    await l.check();
  });
});

describe.each([
  ['cancel', 'order.cancel', 'cancelled'],
  ['replace', 'order.cancelReplace', 'accepted'],
  ['replace', 'order.amend.keepPriority', 'accepted'],
] as const)('a %s without a word (%s)', (action, operation, end) => {
  const change =
    action === 'cancel'
      ? {}
      : operation === 'order.cancelReplace'
        ? { limitPrice: dec('51000') }
        : { quantity: dec('0.004') };

  it.each(NO_WORD.filter(([name]) => /lost|drops|-1007, executed/.test(name)))(
    '%s',
    async (_, fault, executed) => {
      const l = await open();
      l.send('new', 'a');
      await l.reaches('a', 'accepted');
      l.emulator.faults.set(DEAF);
      l.emulator.faults.set({ ...fault, operation });
      const before = l.order('a')?.clientOrderId;
      const id = l.send(action, 'a', change);
      const order = await l.reaches('a', executed ? end : 'accepted');
      if (action === 'replace') expect(order.clientOrderId).toBe(executed ? id : before);
      expect(l.emulator.exchange.journal().filter((e) => e.operation === operation)).toHaveLength(1);
      l.emulator.faults.clear();
      await l.until(() => l.link === 'ready');
      l.send('new', 'n', market);
      await l.reaches('n', 'filled');
      await l.check();
    },
  );
});

describe('requests that are surely not executed', () => {
  it.each<[string, FaultInput, RegExp]>([
    ['429', { kind: 'rate_limit', retry_after: 1 }, /weight|slow|rate/i],
    ['418', { kind: 'rate_limit', status: 418, retry_after: 1 }, /ban|block/i],
  ])('%s: the order did not go, nothing leaves until the time told is over', async (_, fault, words) => {
    const l = await open();
    l.emulator.faults.set({ ...fault, operation: 'order.place' });
    const first = l.send('new', 'a');
    await l.until(() => l.outcome(first)?.outcome === 'not_sent');
    expect(l.outcome(first)).toMatchObject({ category: 'rate_limit' });
    expect(l.outcome(first)?.reason).toMatch(words);
    const second = l.send('new', 'b');
    await l.until(() => l.outcome(second)?.outcome === 'not_sent');
    expect(arrived(l, second, 'order.place')).toBe(0);
    await sleep(1_100);
    l.send('new', 'c');
    await l.reaches('c', 'accepted');
    await l.check();
  });

  it('maintenance: unknown until asked, because the venue may have taken it', async () => {
    const l = await open();
    l.emulator.faults.set({ kind: 'maintenance', operation: 'order.place' });
    const id = l.send('new', 'a');
    await l.reaches('a', 'rejected');
    expect(arrived(l, id, 'order.place')).toBe(1);
    await l.check();
  });

  it('a clock that jumped: refused, measured anew, and the next one goes', async () => {
    const l = await open();
    l.emulator.faults.set({ kind: 'clock_skew', skew_ms: 30_000 });
    const first = l.send('new', 'a');
    await l.until(() => l.outcome(first)?.outcome === 'not_sent');
    expect(l.outcome(first)?.reason).toMatch(/-1021/);
    await l.until(() => l.figure('clock_offset_ms') > 29_000);
    l.send('new', 'b');
    await l.reaches('b', 'accepted');
    await l.check();
  });

  it('a drifting clock is followed', async () => {
    const l = await open({ broker: { clockEvery: 100 } });
    l.emulator.faults.set({ kind: 'clock_drift', drift_ppm: 500_000 });
    await sleep(1_200);
    l.send('new', 'a');
    await l.reaches('a', 'accepted');
    expect(l.figure('clock_offset_ms')).toBeGreaterThan(300);
    await l.check();
  });
});

describe('an order that is hidden from queries at first', () => {
  it('is not taken for one that never arrived', async () => {
    const l = await open();
    l.emulator.faults.set(DEAF);
    l.emulator.faults.set({ kind: 'hidden_orders', delay_ms: 250, for_ms: 10_000 });
    l.emulator.faults.set({ kind: 'lost_answer', operation: 'order.place' });
    l.send('new', 'a');
    await l.reaches('a', 'accepted');
    l.emulator.faults.clear();
    await l.check();
  });
});

describe('user data', () => {
  const trade = async (l: Desk, n: number): Promise<void> => {
    for (let i = 0; i < n; i++) l.send('new', `t${i}`, i % 3 === 0 ? {} : market);
    for (let i = 0; i < n; i++) await l.reaches(`t${i}`, 'accepted', 'filled');
  };

  it.each<[string, FaultInput]>([
    ['twice', { kind: 'duplicate_message', message: 'user', for_ms: 60_000 }],
    [
      'in another order',
      { kind: 'reorder_messages', message: 'user', hold: 2, delay_ms: 60, for_ms: 60_000 },
    ],
    ['late', { kind: 'delay_message', message: 'user', delay_ms: 80, for_ms: 60_000 }],
    ['with unknown fields', { kind: 'unknown_field', for_ms: 60_000, channel: 'ws_api' }],
    ['among unknown events', { kind: 'unknown_event', for_ms: 60_000, message: 'user' }],
    ['in binary frames', { kind: 'binary_frame', for_ms: 60_000, channel: 'ws_api' }],
  ])('%s: everything counts once', async (_, fault) => {
    const l = await open();
    l.emulator.faults.set(fault);
    await trade(l, 12);
    for (let i = 0; i < 12; i += 3) l.send('cancel', `t${i}`);
    for (let i = 0; i < 12; i += 3) await l.reaches(`t${i}`, 'cancelled');
    expect(l.emulator.faults.injected).toBeGreaterThan(5);
    await l.check();
  });

  it.each<[string, FaultInput]>([
    ['cut JSON', { kind: 'malformed_json', message: 'user' }],
    ['a torn frame', { kind: 'torn_frame', message: 'user' }],
    ['a connection that ends with a message', { kind: 'disconnect', message: 'user' }],
    ['a connection that ends after a message', { kind: 'disconnect_after', message: 'user' }],
  ])('%s: what was lost is fetched', async (_, fault) => {
    const l = await open();
    l.send('new', 'rest', { limitPrice: dec('60000') });
    await l.reaches('rest', 'accepted');
    l.emulator.faults.set({ ...fault, stream: 'executionReport' });
    l.emulator.exchange.market.levels('BTCUSDT', [], [59_990, 5], false); // fills it: only the stream tells
    await l.reaches('rest', 'filled');
    expect(l.emulator.faults.injected).toBe(1);
    await l.check();
  });

  it('that the venue ends is subscribed again, and what happened meanwhile is fetched', async () => {
    const l = await open();
    l.send('new', 'rest', { limitPrice: dec('60000') });
    await l.reaches('rest', 'accepted');
    const ready = l.links.length;
    l.emulator.faults.set({ kind: 'end_user_streams' });
    l.emulator.exchange.market.levels('BTCUSDT', [], [59_990, 5], false);
    await l.reaches('rest', 'filled');
    await l.until(() => l.links.slice(ready).some((e) => e.name === 'binance' && e.state === 'ready'));
    await l.check();
  });

  it('over a half-open connection: silence ends it, and what was missed is fetched', async () => {
    const l = await open({
      emulator: { connections: { pingMs: 100, pongTimeoutMs: 60_000 } },
      broker: { timeouts: { wsApiSilence: 400, order: 600 } },
    });
    l.send('new', 'rest', { limitPrice: dec('60000') });
    await l.reaches('rest', 'accepted');
    l.emulator.faults.set({ kind: 'half_open', message: 'user' });
    l.emulator.exchange.market.levels('BTCUSDT', [], [59_990, 5], false);
    await l.reaches('rest', 'filled');
    expect(l.links.map((e) => `${e.name} ${e.state} ${e.reason}`).join('\n')).toMatch(
      /binance\/user down no frame for 400 ms/,
    );
    await l.check();
  });

  it.each([
    ['a request of ours proves it', 'userSilence'],
    ['a look at open orders proves it', 'userCheck'],
  ] as const)('that is silent while its connection lives: %s, and it is replaced', async (_, how) => {
    const timeouts = { order: 600, userSilence: 150, userCheck: how === 'userCheck' ? 200 : 0 };
    const l = await open({ broker: { timeouts } });
    l.send('new', 'rest', { limitPrice: dec('60000') });
    await l.reaches('rest', 'accepted');
    await sleep(350); // what the venue said about it is not recent any more
    expect(l.figure('user_streams_stale_total')).toBe(0);
    l.emulator.faults.set({ kind: 'stale_user_stream', for_ms: 600 });
    l.emulator.exchange.market.levels('BTCUSDT', [], [59_990, 5], false);
    if (how === 'userSilence') l.send('new', 'other', { limitPrice: dec('40000') });
    await l.reaches('rest', 'filled');
    expect(l.links.map((e) => `${e.name} ${e.state} ${e.reason}`).join('\n')).toContain(
      'user data stream is stale',
    );
    await sleep(600);
    await l.check();
    expect(l.figure('user_streams_stale_total')).toBe(1);
  });

  it('a deposit is seen', async () => {
    const l = await open();
    l.emulator.exchange.deposit('test', 'USDT', '5000');
    await l.until(() =>
      l.said.some(
        (e) => e.kind === 'account' && e.balances.some((b) => b.currency === 'USDT' && b.total.eq(105_000)),
      ),
    );
    await l.check();
  });
});

describe('a venue that goes away', () => {
  const cutOff = (l: Desk): void => {
    l.emulator.cut();
    l.emulator.exchange.market.levels('BTCUSDT', [], [59_990, 5], false); // fills what rests at 60,000
  };

  it.each<[string, FaultInput, RegExp]>([
    ['429 at the door', { kind: 'refuse_connections', status: 429, retry_after: 1, for_ms: 300 }, /429/],
    ['503 at the door', { kind: 'refuse_connections', status: 503, for_ms: 400 }, /503/],
    ['maintenance of everything', { kind: 'maintenance', for_ms: 400 }, /-1016/],
    [
      'its reads time out',
      { kind: 'timeout', operation: 'myTrades', delay_ms: 10, for_ms: 300 },
      /fetching missed fills/,
    ],
  ])('%s: comes back, and tells what happened meanwhile', async (_, fault, words) => {
    const l = await open();
    l.send('new', 'rest', { limitPrice: dec('60000') });
    await l.reaches('rest', 'accepted');
    const from = l.links.length;
    l.emulator.faults.set(fault);
    cutOff(l);
    await l.until(() => l.link !== 'ready');
    const early = l.send('new', 'early');
    await l.until(() => l.outcome(early) !== undefined);
    expect(l.outcome(early)).toMatchObject({ outcome: 'not_sent', category: 'unavailable' });
    await l.reaches('rest', 'filled');
    await l.check();
    expect(
      l.links
        .slice(from)
        .map((e) => e.reason)
        .join('\n'),
    ).toMatch(words);
    expect(arrived(l, early, 'order.place')).toBe(0);
  });

  it('a restart with an order on its way', async () => {
    const l = await open();
    l.send('new', 'rest', { limitPrice: dec('60000') });
    await l.reaches('rest', 'accepted');
    l.send('new', 'm', market);
    await l.emulator.restart(200);
    await l.reaches('m', 'filled', 'rejected');
    await l.check();
  });
});

describe('a key that is revoked', () => {
  it('ends the session with one sentence', async () => {
    const l = await open();
    l.emulator.exchange.revokeKey(l.emulator.account.apiKey);
    await l.until(() => l.link === 'closed');
    expect(l.links.at(-1)?.reason).toMatch(/key/i);
    expect(l.failure).toMatchObject({ category: 'auth' });
    expect(String(l.failure)).not.toContain(l.emulator.account.apiSecret);
  });
});
