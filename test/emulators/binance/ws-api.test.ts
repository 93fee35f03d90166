import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import {
  startBinanceEmulator,
  type BinanceEmulator,
  type BinanceEmulatorOptions,
} from '../../../src/emulators/binance/index.js';
import { signedWs, sleep, TestSocket, type Json } from './socket.js';

let emulator: BinanceEmulator | undefined;
const sockets: TestSocket[] = [];

async function start(options: BinanceEmulatorOptions = {}): Promise<BinanceEmulator> {
  emulator = await startBinanceEmulator({ symbols: ['BTCUSDT'], paused: true, ...options });
  return emulator;
}

async function open(query = ''): Promise<TestSocket> {
  const socket = await TestSocket.open(`${emulator?.wsApi ?? ''}${query}`);
  sockets.push(socket);
  return socket;
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await emulator?.close();
});

function ed25519(key: KeyObject, params: Json): Json {
  const payload = Object.keys(params)
    .sort()
    .map((k) => `${k}=${String(params[k])}`)
    .join('&');
  return { ...params, signature: sign(null, Buffer.from(payload), key).toString('base64') };
}

async function withEd25519(): Promise<{ readonly key: KeyObject; readonly venue: BinanceEmulator }> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const venue = await start();
  venue.exchange.addKey('test', {
    apiKey: 'ed',
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  });
  return { key: privateKey, venue };
}

const resting = {
  symbol: 'BTCUSDT',
  side: 'BUY',
  type: 'LIMIT',
  timeInForce: 'GTC',
  quantity: '0.01',
  price: '50000.00',
};
const isReport = (type: string) => (m: Json) => m['event']?.e === 'executionReport' && m['event'].x === type;

describe('requests', () => {
  it('gives the id back as it came, with status and limits', async () => {
    await start();
    const socket = await open();
    for (const id of [1, -5, 'abc-1', null]) {
      const from = socket.messages.length;
      socket.send({ id, method: 'time' });
      const answer = await socket.next((m) => m['id'] === id, from);
      expect(answer).toMatchObject({ id, status: 200, result: { serverTime: expect.any(Number) } });
      expect(answer['rateLimits'][0]).toMatchObject({
        rateLimitType: 'REQUEST_WEIGHT',
        interval: 'MINUTE',
        intervalNum: 1,
      });
    }
  });

  it('leaves limits out when asked, by parameter or by URL', async () => {
    await start();
    const socket = await open();
    expect(await socket.call('time', { returnRateLimits: false })).not.toHaveProperty('rateLimits');
    const other = await open('?returnRateLimits=false');
    expect(await other.call('time')).not.toHaveProperty('rateLimits');
    expect(await other.call('time', { returnRateLimits: true })).toHaveProperty('rateLimits');
  });

  it('answers errors in its own shape', async () => {
    const { account } = await start();
    const socket = await open();
    expect(await socket.call('depth', { symbol: 'NOSUCH' })).toMatchObject({
      status: 400,
      error: { code: -1121, msg: 'Invalid symbol.' },
    });
    expect(await socket.call('no.such.method')).toMatchObject({ status: 501, error: { code: -1020 } });
    expect(
      await socket.call('order.place', signedWs({ ...account, apiSecret: 'wrong' }, resting)),
    ).toMatchObject({
      status: 400,
      error: { code: -1022 },
    });
    expect(await socket.call('order.place', signedWs(account, resting, 5_000))).toMatchObject({
      error: { code: -1021 },
    });
    socket.send('no json');
    expect(await socket.next((m) => m['id'] === null)).toMatchObject({ status: 400, error: { code: -1135 } });
  });

  it('tells when to come back after too many requests', async () => {
    await start({ limits: { weightPerMinute: 30 } });
    const socket = await open();
    await socket.call('exchangeInfo');
    const refused = await socket.call('exchangeInfo');
    expect(refused).toMatchObject({
      status: 429,
      error: { code: -1003, data: { serverTime: expect.any(Number) } },
    });
    const { serverTime, retryAfter } = refused['error'].data;
    expect(retryAfter).toBeGreaterThan(Number(serverTime));
  });

  it('carries large answers', async () => {
    const { market } = await start();
    await market?.step(500);
    const socket = await open();
    const { result } = await socket.call('depth', { symbol: 'BTCUSDT', limit: 5_000 });
    expect(result.bids.length).toBeGreaterThan(20);
    const info = await socket.call('exchangeInfo');
    expect(info['result'].symbols[0].symbol).toBe('BTCUSDT');
  });
});

