import { afterEach, describe, expect, it } from 'vitest';
import {
  startBinanceEmulator,
  type BinanceEmulator,
  type BinanceEmulatorOptions,
  type FaultInput,
} from '../../../src/emulators/binance/index.js';
import { rest, signedWs, sleep, TestSocket, type Json } from './socket.js';

let emulator: BinanceEmulator | undefined;
const sockets: TestSocket[] = [];

async function start(options: BinanceEmulatorOptions = {}): Promise<BinanceEmulator> {
  emulator = await startBinanceEmulator({ symbols: ['BTCUSDT'], paused: true, ...options });
  return emulator;
}

async function open(url: string): Promise<TestSocket> {
  const socket = await TestSocket.open(url);
  sockets.push(socket);
  return socket;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await emulator?.close();
});

const order = (id: string): Record<string, string> => ({
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.01',
  price: '50000.00',
  newClientOrderId: id,
});

const trade = (venue: BinanceEmulator): number => venue.exchange.market.take('BTCUSDT', 'BUY', 0.001);
const ids = (socket: TestSocket): number[] =>
  socket.messages.filter((m) => m['e'] === 'trade').map((m) => m['t'] as number);

describe('faults of requests', () => {
  const place = (venue: BinanceEmulator, id: string) =>
    rest(venue.rest, 'POST', '/api/v3/order', order(id), venue.account);
  const placed = (venue: BinanceEmulator): string[] =>
    venue.exchange.audit.orders('test').map((o) => o.clientOrderId);

  it.each<[string, FaultInput, number | 'closed' | 'silent', boolean]>([
    ['5xx after execution', { kind: 'error', operation: 'order.place', status: 502 }, 502, true],
    ['5xx without execution', { kind: 'error', operation: 'order.place', execute: false }, 503, false],
    ['time-out after acceptance', { kind: 'timeout', operation: 'order.*' }, 504, true],
    ['time-out before acceptance', { kind: 'timeout', operation: 'order.*', execute: false }, 504, false],
    [
      'connection dropped after acceptance',
      { kind: 'drop_connection', operation: 'order.place' },
      'closed',
      true,
    ],
    [
      'connection dropped before acceptance',
      { kind: 'drop_connection', operation: 'order.place', execute: false },
      'closed',
      false,
    ],
    ['lost answer', { kind: 'lost_answer', operation: 'order.place' }, 'silent', true],
    ['429', { kind: 'rate_limit', retry_after: 7 }, 429, false],
    ['418', { kind: 'rate_limit', status: 418, retry_after: 9 }, 418, false],
    ['maintenance', { kind: 'maintenance' }, 503, false],
  ])('%s over REST', async (_, fault, outcome, executed) => {
    const venue = await start();
    venue.faults.set(fault);
    const answer = place(venue, 'a').then(
      (r) => r,
      () => 'closed' as const,
    );
    const result = await Promise.race([
      answer,
      sleep(outcome === 'silent' ? 250 : 3_000).then(() => 'silent' as const),
    ]);
    if (typeof outcome === 'string') expect(result).toBe(outcome);
    else {
      expect(result).toMatchObject({ status: outcome });
      if (outcome === 429) expect((result as { headers: Headers }).headers.get('retry-after')).toBe('7');
      if (outcome === 504) expect((result as Json)['body'].code).toBe(-1007);
      if (fault.kind === 'maintenance') expect((result as Json)['body'].code).toBe(-1016);
    }
    expect(placed(venue)).toEqual(executed ? ['a'] : []);
    expect(venue.faults.log()).toHaveLength(1);
    expect((await place(venue, 'b')).status).toBe(200);
  });

  it.each<[FaultInput, number | 'closed' | 'silent', boolean]>([
    [{ kind: 'error', operation: 'order.place' }, 503, true],
    [{ kind: 'timeout', operation: 'order.place', execute: false }, 504, false],
    [{ kind: 'lost_answer', operation: 'order.place' }, 'silent', true],
    [{ kind: 'drop_connection', operation: 'order.place' }, 'closed', true],
    [{ kind: 'rate_limit', retry_after: 2 }, 429, false],
  ])('%j over the WebSocket API', async (fault, outcome, executed) => {
    const venue = await start();
    const socket = await open(venue.wsApi);
    venue.faults.set(fault);
    const answer = socket.call('order.place', signedWs(venue.account, order('w')), 300).then(
      (m) => m,
      (e: Error) => e.message,
    );
    const result = await answer;
    if (outcome === 'silent') expect(result).toMatch(/no such message/);
    else if (outcome === 'closed') expect(result).toMatch(/closed/);
    else expect(result).toMatchObject({ status: outcome });
    if (outcome === 429) expect((result as Json)['error'].data.retryAfter).toBeGreaterThan(Date.now());
    expect(placed(venue)).toEqual(executed ? ['w'] : []);
  });

  it('delays a request or its answer', async () => {
    const venue = await start();
    for (const kind of ['delay_request', 'delay_answer'] as const) {
      venue.faults.set({ kind, delay_ms: 120, operation: 'time' });
      const from = Date.now();
      const { body } = await rest(venue.rest, 'GET', '/api/v3/time');
      expect(Date.now() - from).toBeGreaterThanOrEqual(110);
      expect(body.serverTime - from).toBeGreaterThanOrEqual(kind === 'delay_request' ? 110 : -5);
      if (kind === 'delay_answer') expect(body.serverTime - from).toBeLessThan(110);
    }
  });

  it('gives a snapshot that is older than the stream', async () => {
    const venue = await start();
    const then = venue.exchange.depth('BTCUSDT', 100).lastUpdateId;
    venue.faults.set({ kind: 'stale_snapshot' });
    await venue.market?.step(100);
    const stale = await rest(venue.rest, 'GET', '/api/v3/depth', { symbol: 'BTCUSDT', limit: 10 });
    expect(stale.body.lastUpdateId).toBe(then);
    expect(stale.body.bids).toHaveLength(10);
    const fresh = await rest(venue.rest, 'GET', '/api/v3/depth', { symbol: 'BTCUSDT', limit: 10 });
    expect(fresh.body.lastUpdateId).toBeGreaterThan(then);
  });
});

