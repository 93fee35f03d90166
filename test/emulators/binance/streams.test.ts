import { afterEach, describe, expect, it } from 'vitest';
import { startBinanceEmulator, type BinanceEmulator } from '../../../src/emulators/binance/index.js';
import type { BinanceEmulatorOptions } from '../../../src/emulators/binance/index.js';
import { rest, sleep, TestSocket, type Json } from './socket.js';

let emulator: BinanceEmulator | undefined;
const sockets: TestSocket[] = [];

async function start(options: BinanceEmulatorOptions = {}): Promise<BinanceEmulator> {
  emulator = await startBinanceEmulator({ symbols: ['BTCUSDT', 'ETHUSDT'], paused: true, ...options });
  return emulator;
}

async function open(path: string, options = {}): Promise<TestSocket> {
  const socket = await TestSocket.open(`${emulator?.stream ?? ''}${path}`, options);
  sockets.push(socket);
  return socket;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await emulator?.close();
});

const isEvent = (name: string) => (m: Readonly<Record<string, unknown>>) => m['e'] === name;

describe('where streams are', () => {
  it('gives one stream bare at /ws/NAME', async () => {
    const { market, exchange } = await start();
    const socket = await open('/ws/btcusdt@trade');
    exchange.market.take('BTCUSDT', 'BUY', 0.01);
    const trade = await socket.next(isEvent('trade'));
    expect(Object.keys(trade)).toEqual(['e', 'E', 's', 't', 'p', 'q', 'T', 'm', 'M']);
    expect(trade).toMatchObject({ s: 'BTCUSDT', q: '0.01000000', m: false, M: true });
    expect(market?.state().running).toBe(false);
  });

  it('gives several in envelopes at /stream?streams=', async () => {
    const { exchange } = await start();
    const socket = await open('/stream?streams=btcusdt@aggTrade/ethusdt@bookTicker');
    exchange.market.take('BTCUSDT', 'SELL', 0.01);
    exchange.market.take('ETHUSDT', 'SELL', 0.01);
    const trade = await socket.next((m) => m['stream'] === 'btcusdt@aggTrade');
    expect(trade['data']).toMatchObject({ e: 'aggTrade', s: 'BTCUSDT', m: true });
    const top = await socket.next((m) => m['stream'] === 'ethusdt@bookTicker');
    expect(Object.keys(top['data'] as object)).toEqual(['u', 's', 'b', 'B', 'a', 'A']);
  });

  it.each(['/stream?streams=', '/stream', '/ws', '/stream-emu/ws', '/stream-emu/ws/0', '/any/prefix/stream'])(
    'takes subscriptions by message at %s',
    async (path) => {
      const { exchange } = await start();
      const socket = await open(path);
      expect(await socket.control('SUBSCRIBE', ['btcusdt@trade'], 'a1')).toEqual({ result: null, id: 'a1' });
      exchange.market.take('BTCUSDT', 'BUY', 0.01);
      const trade = await socket.next((m) => (m['data'] ?? m)['e'] === 'trade');
      expect('stream' in trade).toBe(!path.includes('/ws'));
    },
  );

  it('refuses other paths', async () => {
    await start();
    await expect(open('/nowhere')).rejects.toMatchObject({ status: 404 });
  });
});

describe('control messages', () => {
  it('lists, unsubscribes, sets and gets properties; ids of every kind come back', async () => {
    const { exchange } = await start({ connections: { messagesPerSecond: 100 } });
    const socket = await open('/ws');
    await socket.control('SUBSCRIBE', ['btcusdt@trade', 'no-such-stream', 'xyz@trade'], 1);
    expect(await socket.control('LIST_SUBSCRIPTIONS', undefined, null)).toEqual({
      result: ['btcusdt@trade', 'no-such-stream', 'xyz@trade'],
      id: null,
    });
    expect(await socket.control('UNSUBSCRIBE', ['no-such-stream', 'xyz@trade'], -7)).toEqual({
      result: null,
      id: -7,
    });
    expect(await socket.control('GET_PROPERTY', ['combined'], 8)).toEqual({ result: false, id: 8 });
    expect(await socket.control('SET_PROPERTY', ['combined', true], 9)).toEqual({ result: null, id: 9 });
    expect(await socket.control('GET_PROPERTY', ['combined'], 10)).toEqual({ result: true, id: 10 });
    exchange.market.take('BTCUSDT', 'BUY', 0.01);
    expect(await socket.next((m) => 'stream' in m)).toMatchObject({ stream: 'btcusdt@trade' });
    expect(await socket.control('SET_PROPERTY', ['combined', 3], 11)).toEqual({
      code: 1,
      msg: 'Invalid value type: expected Boolean',
      id: 11,
    });
    await socket.control('UNSUBSCRIBE', ['btcusdt@trade'], 12);
    const before = socket.messages.length;
    exchange.market.take('BTCUSDT', 'BUY', 0.01);
    await socket.control('LIST_SUBSCRIPTIONS', undefined, 13);
    expect(socket.messages).toHaveLength(before + 1);
  });

  it('says what it does not carry', async () => {
    await start();
    const socket = await open('/ws');
    expect(await socket.control('SUBSCRIBE', ['btcusdt@ticker_1h'], 4)).toMatchObject({ code: 2, id: 4 });
  });
});