describe('user data', () => {
  it('comes by a signed subscription, with the subscription id', async () => {
    const { account } = await start();
    const socket = await open();
    const answer = await socket.call('userDataStream.subscribe.signature', signedWs(account));
    expect(answer).toMatchObject({ status: 200, result: { subscriptionId: 0 } });
    await socket.call('order.place', signedWs(account, { ...resting, newClientOrderId: 'a' }));
    const report = await socket.next(isReport('NEW'));
    expect(report['subscriptionId']).toBe(0);
    expect(report['event']).toMatchObject({ c: 'a', X: 'NEW', p: '50000.00000000' });
    expect(await socket.next((m) => m['event']?.e === 'outboundAccountPosition')).toBeDefined();
    expect(await socket.call('userDataStream.subscribe.signature', signedWs(account))).toMatchObject({
      status: 400,
      error: { code: -2035 },
    });
    expect((await socket.call('session.subscriptions'))['result']).toEqual([{ subscriptionId: 0 }]);
    expect(await socket.call('userDataStream.unsubscribe', { subscriptionId: 7 })).toMatchObject({
      error: { code: -2036 },
    });
    expect(await socket.call('userDataStream.unsubscribe', { subscriptionId: 0 })).toMatchObject({
      status: 200,
      result: {},
    });
    expect(await socket.next((m) => m['event']?.e === 'eventStreamTerminated')).toMatchObject({
      subscriptionId: 0,
    });
    const again = await socket.call('userDataStream.subscribe.signature', signedWs(account));
    expect(again['result']).toEqual({ subscriptionId: 1 });
  });

  it('is refused with a wrong signature and without a session', async () => {
    const { account } = await start();
    const socket = await open();
    const wrong = signedWs({ ...account, apiSecret: 'x' });
    expect(await socket.call('userDataStream.subscribe.signature', wrong)).toMatchObject({
      error: { code: -1022 },
    });
    expect(await socket.call('userDataStream.subscribe')).toMatchObject({ error: { code: -2015 } });
  });

  it('sees fills of orders sent over REST by another client of the account', async () => {
    const { account, exchange } = await start();
    const socket = await open();
    await socket.call('userDataStream.subscribe.signature', signedWs(account));
    const other = await open();
    const ask = exchange.top('BTCUSDT').ask;
    await other.call(
      'order.place',
      signedWs(account, { ...resting, price: Number(ask).toFixed(2), quantity: '0.00010' }),
    );
    const fill = await socket.next(isReport('TRADE'));
    expect(fill['event']).toMatchObject({ X: 'FILLED', l: '0.00010000', m: false });
    expect(other.messages.every((m) => m['event'] === undefined)).toBe(true);
  });

  it.each([
    ['answer_first', true],
    ['events_first', false],
  ] as const)('comes in the order that is set: %s', async (answerOrder, answerFirst) => {
    const { account } = await start({ answerOrder });
    const socket = await open();
    await socket.call('userDataStream.subscribe.signature', signedWs(account));
    await socket.call('order.place', signedWs(account, { ...resting, newClientOrderId: 'x' }));
    await socket.next(isReport('NEW'));
    const answer = socket.messages.findIndex((m) => m['result']?.clientOrderId === 'x');
    const report = socket.messages.findIndex(isReport('NEW'));
    expect(answer < report).toBe(answerFirst);
  });

  it('ends when its key is revoked', async () => {
    const { account, exchange } = await start();
    const socket = await open();
    await socket.call('userDataStream.subscribe.signature', signedWs(account));
    exchange.revokeKey(account.apiKey);
    expect(await socket.next((m) => m['event']?.e === 'eventStreamTerminated')).toMatchObject({
      subscriptionId: 0,
    });
    expect(await socket.call('account.status', signedWs(account))).toMatchObject({ error: { code: -2015 } });
    expect(socket.closeCode).toBeUndefined();
  });
});

describe('sessions', () => {
  it('log on with Ed25519, then need neither key nor signature', async () => {
    const { key } = await withEd25519();
    const socket = await open();
    expect((await socket.call('session.status'))['result']).toMatchObject({
      apiKey: null,
      authorizedSince: null,
      userDataStream: false,
    });
    const logon = await socket.call('session.logon', ed25519(key, { apiKey: 'ed', timestamp: Date.now() }));
    expect(logon['result']).toMatchObject({
      apiKey: 'ed',
      authorizedSince: expect.any(Number),
      returnRateLimits: true,
    });
    expect((await socket.call('account.status', { timestamp: Date.now() }))['status']).toBe(200);
    expect((await socket.call('userDataStream.subscribe'))['result']).toEqual({ subscriptionId: 0 });
    const placed = await socket.call('order.place', { ...resting, timestamp: Date.now() });
    expect(placed['status']).toBe(200);
    await socket.next(isReport('NEW'));
    expect((await socket.call('session.logout'))['result']).toMatchObject({
      apiKey: null,
      userDataStream: false,
    });
    expect(await socket.next((m) => m['event']?.e === 'eventStreamTerminated')).toBeDefined();
    const refused = await socket.call('order.place', { ...resting, timestamp: Date.now() });
    expect(refused['status']).toBeGreaterThanOrEqual(400);
  });

  it('keep a signed subscription through a log-out', async () => {
    const { key, venue } = await withEd25519();
    const socket = await open();
    await socket.call('session.logon', ed25519(key, { apiKey: 'ed', timestamp: Date.now() }));
    await socket.call('userDataStream.subscribe.signature', signedWs(venue.account));
    await socket.call('session.logout');
    expect((await socket.call('session.subscriptions'))['result']).toEqual([{ subscriptionId: 0 }]);
  });

  it('refuse a log-on with a HMAC key, and end when the key is revoked', async () => {
    const { key, venue } = await withEd25519();
    const socket = await open();
    expect((await socket.call('session.logon', signedWs(venue.account)))['status']).toBe(400);
    await socket.call('session.logon', ed25519(key, { apiKey: 'ed', timestamp: Date.now() }));
    venue.exchange.revokeKey('ed');
    expect(await socket.next((m) => m['id'] === null)).toMatchObject({ status: 401, error: { code: -2015 } });
  });
});

it('announces the end of the server', async () => {
  const { faults } = await start();
  const socket = await open();
  const streams = await TestSocket.open(`${emulator?.stream ?? ''}/stream`);
  const raw = await TestSocket.open(`${emulator?.stream ?? ''}/ws`);
  sockets.push(streams, raw);
  faults.set({ kind: 'server_shutdown', delay_ms: 100 });
  expect(await socket.next((m) => m['event']?.e === 'serverShutdown')).toBeDefined();
  expect(await streams.next((m) => m['stream'] === '!serverShutdown')).toMatchObject({
    data: { e: 'serverShutdown' },
  });
  expect(await raw.next((m) => m['e'] === 'serverShutdown')).toBeDefined();
  await Promise.all([socket.closed, streams.closed, raw.closed]);
  expect(faults.list()).toHaveLength(0);
  await sleep(0);
});