describe('faults of messages', () => {
  async function watch(
    fault: FaultInput,
  ): Promise<{ readonly venue: BinanceEmulator; readonly socket: TestSocket }> {
    const venue = await start();
    const socket = await open(`${venue.stream}/ws/btcusdt@trade`);
    trade(venue);
    await socket.next((m) => m['e'] === 'trade');
    venue.faults.set(fault);
    return { venue, socket };
  }

  it('drops', async () => {
    const { venue, socket } = await watch({ kind: 'drop_message', times: 2 });
    const first = ids(socket)[0] ?? 0;
    for (let n = 0; n < 4; n++) trade(venue);
    await socket.next((m) => m['t'] === first + 4);
    expect(ids(socket)).toEqual([first, first + 3, first + 4]);
    expect(venue.faults.log().map((i) => i.target)).toEqual([
      'stream market btcusdt@trade',
      'stream market btcusdt@trade',
    ]);
  });

  it('duplicates', async () => {
    const { venue, socket } = await watch({ kind: 'duplicate_message' });
    const first = ids(socket)[0] ?? 0;
    for (let n = 0; n < 2; n++) trade(venue);
    await socket.next((m) => m['t'] === first + 2);
    expect(ids(socket)).toEqual([first, first + 1, first + 1, first + 2]);
  });

  it('delays, and keeps the order', async () => {
    const { venue, socket } = await watch({ kind: 'delay_message', delay_ms: 150 });
    const first = ids(socket)[0] ?? 0;
    const from = Date.now();
    for (let n = 0; n < 3; n++) trade(venue);
    await socket.next((m) => m['t'] === first + 3);
    expect(Date.now() - from).toBeGreaterThanOrEqual(140);
    expect(ids(socket)).toEqual([first, first + 1, first + 2, first + 3]);
  });

  it('reorders inside its allowance', async () => {
    const { venue, socket } = await watch({ kind: 'reorder_messages', hold: 2, delay_ms: 5_000 });
    const first = ids(socket)[0] ?? 0;
    for (let n = 0; n < 4; n++) trade(venue);
    await socket.next((m) => m['t'] === first + 4);
    expect(ids(socket)).toEqual([first, first + 2, first + 3, first + 1, first + 4]);
  });

  it('gives a held message back when nothing passes it', async () => {
    const { venue, socket } = await watch({ kind: 'reorder_messages', hold: 9, delay_ms: 80 });
    const first = ids(socket)[0] ?? 0;
    trade(venue);
    await socket.next((m) => m['t'] === first + 1);
  });

  it('tears a frame and closes', async () => {
    const { venue, socket } = await watch({ kind: 'torn_frame' });
    trade(venue);
    expect(await socket.closed).toBe(1006);
    expect(ids(socket)).toHaveLength(1);
  });

  it('breaks JSON', async () => {
    const { venue, socket } = await watch({ kind: 'malformed_json' });
    trade(venue);
    expect(await socket.next((m) => 'malformed' in m)).toBeDefined();
    trade(venue);
    await sleep(50);
    expect(ids(socket)).toHaveLength(2);
  });

  it('adds unknown fields and events', async () => {
    const { venue, socket } = await watch({ kind: 'unknown_field' });
    trade(venue);
    expect(await socket.next((m) => 'zzNew' in m)).toMatchObject({ e: 'trade' });
    venue.faults.set({ kind: 'unknown_event' });
    trade(venue);
    expect(await socket.next((m) => m['e'] === 'somethingNew')).toBeDefined();
  });

  it('sends JSON in binary frames', async () => {
    const { venue, socket } = await watch({ kind: 'binary_frame' });
    trade(venue);
    trade(venue);
    await sleep(50);
    expect(socket.binary).toEqual([false, true, false]);
    expect(ids(socket)).toHaveLength(3);
  });

  it('goes half-open: the socket lives and says nothing', async () => {
    const { venue, socket } = await watch({ kind: 'half_open' });
    for (let n = 0; n < 3; n++) trade(venue);
    socket.send({ method: 'LIST_SUBSCRIPTIONS', id: 1 });
    let pong = false;
    socket.ws.on('pong', () => (pong = true));
    socket.ws.ping();
    await sleep(150);
    expect(socket.messages).toHaveLength(1);
    expect(pong).toBe(false);
    expect(socket.closeCode).toBeUndefined();
    expect(venue.connectionList()).toMatchObject([{ frozen: true }]);
  });

  it('disconnects, before or after a message', async () => {
    const { venue, socket } = await watch({ kind: 'disconnect' });
    trade(venue);
    await socket.closed;
    expect(ids(socket)).toHaveLength(1);
    const other = await open(`${venue.stream}/ws/btcusdt@trade`);
    venue.faults.set({ kind: 'disconnect_after' });
    trade(venue);
    await other.closed;
    expect(ids(other)).toHaveLength(1);
  });

  it('lets the user stream fall silent while the socket lives', async () => {
    const venue = await start();
    const socket = await open(venue.wsApi);
    await socket.call('userDataStream.subscribe.signature', signedWs(venue.account));
    venue.faults.set({ kind: 'stale_user_stream', for_ms: 60_000, id: 'stale' });
    expect((await socket.call('order.place', signedWs(venue.account, order('s'))))['status']).toBe(200);
    await sleep(30);
    expect(socket.messages.filter((m) => 'event' in m)).toHaveLength(0);
    venue.faults.clear('stale');
    await socket.call('order.cancel', signedWs(venue.account, { symbol: 'BTCUSDT', origClientOrderId: 's' }));
    expect(await socket.next((m) => m['event']?.x === 'CANCELED')).toMatchObject({ event: { C: 's' } });
  });

  it('leaves a gap in the diffs of a book', async () => {
    const venue = await start();
    const socket = await open(`${venue.stream}/ws/btcusdt@depth@100ms`);
    await venue.market?.step(50);
    await socket.next((m) => m['e'] === 'depthUpdate');
    venue.faults.set({ kind: 'depth_gap' });
    for (let n = 0; n < 2; n++) {
      await venue.market?.step(50);
      await sleep(130);
    }
    const diffs = socket.messages;
    expect(diffs.length).toBeGreaterThanOrEqual(2);
    expect(diffs.some((d, n) => n > 0 && d['U'] !== diffs[n - 1]?.['u'] + 1)).toBe(true);
  });

  it('loses only answers of one operation', async () => {
    const venue = await start();
    const socket = await open(venue.wsApi);
    venue.faults.set({ kind: 'drop_message', message: 'answer', operation: 'time', times: 5 });
    await expect(socket.call('time', {}, 100)).rejects.toThrow(/no such message/);
    expect((await socket.call('ping'))['status']).toBe(200);
  });
});

