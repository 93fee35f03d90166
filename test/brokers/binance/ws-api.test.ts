import { createHmac, generateKeyPairSync, verify } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BinanceError } from '../../../src/brokers/binance/errors.js';
import { makeWire, type BinanceWire } from '../../../src/brokers/binance/make-wire.js';
import {
  binanceOptions,
  type BinanceCredentials,
  type BinanceOptionsInput,
} from '../../../src/brokers/binance/options.js';
import type { LinkStatus, OrderAnswer } from '../../../src/brokers/binance/wire.js';
import { pause, until } from '../../streams/socket/server.js';
import { httpServer, type HttpTestServer } from './http-server.js';
import { fail, ok, wsVenue, type WsVenue } from './ws-venue.js';

const SECRET = 'canary-secret-of-the-session';
const API_KEY = 'canary-key-of-the-session';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const HMAC: BinanceCredentials = { apiKey: API_KEY, secret: SECRET };
const ED25519: BinanceCredentials = {
  apiKey: API_KEY,
  privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
};

let http: HttpTestServer;
let venue: WsVenue;
let wire: BinanceWire;
let statuses: LinkStatus[];
let events: unknown[];

function start(credentials: BinanceCredentials | undefined, given: Partial<BinanceOptionsInput> = {}): void {
  wire = makeWire(
    binanceOptions({
      name: 'test',
      environment: 'custom',
      endpoints: { rest: http.url, streams: 'ws://127.0.0.1:1', wsApi: `${venue.server.url}ws-api/v3` },
      credentials,
      timeouts: { order: 100, request: 200, ready: 500 },
      reconnect: { initial: 10, factor: 2, max: 40, stable: 10_000 },
      rotation: { after: 0, overlap: 40 },
      ...given,
    }),
    { random: () => 1 },
  );
  statuses = [];
  events = [];
  wire.wsApi.status$.subscribe((status) => statuses.push(status));
  wire.wsApi.events$.subscribe((event) => events.push(event));
  wire.wsApi.open();
}

const states = (): string[] => statuses.map(({ state }) => state);
const ready = (times = 1): Promise<void> =>
  until(() => states().filter((state) => state === 'ready').length >= times, `ready: ${states().join()}`);
const last = (): LinkStatus | undefined => statuses.at(-1);
const figure = (name: string, kind?: string): number | undefined =>
  wire.figures().find((f) => f.name === name && (kind === undefined || f.labels['kind'] === kind))?.value;

function order(method = 'order.place', clientOrderId = 'a'): OrderAnswer[] {
  const answers: OrderAnswer[] = [];
  wire.wsApi.order(method, { symbol: 'BTCUSDT', newClientOrderId: clientOrderId, price: '0.10' }, (answer) =>
    answers.push(answer),
  );
  return answers;
}

const report = (I: number, extra: object = {}): object => ({
  e: 'executionReport',
  E: 1,
  s: 'BTCUSDT',
  i: 7,
  I,
  t: I,
  x: 'TRADE',
  X: 'PARTIALLY_FILLED',
  ...extra,
});

beforeEach(async () => {
  http = await httpServer();
  venue = await wsVenue();
});

afterEach(async () => {
  await wire.close();
  await venue.close();
  await http.close();
});