describe('streams', () => {
  it('sends partial depth, klines and tickers', async () => {
    const { exchange } = await start();
    const socket = await open(
      '/stream?streams=btcusdt@depth5@100ms/btcusdt@kline_1s/btcusdt@kline_1m/btcusdt@miniTicker/btcusdt@ticker/!miniTicker@arr/btcusdt@avgPrice',
    );
    exchange.market.take('BTCUSDT', 'BUY', 0.01);
    const stream = (name: string) =>
      socket.next((m) => m['stream'] === name, 0, 4_000).then((m): Json => m['data'] as Json);
    const book = await stream('btcusdt@depth5@100ms');
    expect(Object.keys(book as object)).toEqual(['lastUpdateId', 'bids', 'asks']);
    expect(book.bids).toHaveLength(5);
    const kline = await stream('btcusdt@kline_1m');
    expect(kline).toMatchObject({
      e: 'kline',
      s: 'BTCUSDT',
      k: { i: '1m', x: false, n: 1, v: '0.01000000' },
    });
    expect(kline.k.T - kline.k.t).toBe(59_999);
    const closed = await socket.next(
      (m) => m['stream'] === 'btcusdt@kline_1s' && m['data'].k.x === true,
      0,
      4_000,
    );
    expect(closed['data'].k.T - closed['data'].k.t).toBe(999);
    expect(await stream('btcusdt@miniTicker')).toMatchObject({
      e: '24hrMiniTicker',
      s: 'BTCUSDT',
      c: expect.stringMatching(/^\d+\.\d{8}$/),
    });
    expect(await stream('btcusdt@ticker')).toMatchObject({ e: '24hrTicker', s: 'BTCUSDT', Q: '0.01000000' });
    expect(await stream('!miniTicker@arr')).toEqual(
      expect.arrayContaining([expect.objectContaining({ s: 'BTCUSDT' })]),
    );
    expect(await stream('btcusdt@avgPrice')).toMatchObject({ e: 'avgPrice', s: 'BTCUSDT', i: '5m' });
  });

  it('counts in microseconds when asked', async () => {
    const { exchange } = await start();
    const socket = await open('/ws/btcusdt@trade?timeUnit=MICROSECOND');
    const other = await open('/ws/btcusdt@trade');
    exchange.market.take('BTCUSDT', 'BUY', 0.01);
    const trade = await socket.next(isEvent('trade'));
    expect(trade['T']).toBeGreaterThan(1e15);
    expect((await other.next(isEvent('trade')))['T']).toBe(Math.floor(trade['T'] / 1_000));
  });

  it('says diffs whose ranges follow each other, with quantities that rebuild the book', async () => {
    const { rest: base, market, exchange } = await start();
    const socket = await open('/ws/btcusdt@depth@100ms');
    for (let n = 0; n < 6; n++) {
      await market?.step(200);
      await sleep(60);
    }
    const snapshot = (await rest(base, 'GET', '/api/v3/depth', { symbol: 'BTCUSDT', limit: 5_000 })).body;
    await market?.step(200);
    await sleep(250);
    const book = {
      bids: new Map<string, string>(snapshot.bids as [string, string][]),
      asks: new Map<string, string>(snapshot.asks as [string, string][]),
    };
    const diffs = socket.messages;
    for (let n = 1; n < diffs.length; n++) expect(diffs[n]?.['U']).toBe(diffs[n - 1]?.['u'] + 1);
    let id: number = snapshot.lastUpdateId;
    for (const diff of diffs) {
      if (diff['u'] <= id) continue;
      expect(diff['U']).toBeLessThanOrEqual(id + 1);
      for (const [name, side] of [
        ['b', book.bids],
        ['a', book.asks],
      ] as const)
        for (const [price, quantity] of diff[name] as [string, string][]) {
          if (Number(quantity) === 0) side.delete(price);
          else side.set(price, quantity);
        }
      id = diff['u'];
    }
    const now = exchange.depth('BTCUSDT', 5_000);
    expect(id).toBe(now.lastUpdateId);
    expect([...book.bids].sort()).toEqual([...now.bids].sort());
    expect([...book.asks].sort()).toEqual([...now.asks].sort());
  });

  it('puts snapshots both inside a diff and at the end of one', async () => {
    const { rest: base, market } = await start({ snapshots: 'mixed' });
    const socket = await open('/ws/btcusdt@depth@100ms');
    const seen = { straddling: 0, adjacent: 0 };
    for (let n = 0; n < 12; n++) {
      const from = socket.messages.length;
      await market?.step(40);
      const { body } = await rest(base, 'GET', '/api/v3/depth', { symbol: 'BTCUSDT', limit: 100 });
      await market?.step(40);
      const first = await socket.next((m) => m['u'] > body.lastUpdateId, from);
      if (first['U'] === body.lastUpdateId + 1) seen.adjacent++;
      else if (first['U'] <= body.lastUpdateId) seen.straddling++;
    }
    expect(seen.adjacent).toBeGreaterThan(0);
    expect(seen.straddling).toBeGreaterThan(0);
    expect(seen.adjacent + seen.straddling).toBe(12);
  });
});

