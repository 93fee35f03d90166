import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { RestServer } from '../../../src/emulators/binance/rest-server.js';
import { selfSigned } from '../../../src/emulators/binance/net/certificate.js';
import { Agent, fetch as undiciFetch } from 'undici';
import { KEY, SECRET, Venue } from './venue.js';

let server: RestServer | undefined;
afterEach(() => server?.close());

interface Reply {
  readonly status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- read as a client would
  readonly body: any;
  readonly headers: Headers;
}

async function open(
  v: Venue,
): Promise<
  (method: string, path: string, body?: string, headers?: Record<string, string>) => Promise<Reply>
> {
  server = new RestServer(v.exchange);
  const base = await server.listen();
  return async (method, path, body, headers = {}) => {
    const r = await fetch(`${base}${path}`, {
      method,
      headers: {
        'x-mbx-apikey': KEY,
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await r.text();
    return { status: r.status, body: text === '' ? undefined : JSON.parse(text), headers: r.headers };
  };
}

const signed = (text: string): string => createHmac('sha256', SECRET).update(text).digest('hex');

describe('REST', () => {
  it('takes parameters from query, body or both; signs them joined with nothing between', async () => {
    const v = new Venue();
    const call = await open(v);
    const time = `timestamp=${Math.floor(v.now / 1_000)}`;
    const order = 'symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=100';
    const all = `${order}&newClientOrderId=q1&${time}`;
    expect((await call('POST', `/api/v3/order?${all}&signature=${signed(all)}`)).status).toBe(200);
    const inBody = `${order}&newClientOrderId=b1&${time}`;
    expect((await call('POST', '/api/v3/order', `${inBody}&signature=${signed(inBody)}`)).status).toBe(200);
    const query = `${order}&newClientOrderId=m1`;
    const mixed = await call(
      'POST',
      `/api/v3/order?${query}`,
      `${time}&price=7&signature=${signed(`${query}${time}&price=7`)}`,
    );
    expect(mixed.body).toMatchObject({ clientOrderId: 'm1', price: '100.00000000' });
    expect(v.exchange.audit.orders('alice').map((o) => o.clientOrderId)).toEqual(['q1', 'b1', 'm1']);
    expect(v.exchange.journal().map((e) => [e.call, e.clientOrderId, e.executed])).toEqual([
      ['POST /api/v3/order', 'q1', true],
      ['POST /api/v3/order', 'b1', true],
      ['POST /api/v3/order', 'm1', true],
    ]);
  });

  it('tells limits in headers', async () => {
    const v = new Venue({ limits: { weightPerMinute: 10, ordersPer10Seconds: 5 } });
    const call = await open(v);
    const text = `symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&timestamp=${Math.floor(v.now / 1_000)}`;
    const placed = await call('POST', `/api/v3/order?${text}&signature=${signed(text)}`);
    expect(placed.headers.get('x-mbx-order-count-10s')).toBe('1');
    expect(placed.headers.get('x-mbx-order-count-1d')).toBe('1');
    const depth = await call('GET', '/api/v3/depth?symbol=BTCUSDT');
    expect(depth.headers.get('x-mbx-used-weight-1m')).toBe('5');
    const over = await call('GET', '/api/v3/depth?symbol=BTCUSDT&limit=500');
    expect(over.status).toBe(429);
    expect(over.headers.get('retry-after')).toBe('60');
    expect(Object.keys(over.body as object)).toEqual(['code', 'msg']);
  });

  it('answers in microseconds when asked to', async () => {
    const v = new Venue();
    const call = await open(v);
    const us = await call('GET', '/api/v3/time', undefined, { 'x-mbx-time-unit': 'MICROSECOND' });
    expect(us.body).toEqual({ serverTime: v.now });
    const bad = await call('GET', '/api/v3/time', undefined, { 'x-mbx-time-unit': 'HOUR' });
    expect([bad.status, bad.body.code]).toEqual([400, -1194]);
  });

  it.each([
    ['GET', '/api/v3/nothing', 404],
    ['POST', '/api/v3/userDataStream', 410],
    ['PUT', '/api/v3/userDataStream', 410],
    ['GET', '/sapi/v1/capital/config/getall', 501],
    ['GET', '/api/v1/depth', 501],
    ['POST', '/api/v3/order/oco', 501],
    ['PATCH', '/api/v3/order', 405],
    ['GET', '/api/v3/depth?symbol=BTCUSDT&symbol=ETHBTC', 400],
    ['GET', '/api/v3/depth?symbol=%E0%A4', 400],
    ['HEAD', '/api/v3/ping', 200],
  ])('%s %s answers %i', async (method, path, status) => {
    const call = await open(new Venue());
    const r = await call(method, path);
    expect(r.status).toBe(status);
    if (status === 501) expect(r.body.msg).toContain(path);
  });

  it('obeys faults: answers lost after execution, errors instead of it, delays', async () => {
    const v = new Venue();
    const call = await open(v);
    const text = `symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=100&newClientOrderId=f1&timestamp=${Math.floor(v.now / 1_000)}`;
    const post = () => call('POST', `/api/v3/order?${text}&signature=${signed(text)}`);
    v.exchange.faults = { after: () => ({ silence: 'close' }) };
    await expect(post()).rejects.toThrow();
    expect(v.exchange.audit.orders('alice')).toHaveLength(1);
    v.exchange.faults = { before: () => ({ answer: { status: 503, body: { code: -1008, msg: 'busy' } } }) };
    expect((await post()).status).toBe(503);
    v.exchange.faults = {
      after: () => ({ delayMs: 20, answer: { status: 408, body: { code: -1007, msg: 'timeout' } } }),
    };
    expect((await post()).body.code).toBe(-1007);
    expect(v.exchange.journal().map((e) => [e.executed, e.status, e.code, e.fault])).toEqual([
      [true, 200, undefined, 'after: silence (close)'],
      [false, 503, -1008, 'before: answer 503'],
      [false, 400, -2010, 'after: delay 20 ms answer 408'],
    ]);
  });

  it('keeps the exchange when the server is started anew', async () => {
    const v = new Venue();
    v.place({ price: '100', quantity: '1' });
    await open(v);
    await server?.close();
    const call = await open(v);
    const text = `timestamp=${Math.floor(v.now / 1_000)}`;
    const r = await call('GET', `/api/v3/openOrders?${text}&signature=${signed(text)}`);
    expect(r.body).toHaveLength(1);
  });

  it('speaks TLS', async () => {
    const { key, certificate } = selfSigned();
    server = new RestServer(new Venue().exchange, { tls: { key, cert: certificate } });
    const base = await server.listen();
    const dispatcher = new Agent({ connect: { ca: certificate } });
    const r = await undiciFetch(`${base}/api/v3/ping`, { dispatcher });
    expect([r.status, await r.json()]).toEqual([200, {}]);
    await dispatcher.close();
  });
});
