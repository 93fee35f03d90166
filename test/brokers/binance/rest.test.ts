import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BinanceError } from '../../../src/brokers/binance/errors.js';
import { makeWire, type BinanceWire } from '../../../src/brokers/binance/make-wire.js';
import { binanceOptions, type BinanceOptionsInput } from '../../../src/brokers/binance/options.js';
import type { RestRequest } from '../../../src/brokers/binance/wire.js';
import { httpServer, json, type HttpTestServer } from './http-server.js';

const SECRET = 'canary-secret-that-must-not-leak';
const API_KEY = 'canary-key-that-must-not-leak';
let server: HttpTestServer;
let wire: BinanceWire;

function make(given: Partial<BinanceOptionsInput> = {}): BinanceWire {
  return makeWire(
    binanceOptions({
      name: 'test',
      environment: 'custom',
      endpoints: { rest: server.url, streams: 'ws://127.0.0.1:1', wsApi: 'ws://127.0.0.1:1/ws-api/v3' },
      credentials: { apiKey: API_KEY, secret: SECRET },
      timeouts: { request: 300, order: 150 },
      ...given,
    }),
    { random: () => 0 },
  );
}

beforeEach(async () => {
  server = await httpServer();
  wire = make();
});

afterEach(async () => {
  await wire.close();
  await server.close();
});

const read = (given: Partial<RestRequest> = {}): RestRequest => ({
  method: 'GET',
  path: '/api/v3/account',
  security: 'signed',
  weight: 1,
  lane: 'routine',
  ...given,
});

const order = (given: Partial<RestRequest> = {}): RestRequest => ({
  ...read({ method: 'POST', path: '/api/v3/order', lane: 'risk' }),
  params: { symbol: 'BTCUSDT', newClientOrderId: 'x 1', price: '0.10' },
  ...given,
});

const failure = async (promise: Promise<unknown>): Promise<BinanceError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(BinanceError);
  const text = `${String((error as Error).stack)} ${JSON.stringify(error)}`;
  for (const secret of [SECRET, API_KEY, 'signature=']) expect(text).not.toContain(secret);
  return error as BinanceError;
};

const requests = (): number => server.seen.filter(({ path }) => path !== '/api/v3/time').length;
const figure = (name: string): number | undefined => wire.figures().find((f) => f.name === name)?.value;