describe('logging on', () => {
  it('HMAC subscribes by signature; every order carries its own', async () => {
    start(HMAC);
    await ready();
    expect(states()).toEqual(['closed', 'connecting', 'up', 'ready']);
    expect(venue.methods()).toEqual(['userDataStream.subscribe.signature']);
    venue.answer = (frame) => {
      ok(frame, { orderId: 1 });
      return true;
    };
    const answers = order();
    await until(() => answers.length === 1);
    expect(answers).toEqual([{ kind: 'answer', result: { orderId: 1 } }]);
    for (const { params } of venue.received) {
      const { signature, ...signed } = params;
      const payload = Object.keys(signed)
        .sort()
        .map((key) => `${key}=${String(signed[key])}`)
        .join('&');
      expect(signature).toBe(createHmac('sha256', SECRET).update(payload).digest('hex'));
      expect(signed['apiKey']).toBe(API_KEY);
    }
  });

  it('Ed25519 authenticates the session; orders carry neither key nor signature', async () => {
    start(ED25519);
    await ready();
    expect(venue.methods()).toEqual(['session.logon', 'userDataStream.subscribe']);
    const { signature, ...signed } = venue.received[0]?.params ?? {};
    const payload = `apiKey=${API_KEY}&recvWindow=5000&timestamp=${String(signed['timestamp'])}`;
    expect(verify(null, Buffer.from(payload), publicKey, Buffer.from(String(signature), 'base64'))).toBe(
      true,
    );
    order();
    await until(() => venue.received.length === 3);
    expect(Object.keys(venue.received[2]?.params ?? {}).sort()).toEqual([
      'newClientOrderId',
      'price',
      'recvWindow',
      'symbol',
      'timestamp',
    ]);
  });

  it('without credentials it is ready at once', async () => {
    start(undefined);
    await ready();
    expect(venue.received).toEqual([]);
    venue.answer = (frame) => {
      ok(frame, { serverTime: 5 });
      return true;
    };
    expect(await wire.wsApi.call({ method: 'time', security: 'none', weight: 1, lane: 'routine' })).toEqual({
      serverTime: 5,
    });
  });

  it('a refused key is final, told in one sentence without the key', async () => {
    venue.answer = (frame) => {
      fail(frame, 401, -2015, 'Invalid API-key, IP, or permissions for action.');
      return true;
    };
    start(HMAC);
    await until(() => last()?.state === 'closed' && statuses.length > 1);
    expect(last()?.reason).toContain('check all three in the API management');
    await pause(60);
    expect(venue.server.sockets.length).toBe(1);
    const text = JSON.stringify(statuses);
    for (const secret of [SECRET, API_KEY]) expect(text).not.toContain(secret);
  });

  it('a clock that is off is measured and tried again on the same connection', async () => {
    let first = true;
    venue.answer = (frame) => {
      if (!first) return false;
      first = false;
      fail(frame, 400, -1021, 'Timestamp for this request was 1000ms ahead.');
      return true;
    };
    start(HMAC);
    await ready();
    expect(venue.server.sockets.length).toBe(1);
    expect(venue.methods().length).toBe(2);
  });

  it('a ban told over the socket stops REST and sockets alike', async () => {
    venue.answer = (frame) => {
      fail(frame, 418, -1003, 'IP banned', { serverTime: 1_000, retryAfter: 1_200 });
      return true;
    };
    start(HMAC);
    await until(() => last()?.state === 'down');
    expect(last()?.reason).toMatch(/next attempt in 200 ms|attempts are held back/);
    expect(figure('blocked_ms')).toBeGreaterThan(100);
    expect(
      await wire.rest.order({
        method: 'POST',
        path: '/api/v3/order',
        security: 'signed',
        weight: 1,
        lane: 'risk',
      }),
    ).toMatchObject({
      kind: 'not_sent',
      category: 'rate_limit',
    });
    venue.answer = () => false;
    await ready();
    expect(venue.server.sockets.length).toBe(2);
  });

  it('429 at the handshake blocks the whole address', async () => {
    venue.server.refuse = { status: 429, headers: { 'retry-after': '0.15' } };
    start(HMAC);
    await until(() => last()?.state === 'down');
    expect(figure('blocked_ms')).toBeGreaterThan(100);
    venue.server.refuse = undefined;
    await ready();
  });

  it('the venue’s firewall is not a verdict on the key', async () => {
    venue.server.refuse = { status: 403 };
    start(HMAC);
    await until(() => last()?.state === 'down');
    expect(last()?.reason).toContain('blocks this IP or its country; next attempt in 60000 ms');
  });
});