describe('faults of the venue', () => {
  it('shifts and drifts its clock, and takes it back', async () => {
    const venue = await start();
    const ahead = async (): Promise<number> =>
      (await rest(venue.rest, 'GET', '/api/v3/time')).body.serverTime - Date.now();
    venue.faults.set({ kind: 'clock_skew', id: 's', skew_ms: -7_000 });
    expect(await ahead()).toBeLessThan(-6_900);
    const refused = await rest(venue.rest, 'GET', '/api/v3/account', {}, venue.account);
    expect(refused.body).toMatchObject({ code: -1021 });
    venue.faults.clear('s');
    venue.faults.set({ kind: 'clock_drift', id: 'd', drift_ppm: 1e6 });
    await sleep(450);
    expect(await ahead()).toBeGreaterThan(200);
    venue.faults.clear();
    expect(Math.abs(await ahead())).toBeLessThan(100);
  });

  it('storms: every connection is cut again and again', async () => {
    const venue = await start();
    const [a, b] = [await open(`${venue.stream}/ws`), await open(venue.wsApi)];
    venue.faults.set({ kind: 'disconnect_storm', every_ms: 60, for_ms: 250 });
    await Promise.all([a.closed, b.closed]);
    const again = await open(`${venue.stream}/ws`);
    await again.closed;
    await sleep(300);
    const quiet = await open(`${venue.stream}/ws`);
    await sleep(150);
    expect(quiet.closeCode).toBeUndefined();
  });

  it('ends user streams with eventStreamTerminated', async () => {
    const venue = await start();
    const socket = await open(venue.wsApi);
    await socket.call('userDataStream.subscribe.signature', signedWs(venue.account));
    venue.faults.set({ kind: 'end_user_streams' });
    expect(await socket.next((m) => m['event']?.e === 'eventStreamTerminated')).toMatchObject({
      subscriptionId: 0,
    });
    expect((await socket.call('session.subscriptions'))['result']).toEqual([]);
  });

  it('refuses connections', async () => {
    const venue = await start();
    venue.faults.set({ kind: 'refuse_connections', id: 'r', status: 503, retry_after: 3 });
    await expect(open(`${venue.stream}/ws`)).rejects.toMatchObject({
      status: 503,
      headers: { 'retry-after': '3' },
    });
    venue.faults.clear('r');
    await open(`${venue.stream}/ws`);
  });

  it('does not find new orders for a while', async () => {
    const venue = await start();
    venue.faults.set({ kind: 'hidden_orders', delay_ms: 150, for_ms: 10_000 });
    await rest(venue.rest, 'POST', '/api/v3/order', order('h'), venue.account);
    const query = () =>
      rest(venue.rest, 'GET', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'h' }, venue.account);
    expect((await query()).body.code).toBe(-2013);
    await sleep(200);
    expect((await query()).body.status).toBe('NEW');
  });

  it('restarts with its state kept, on the same port', async () => {
    const venue = await start();
    const socket = await open(venue.wsApi);
    await socket.call('order.place', signedWs(venue.account, order('k')));
    await venue.restart(50);
    await socket.closed;
    const again = await open(venue.wsApi);
    const open1 = await again.call('openOrders.status', signedWs(venue.account, { symbol: 'BTCUSDT' }));
    expect(open1['result']).toMatchObject([{ clientOrderId: 'k' }]);
  });
});