describe('RestClient', () => {
  it('signs what it sends: in the query of a read, in the body of an order', async () => {
    server.answer = (_seen, response) => json(response, 200, { fine: true });
    expect(await wire.rest.call(read({ params: { symbol: 'A&B' } }))).toEqual({ fine: true });
    expect(await wire.rest.order(order())).toEqual({ kind: 'answer', result: { fine: true } });
    const [get, post] = server.seen;
    for (const text of [get?.query ?? '', post?.body ?? '']) {
      const [, payload = '', signature = ''] = /^(.*)&signature=([0-9a-f]{64})$/.exec(text) ?? [];
      expect(signature).toBe(createHmac('sha256', SECRET).update(payload).digest('hex'));
      expect(payload).toMatch(/&recvWindow=5000&timestamp=\d{13}$/);
    }
    expect(get?.query).toContain('symbol=A%26B');
    expect(post?.query).toBe('');
    expect(post?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(post?.headers['x-mbx-apikey']).toBe(API_KEY);
  });

  it('sends the key only where it is needed', async () => {
    await wire.rest.call(read({ path: '/api/v3/depth', security: 'none', params: { symbol: 'X' } }));
    await wire.rest.call(read({ path: '/api/v3/historicalTrades', security: 'key' }));
    expect(server.seen[0]?.headers['x-mbx-apikey']).toBeUndefined();
    expect(server.seen[0]?.query).toBe('symbol=X');
    expect(server.seen[1]?.headers['x-mbx-apikey']).toBe(API_KEY);
    expect(server.seen[1]?.query).toBe('');
  });

  it('repeats a read that failed in passing, a few times', async () => {
    const statuses = [500, 503, 200];
    server.answer = (_seen, response) => json(response, statuses.shift() ?? 200, { code: -1000, msg: 'x' });
    expect(await wire.rest.call(read())).toEqual({ code: -1000, msg: 'x' });
    expect(requests()).toBe(3);
    server.answer = (_seen, response) => json(response, 500, '');
    const error = await failure(wire.rest.call(read()));
    expect(error).toMatchObject({ category: 'unavailable', httpStatus: 500, retrySafe: true });
    expect(requests()).toBe(6);
    expect(figure('rest_retries_total')).toBe(4);
  });

  it('does not repeat what the venue refused, nor anything but a GET', async () => {
    server.answer = (_seen, response) => json(response, 400, { code: -1121, msg: 'Invalid symbol.' });
    expect(await failure(wire.rest.call(read()))).toMatchObject({ category: 'rejection', code: -1121 });
    server.answer = (_seen, response) => json(response, 500, '');
    await failure(wire.rest.call(read({ method: 'DELETE', path: '/api/v3/openOrders' })));
    await failure(wire.rest.call(read({ method: 'POST', path: '/api/v3/order/test' })));
    expect(requests()).toBe(3);
  });

  it('waits after 429 as told before it tries again', async () => {
    let first = true;
    server.answer = (_seen, response) => {
      if (first) json(response, 429, { code: -1003, msg: 'Too much.' }, { 'retry-after': '0.2' });
      else json(response, 200, { ok: 1 });
      first = false;
    };
    const from = performance.now();
    expect(await wire.rest.call(read())).toEqual({ ok: 1 });
    expect(performance.now() - from).toBeGreaterThan(190);
    expect(requests()).toBe(2);
  });

  it('sends nothing at all while banned', async () => {
    server.answer = (_seen, response) =>
      json(response, 418, { code: -1003, msg: 'IP banned' }, { 'retry-after': '120' });
    expect(await failure(wire.rest.call(read()))).toMatchObject({
      category: 'rate_limit',
      retryAfter: 120_000,
    });
    expect(requests()).toBe(1);
    expect(await wire.rest.order(order())).toMatchObject({ kind: 'not_sent', category: 'rate_limit' });
    await failure(wire.rest.call(read()));
    expect(requests()).toBe(1);
  });

  it('measures the clock anew after -1021 and tries again', async () => {
    let first = true;
    server.answer = (_seen, response) => {
      if (first) json(response, 400, { code: -1021, msg: 'Timestamp' });
      else json(response, 200, {});
      first = false;
    };
    await wire.rest.call(read());
    expect(server.seen.filter(({ path }) => path === '/api/v3/time').length).toBe(3);
    expect(requests()).toBe(2);
  });

  it('signs with the venue’s time', async () => {
    await server.close();
    server = await httpServer(() => Date.now() + 40_000);
    await wire.close();
    wire = make();
    await wire.clock.sync();
    await wire.rest.call(read());
    const timestamp = Number(/timestamp=(\d+)/.exec(server.seen.at(-1)?.query ?? '')?.[1]);
    expect(Math.abs(timestamp - Date.now() - 40_000)).toBeLessThan(1_000);
    expect(Math.abs(wire.clock.offset - 40_000)).toBeLessThan(1_000);
  });

  it('learns limits from headers and from exchangeInfo', async () => {
    server.answer = (_seen, response) =>
      json(
        response,
        200,
        {
          rateLimits: [
            { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 1_200 },
            { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 2 },
          ],
        },
        { 'x-mbx-used-weight-1m': '321', 'x-mbx-order-count-1d': '1' },
      );
    await wire.rest.call(read({ path: '/api/v3/exchangeInfo', security: 'none', weight: 20 }));
    expect([figure('request_weight_used'), figure('request_weight_limit')]).toEqual([321, 1_200]);
    expect(await wire.rest.order(order())).toMatchObject({ kind: 'answer' });
    expect(figure('order_count')).toBe(1);
    expect(await wire.rest.order(order())).toMatchObject({ kind: 'answer' });
    server.answer = (_seen, response) => json(response, 200, {}, { 'x-mbx-order-count-1d': '2' });
    expect(await wire.rest.order(order())).toMatchObject({ kind: 'answer' });
    const sent = requests();
    expect(await wire.rest.order(order())).toEqual({
      kind: 'not_sent',
      category: 'rate_limit',
      reason: '2 of 2 orders per 1d are used up',
    });
    expect(requests()).toBe(sent);
    // cancels do not count
    expect(await wire.rest.order(order({ method: 'DELETE' }))).toMatchObject({ kind: 'answer' });
  });

  it('an order is sent once, whatever comes back', async () => {
    const tries = [
      [400, { code: -2010, msg: 'Duplicate order sent.' }, { kind: 'refused', code: -2010 }],
      [400, { code: -1021, msg: 'Timestamp' }, { kind: 'not_sent', category: 'unavailable' }],
      [401, { code: -2015, msg: 'Invalid API-key' }, { kind: 'not_sent', category: 'auth' }],
      [504, { code: -1007, msg: 'Timeout' }, { kind: 'unknown', category: 'timeout' }],
      [503, 'Service Unavailable', { kind: 'unknown', category: 'unavailable' }],
      [200, '{"orderId":', { kind: 'unknown', category: 'schema' }],
      [404, '<html>', { kind: 'unknown', category: 'schema' }],
    ] as const;
    for (const [status, body, expected] of tries) {
      server.answer = (_seen, response) => json(response, status, body);
      expect(await wire.rest.order(order())).toMatchObject(expected);
    }
    expect(requests()).toBe(tries.length);
  });

  it('an order without an answer is unknown: time-out, or a dropped connection', async () => {
    server.answer = () => undefined;
    expect(await wire.rest.order(order())).toMatchObject({ kind: 'unknown', category: 'timeout' });
    server.answer = (_seen, response) => response.destroy();
    const dropped = await wire.rest.order(order());
    expect(dropped).toMatchObject({ kind: 'unknown', category: 'network' });
    server.answer = (_seen, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"order');
      setTimeout(() => response.destroy(), 5);
    };
    expect(await wire.rest.order(order())).toMatchObject({ kind: 'unknown' });
    expect(requests()).toBe(3);
    for (const secret of [SECRET, API_KEY]) expect(JSON.stringify(dropped)).not.toContain(secret);
  });

  it('an order that found no server was not sent', async () => {
    await server.close();
    expect(await wire.rest.order(order())).toEqual({
      kind: 'not_sent',
      category: 'network',
      reason: 'Binance could not be reached (ECONNREFUSED)',
    });
    expect(await failure(wire.rest.call(read()))).toMatchObject({ category: 'network', retrySafe: true });
    server = await httpServer();
  });

  it('refuses an answer that is too long', async () => {
    await wire.close();
    wire = make({ maxPayload: 1_000 });
    server.answer = (_seen, response) => json(response, 200, 'x'.repeat(5_000));
    expect(await failure(wire.rest.call(read()))).toMatchObject({ category: 'schema' });
  });

  it('without credentials a signed request is refused here', async () => {
    await wire.close();
    wire = make({ credentials: undefined });
    expect(await failure(wire.rest.call(read()))).toMatchObject({ category: 'auth', retrySafe: false });
    expect(await wire.rest.order(order())).toMatchObject({ kind: 'not_sent', category: 'auth' });
    expect(requests()).toBe(0);
  });
});