describe('orders', () => {
  it('are refused here while the session is not ready', () => {
    start(HMAC);
    expect(order()).toEqual([
      { kind: 'not_sent', category: 'network', reason: 'the WebSocket API is not ready' },
    ]);
  });

  it('get the answer that belongs to them, in whatever order answers come', async () => {
    start(HMAC);
    await ready();
    const held: (() => void)[] = [];
    venue.answer = (frame) => {
      const id = frame.params['newClientOrderId'];
      held.unshift(() =>
        id === 'b' ? fail(frame, 400, -2010, 'Duplicate order sent.') : ok(frame, { clientOrderId: id }),
      );
      return true;
    };
    const [a, b, c] = ['a', 'b', 'c'].map((id) => order('order.place', id));
    await until(() => held.length === 3);
    for (const answer of held) answer();
    await until(() => a?.length === 1 && b?.length === 1 && c?.length === 1);
    expect(a).toEqual([{ kind: 'answer', result: { clientOrderId: 'a' } }]);
    expect(b).toEqual([{ kind: 'refused', code: -2010, message: 'Duplicate order sent.', data: undefined }]);
    expect(c).toEqual([{ kind: 'answer', result: { clientOrderId: 'c' } }]);
  });

  it('are unknown after the time-out, and a late answer changes nothing', async () => {
    start(HMAC);
    await ready();
    const answers = order();
    await until(() => answers.length === 1);
    expect(answers).toEqual([
      { kind: 'unknown', category: 'timeout', reason: 'no answer from Binance within 100 ms' },
    ]);
    const frame = venue.received.at(-1);
    if (frame !== undefined) ok(frame, {});
    await until(() => figure('ws_api_stray_frames_total', 'late') === 1);
    expect(answers.length).toBe(1);
    expect(figure('ws_api_orders_unknown_total')).toBe(1);
  });

  it('are unknown when the connection is lost after they were written', async () => {
    start(HMAC);
    await ready();
    const answers = [order('order.place', 'a'), order('order.cancel', 'b')];
    await until(() => venue.received.length === 3);
    venue.server.sockets[0]?.terminate();
    await until(() => answers.every(({ length }) => length === 1));
    for (const [answer] of answers) expect(answer).toMatchObject({ kind: 'unknown', category: 'network' });
    await ready(2);
    await pause(30);
    // nothing was sent again
    expect(venue.methods().filter((method) => method.startsWith('order.'))).toEqual([
      'order.place',
      'order.cancel',
    ]);
  });

  it('are unknown when the session is closed on our side', async () => {
    start(HMAC);
    await ready();
    const answers = order();
    wire.wsApi.close();
    expect(answers).toMatchObject([{ kind: 'unknown', category: 'network' }]);
    expect(last()).toMatchObject({ state: 'closed', reason: 'closed on our side' });
    expect(order()).toMatchObject([{ kind: 'not_sent', category: 'network' }]);
  });

  it('all learn of the loss, also when one of them throws about it', async () => {
    start(HMAC);
    await ready();
    const thrown: unknown[] = [];
    const listener = (error: unknown): void => void thrown.push(error);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.once('uncaughtException', listener);
    const failure = new TypeError('defect');
    wire.wsApi.order('order.place', {}, () => {
      throw failure;
    });
    const answers = order();
    venue.server.sockets[0]?.terminate();
    await until(() => answers.length === 1 && thrown.length === 1);
    for (const other of others) process.on('uncaughtException', other);
    expect(answers).toMatchObject([{ kind: 'unknown' }]);
    expect(thrown).toEqual([failure]);
  });

  it('that the venue counted are known from its answers; one too many is refused here', async () => {
    start(HMAC);
    await ready();
    const rateLimits = [{ rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 2, count: 1 }];
    venue.answer = (frame) => {
      ok(frame, {}, { rateLimits });
      return true;
    };
    const first = order();
    await until(() => first.length === 1);
    expect(figure('order_count')).toBe(1);
    const [second, third] = [order(), order()];
    expect(third).toEqual([
      { kind: 'not_sent', category: 'rate_limit', reason: '2 of 2 orders per 1d are used up' },
    ]);
    const cancel = order('order.cancel');
    await until(() => second.length === 1 && cancel.length === 1);
  });

  it('refused for their rate stop orders but not cancels', async () => {
    start(HMAC);
    await ready();
    venue.answer = (frame) => {
      if (frame.method === 'order.cancel') ok(frame, {});
      else fail(frame, 429, -1015, 'Too many new orders.');
      return true;
    };
    const first = order();
    await until(() => first.length === 1);
    expect(first).toMatchObject([{ kind: 'not_sent', category: 'rate_limit' }]);
    expect(order()).toMatchObject([{ kind: 'not_sent', category: 'rate_limit' }]);
    const cancel = order('order.cancel');
    await until(() => cancel.length === 1);
    expect(cancel).toMatchObject([{ kind: 'answer' }]);
  });
});

describe('reads', () => {
  const ask = (): Promise<unknown> =>
    wire.wsApi.call({ method: 'account.status', security: 'signed', weight: 20, lane: 'risk' });

  it('fail so that they can be repeated', async () => {
    start(HMAC);
    expect(await ask().catch((error: unknown) => error)).toMatchObject({
      category: 'network',
      retrySafe: true,
    });
    await ready();
    const late = ask().catch((error: unknown) => error);
    expect(await late).toMatchObject({
      category: 'timeout',
      retrySafe: true,
      message: 'Binance did not answer account.status within 200 ms',
    });
    const lost = ask().catch((error: unknown) => error);
    await until(() => venue.methods().filter((method) => method === 'account.status').length === 2);
    venue.server.sockets[0]?.terminate();
    expect(await lost).toBeInstanceOf(BinanceError);
    expect(await lost).toMatchObject({ category: 'network', retrySafe: true });
  });

  it('carry the venue’s verdict', async () => {
    start(HMAC);
    await ready();
    venue.answer = (frame) => {
      fail(frame, 400, -2013, 'Order does not exist.');
      return true;
    };
    expect(await ask().catch((error: unknown) => error)).toMatchObject({
      category: 'rejection',
      code: -2013,
      retrySafe: false,
    });
  });
});

