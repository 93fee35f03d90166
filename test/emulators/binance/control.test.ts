import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startBinanceEmulator, type BinanceEmulator } from '../../../src/emulators/binance/index.js';
import { control, rest, sleep, TestSocket, type Json } from './socket.js';

let venue: BinanceEmulator;
beforeEach(async () => {
  venue = await startBinanceEmulator({ symbols: ['BTCUSDT'], paused: true });
});
afterEach(() => venue.close());

const call = (method: string, path: string, body?: unknown): Promise<Json> =>
  control(venue.control, method, path, body) as Promise<Json>;

it('lists what it can do, and what runs', async () => {
  const routes = (await call('GET', '/')) as unknown as readonly Json[];
  expect(routes.length).toBeGreaterThan(20);
  for (const route of routes) expect(route['does']).toMatch(/\w/);
  expect(await call('GET', '/state')).toMatchObject({
    symbols: ['BTCUSDT'],
    accounts: ['test'],
    market: { type: 'flow', running: false },
    connections: 0,
    clockSkewMs: 0,
  });
});

it('answers mistakes with a sentence', async () => {
  await expect(call('GET', '/nothing')).rejects.toThrow(/404.*GET \/ lists/);
  await expect(call('POST', '/faults', { kind: 'x' })).rejects.toThrow(/400.*kind/);
  await expect(call('GET', '/accounts/nobody')).rejects.toThrow(/no account nobody/);
  await expect(call('PUT', '/clock', { skew: 1 })).rejects.toThrow(/400/);
  const page = await fetch(`${venue.control}/state`, { headers: { origin: 'http://evil.example' } });
  expect(page.status).toBe(403);
});

it('adds accounts and keys, sets balances, tells the truth', async () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  await call('POST', '/accounts', {
    id: 'two',
    keys: [{ apiKey: 'k2', secret: 's2' }],
    balances: { USDT: '500' },
  });
  await call('POST', '/accounts/two/keys', {
    apiKey: 'ed',
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  });
  await call('PUT', '/accounts/two/balances', { USDT: '1234.5', BTC: '1' });
  await call('POST', '/accounts/two/deposit', { USDT: '-0.5' });
  const account = { apiKey: 'k2', apiSecret: 's2' };
  const { body } = await rest(venue.rest, 'GET', '/api/v3/account', { omitZeroBalances: 'true' }, account);
  const byAsset = (a: Json, b: Json): number => String(a['asset']).localeCompare(String(b['asset']));
  expect((body.balances as Json[]).toSorted(byAsset)).toEqual([
    { asset: 'BTC', free: '1.00000000', locked: '0.00000000' },
    { asset: 'USDT', free: '1234.00000000', locked: '0.00000000' },
  ]);
  const order = { symbol: 'BTCUSDT', side: 'SELL', type: 'MARKET', quantity: '0.5', newClientOrderId: 'c1' };
  expect((await rest(venue.rest, 'POST', '/api/v3/order', order, account)).status).toBe(200);
  const truth = await call('GET', '/accounts/two');
  expect(truth['orders']).toMatchObject([{ clientOrderId: 'c1', status: 'FILLED', executed: '0.5' }]);
  const filled = (truth['fills'] as Json[]).reduce((sum, f) => sum + Number(f['quantity']), 0);
  expect(filled).toBeCloseTo(0.5, 8);
  expect(truth['duplicates']).toEqual([]);
  expect(JSON.stringify(truth)).not.toContain('s2"');
  await call('DELETE', '/keys/k2');
  expect((await rest(venue.rest, 'GET', '/api/v3/account', {}, account)).body.code).toBe(-2015);
});

it('sets, lists and clears faults, and shows what was injected', async () => {
  const ids = await call('POST', '/faults', [
    { kind: 'error', operation: 'time', id: 'e' },
    { kind: 'torn_frame' },
  ]);
  expect(ids).toEqual(['e', 'fault-1']);
  expect((await rest(venue.rest, 'GET', '/api/v3/time')).status).toBe(503);
  expect(await call('GET', '/faults/log')).toMatchObject([
    { fault: 'e', kind: 'error', target: 'rest time' },
  ]);
  expect(await call('GET', '/faults')).toMatchObject([{ id: 'fault-1', kind: 'torn_frame', injected: 0 }]);
  await call('DELETE', '/faults/fault-1');
  expect(await call('GET', '/faults')).toEqual([]);
  expect(await call('GET', '/faults/kinds')).toContain('half_open');
});

it('steers the market, the clock and the status of a symbol', async () => {
  expect(await call('POST', '/market', { step: 50 })).toMatchObject({ played: 50, running: false });
  expect(await call('POST', '/market', { paused: false, rate: 2_000 })).toMatchObject({
    running: true,
    rate: 2_000,
  });
  await sleep(300);
  const { played } = await call('POST', '/market', { paused: true });
  expect(played).toBeGreaterThan(300);
  await call('POST', '/market', { price: { symbol: 'BTCUSDT', price: 70_000 } });
  expect(Number(venue.exchange.top('BTCUSDT').bid)).toBeGreaterThan(69_900);
  await call('PUT', '/clock', { skew_ms: 60_000 });
  expect((await rest(venue.rest, 'GET', '/api/v3/time')).body.serverTime - Date.now()).toBeGreaterThan(
    59_000,
  );
  await call('PUT', '/symbols/BTCUSDT', { status: 'HALT' });
  expect(
    (await rest(venue.rest, 'GET', '/api/v3/exchangeInfo', { symbol: 'BTCUSDT' })).body.symbols[0].status,
  ).toBe('HALT');
});

it('shows requests and connections, cuts, restarts and ends', async () => {
  await rest(venue.rest, 'GET', '/api/v3/time');
  expect(await call('GET', '/requests')).toMatchObject([{ call: 'GET /api/v3/time', executed: true }]);
  const socket = await TestSocket.open(`${venue.stream}/ws/btcusdt@trade`);
  expect(await call('GET', '/connections')).toMatchObject([
    { channel: 'stream', subscriptions: ['btcusdt@trade'] },
  ]);
  expect(await call('DELETE', '/connections?channel=stream')).toEqual({ cut: 1 });
  await socket.closed;
  await call('POST', '/restart', { down_ms: 20 });
  expect((await rest(venue.rest, 'GET', '/api/v3/time')).status).toBe(200);
  await call('POST', '/shutdown');
  await venue.closed;
  await expect(fetch(`${venue.rest}/api/v3/time`)).rejects.toThrow();
});