describe('limits and life', () => {
  it('cuts a client that sends more than 5 messages in a second', async () => {
    await start();
    const socket = await open('/ws');
    for (let n = 0; n < 6; n++) socket.send({ method: 'LIST_SUBSCRIPTIONS', id: n });
    expect(await socket.closed).toBe(1008);
    expect(socket.messages).toHaveLength(5);
  });

  it('counts pings too', async () => {
    await start();
    const socket = await open('/ws');
    for (let n = 0; n < 6; n++) socket.ws.ping();
    expect(await socket.closed).toBe(1008);
  });

  it('cuts a client with more than 1024 streams', async () => {
    await start();
    const names = (from: number, count: number): string[] =>
      Array.from({ length: count }, (_, n) => `s${from + n}@trade`);
    const socket = await open('/ws');
    expect(await socket.control('SUBSCRIBE', names(0, 1_024))).toMatchObject({ result: null });
    socket.send({ method: 'SUBSCRIBE', params: names(1_024, 1), id: 1 });
    expect(await socket.closed).toBe(1008);
  });

  it('refuses more connections than allowed', async () => {
    await start({ connections: { connectsPer5Min: 2 } });
    await open('/ws');
    await open('/ws');
    await expect(open('/ws')).rejects.toMatchObject({ status: 429, headers: { 'retry-after': '300' } });
  });

  it('pings, and cuts who does not answer with the same payload', async () => {
    await start({ connections: { pingMs: 60, pongTimeoutMs: 200, messagesPerSecond: 1_000 } });
    const good = await open('/ws');
    const silent = await open('/ws', { autoPong: false });
    const wrong = await open('/ws', { autoPong: false });
    const payloads: string[] = [];
    good.ws.on('ping', (data: Buffer) => payloads.push(data.toString()));
    wrong.ws.on('ping', () => wrong.ws.pong('unsolicited'));
    await Promise.all([silent.closed, wrong.closed]);
    await sleep(150);
    expect(good.closeCode).toBeUndefined();
    expect(payloads.length).toBeGreaterThan(2);
    expect(payloads[0]).toMatch(/^\d{13}$/);
  });

  it('cuts connections at their greatest age', async () => {
    await start({ connections: { lifeMs: 150 } });
    const socket = await open('/ws');
    const from = Date.now();
    await socket.closed;
    expect(Date.now() - from).toBeGreaterThan(100);
  });

  it('goes over TLS with a certificate the client can trust', async () => {
    const { certificate, exchange } = await start({ tls: true });
    const socket = await open('/ws/btcusdt@trade', { ca: certificate });
    exchange.market.take('BTCUSDT', 'BUY', 0.01);
    expect(await socket.next(isEvent('trade'))).toMatchObject({ s: 'BTCUSDT' });
  });
});