describe('user data', () => {
  it('is handed on, before or after answers', async () => {
    start(HMAC);
    await ready();
    venue.answer = (frame) => {
      venue.event(report(1));
      ok(frame, {});
      venue.event(report(2));
      return true;
    };
    const answers = order();
    await until(() => events.length === 2 && answers.length === 1);
    expect(events).toEqual([report(1), report(2)]);
  });

  it('comes once while two connections overlap', async () => {
    start(HMAC, { rotation: { after: 60, overlap: 40 } });
    await ready();
    let id = 0;
    const send = setInterval(() => {
      id++;
      venue.event(report(id));
      venue.event({ e: 'balanceUpdate', E: id, a: 'BTC', d: '1', T: id });
      venue.event({ e: 'outboundAccountPosition', E: id, u: id, B: [] });
    }, 3);
    await until(() => venue.server.sockets.length >= 4);
    clearInterval(send);
    await pause(80);
    const of = (kind: string): unknown[] => events.filter((event) => (event as { e: string }).e === kind);
    expect(of('executionReport').map((event) => (event as { I: number }).I)).toEqual(
      Array.from({ length: id }, (_, i) => i + 1),
    );
    expect(of('outboundAccountPosition').length).toBe(id);
    expect(of('balanceUpdate').length).toBe(id);
    expect(figure('user_events_duplicate_total')).toBeGreaterThan(0);
    expect(states().filter((state) => state === 'down')).toEqual([]);
    await until(() => venue.server.connections.size === 1);
  });

  it('is subscribed again when the venue ends it; meanwhile the link is degraded', async () => {
    start(HMAC);
    await ready();
    venue.event({ e: 'eventStreamTerminated', E: 5 });
    await ready(2);
    expect(states()).toEqual(['closed', 'connecting', 'up', 'ready', 'degraded', 'ready']);
    expect(last()?.reason).toContain('events in between were missed');
    expect(venue.methods()).toEqual([
      'userDataStream.subscribe.signature',
      'userDataStream.subscribe.signature',
    ]);
    expect(events).toEqual([{ e: 'eventStreamTerminated', E: 5 }]);
  });

  it('a shutdown announced by the venue is answered by a fresh connection at once', async () => {
    start(ED25519);
    await ready();
    venue.event({ e: 'serverShutdown', E: 5 });
    await until(() => statuses.some(({ reason }) => reason.includes('taken over')));
    order();
    await until(() => venue.methods().includes('order.place'));
    expect(venue.received.at(-1)?.connection).toBe(1);
    await until(() => venue.server.connections.size === 1);
    expect(states()).not.toContain('down');
  });

  it('a key revoked in mid-session is final, and orders under way are unknown', async () => {
    start(ED25519);
    await ready();
    const answers = order();
    venue.server.sockets[0]?.send(
      JSON.stringify({
        id: null,
        status: 401,
        error: { code: -2015, msg: 'Invalid API-key, IP, or permissions.' },
      }),
    );
    await until(() => last()?.state === 'closed');
    expect(answers).toMatchObject([{ kind: 'unknown', category: 'network' }]);
    expect(last()?.reason).toContain('-2015');
    await pause(50);
    expect(venue.server.sockets.length).toBe(1);
  });

  it('survives torn and foreign frames, and hands on those that may have been events', async () => {
    start(HMAC);
    await ready();
    for (const text of [
      '{"id":',
      'null',
      '[]',
      '7',
      '{"id":99,"status":200}',
      '{"hello":1}',
      '{"id":null,"status":400}',
    ])
      venue.server.sockets[0]?.send(text);
    venue.event(report(1));
    await until(() => events.length === 4);
    // what cannot be read may have been an event: it is handed on as text
    expect(events.slice(0, 3)).toEqual(['{"id":', 'null', '7']);
    expect(figure('ws_api_stray_frames_total', 'malformed')).toBe(3);
    expect(figure('ws_api_stray_frames_total', 'late')).toBe(1);
    expect(figure('ws_api_stray_frames_total', 'unassigned')).toBe(3);
    expect(states().at(-1)).toBe('ready');
  });
});

describe('a rotation', () => {
  it('keeps the old connection until its answers are in', async () => {
    start(HMAC, {
      timeouts: { order: 2_000, request: 200, ready: 500 },
      rotation: { after: 0, overlap: 10 },
    });
    await ready();
    const answers = order();
    await until(() => venue.received.length === 2);
    const frame = venue.received[1];
    venue.event({ e: 'serverShutdown', E: 5 });
    await until(() => statuses.some(({ reason }) => reason.includes('taken over')));
    await pause(100);
    expect(answers).toEqual([]);
    if (frame !== undefined) ok(frame, { late: true });
    await until(() => answers.length === 1);
    expect(answers).toEqual([{ kind: 'answer', result: { late: true } }]);
    await until(() => venue.server.connections.size === 1);
  });
});
