import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Subscription } from 'rxjs';
import { afterEach, describe, expect, it } from 'vitest';
import type { ConnectionEvent, InputEvent, TradeEvent } from '../../src/model/event.js';
import { SeenIds } from '../../src/streams/polling/seen-ids.js';
import { pollingSpec } from '../../src/topology/components/sources/polling.js';
import { sourceContext, type BadRecord } from './support.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server | undefined;
let subscription: Subscription | undefined;
afterEach(async () => {
  subscription?.unsubscribe();
  server?.closeAllConnections();
  await new Promise((done) => (server === undefined ? done(undefined) : server.close(done)));
  server = undefined;
});

const json =
  (body: unknown): Answer =>
  (_, response) =>
    response.end(JSON.stringify(body));
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(code, headers).end('{"error":"no"}');
const item = (id: number, price: unknown = '100.5'): object => ({
  id,
  ts: 1_700_000_000_000 + id,
  price,
  qty: '2',
  side: 'buy',
});

interface Run {
  readonly events: InputEvent[];
  readonly bad: BadRecord[];
  readonly requests: { readonly url: string; readonly at: number; readonly key: string | undefined }[];
  readonly error: () => unknown;
  readonly until: (done: () => boolean) => Promise<void>;
}

/** A real HTTP server gives the answers in turn (the last one again and again) to a real polling source. */
async function run(answers: Answer[], options: Record<string, unknown> = {}): Promise<Run> {
  const requests: { url: string; at: number; key: string | undefined }[] = [];
  const listening = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push({
      url: request.url ?? '',
      at: performance.now(),
      key: request.headers['x-key'] as string | undefined,
    });
    answer?.(request, response);
  });
  server = listening;
  await new Promise<void>((done) => listening.listen(0, '127.0.0.1', done));
  const { port } = listening.address() as AddressInfo;
  const { context, bad } = sourceContext('.', ['BTCUSDT']);
  const config = pollingSpec.config.parse({
    url: `http://127.0.0.1:${port}/trades?token=s3cret`,
    every: '5ms',
    headers: { 'x-key': 'hush' },
    items: 'data',
    id: 'id',
    retry: { initial: '10ms', max: '40ms' },
    map: {
      kind: 'trade',
      instrument: 'BTCUSDT',
      time: { path: 'ts', format: 'ms' },
      fields: { price: 'price', size: 'qty', side: 'side', trade_id: 'id' },
    },
    ...options,
  });
  const source = pollingSpec.make(config, context);
  if (source.type !== 'push') throw new Error('not a push source');
  const events: InputEvent[] = [];
  let error: unknown;
  subscription = source.events$.subscribe({
    next: (event) => events.push(event),
    error: (e: unknown) => (error = e),
  });
  const until = async (done: () => boolean): Promise<void> => {
    const limit = performance.now() + 5_000;
    while (!done()) {
      if (performance.now() > limit)
        throw new Error(`waited in vain: ${JSON.stringify({ events, bad, requests, error: String(error) })}`);
      await new Promise((resume) => setTimeout(resume, 2));
    }
  };
  return { events, bad, requests, error: () => error, until };
}

const states = (events: InputEvent[]): string[] =>
  events
    .filter((e): e is ConnectionEvent => e.kind === 'connection')
    .map((e) => `${e.state}${e.reason === '' ? '' : ` ${e.reason}`}`);
const trades = (events: InputEvent[]): TradeEvent[] =>
  events.filter((e): e is TradeEvent => e.kind === 'trade');

describe('polling source', () => {
  it('turns new items into events and leaves out those it has seen', async () => {
    const { events, until, requests, bad } = await run([
      json({ data: [item(1), item(2)] }),
      json({ data: [item(1), item(2), item(3), item(2)] }),
      json({ data: [] }),
    ]);
    await until(() => requests.length >= 4);
    expect(trades(events).map((t) => t.tradeId)).toEqual(['1', '2', '3']);
    expect(trades(events)[0]).toMatchObject({
      ts: 1_700_000_000_001_000,
      price: 100.5,
      size: 2,
      aggressor: 1,
      ix: 0,
      source: 'market',
    });
    expect(states(events)).toEqual(['connecting', 'ready']);
    expect(requests[0]?.key).toBe('hush');
    expect(bad).toEqual([]);
  });

  it('goes on from the cursor of the answer', async () => {
    const { requests, until } = await run(
      [json({ data: [item(1)], next: 'a' }), json({ data: [item(2)], next: 'b' }), json({ data: [] })],
      {
        cursor: { parameter: 'since', from: 'next', start: 0 },
      },
    );
    await until(() => requests.length >= 4);
    expect(requests.slice(0, 4).map((r) => new URL(r.url, 'http://x').searchParams.get('since'))).toEqual([
      '0',
      'a',
      'b',
      'b',
    ]);
  });

  it('turns a list round, and goes on from the newest item', async () => {
    const { events, requests, until } = await run([json({ data: [item(2), item(1)] }), json({ data: [] })], {
      cursor: { parameter: 'after', from: 'id', of: 'item' },
      newest_first: true,
    });
    await until(() => requests.length >= 2);
    expect(trades(events).map((t) => t.tradeId)).toEqual(['1', '2']);
    expect(requests[1]?.url).toContain('after=2');
  });

  it('tells failed polls as connection and gap events, and recovers', async () => {
    const { events, until, bad } = await run([
      json({ data: [item(1)] }),
      status(500),
      status(503),
      (_, response) => response.end('{"data": [tru'),
      json({ rows: [] }),
      (request) => request.socket.destroy(),
      json({ data: [item(2)] }),
    ]);
    await until(() => trades(events).length === 2);
    expect(states(events)).toEqual([
      'connecting',
      'ready',
      'degraded unavailable: status 500',
      'degraded unavailable: status 503',
      'degraded schema: the answer is not JSON',
      'degraded schema: the answer has nothing at "data"',
      'degraded network: network error UND_ERR_SOCKET',
      'ready',
    ]);
    expect(events.filter((e) => e.kind === 'gap').map((e) => e.code)).toEqual(['POLL_FAILED']);
    expect(bad.map((b) => b.kind)).toEqual(['malformed', 'malformed']);
    expect(JSON.stringify([events, bad])).not.toMatch(/s3cret|hush/);
  });

  it('waits as long as Retry-After says', async () => {
    const { requests, until, events } = await run([
      status(429, { 'retry-after': '0.3' }),
      json({ data: [item(1)] }),
    ]);
    await until(() => trades(events).length === 1);
    expect((requests[1]?.at ?? 0) - (requests[0]?.at ?? 0)).toBeGreaterThanOrEqual(290);
  });

  it('gives up a slow answer', async () => {
    const { events, until } = await run([() => undefined, json({ data: [item(1)] })], { timeout: '50ms' });
    await until(() => trades(events).length === 1);
    expect(states(events)[1]).toBe('degraded timeout: no answer within 50 ms');
  });

  it('ends with an error when the request is refused, without its secrets', async () => {
    const { events, until, error } = await run([status(401)]);
    await until(() => error() !== undefined);
    expect(error()).toMatchObject({
      code: 'PROVIDER_CONNECTION_FAILED',
      message: expect.stringMatching(
        /^market: http:\/\/127.0.0.1:\d+\/trades answered status 401$/,
      ) as unknown,
    });
    expect(states(events)).toEqual(['connecting', 'closed auth: status 401']);
  });

  it('counts items it cannot use and goes on, or stops when told to', async () => {
    const items = { data: [item(1, '-5'), item(2, 'abc'), { id: 3 }, { price: 1 }, item(4)] };
    const kept = await run([json(items), json({ data: [] })]);
    await kept.until(() => kept.requests.length > 2);
    expect(kept.bad.map((b) => b.kind)).toEqual([
      'negative_price',
      'not_a_number',
      'missing_field',
      'missing_field',
    ]);
    expect(trades(kept.events).map((t) => t.tradeId)).toEqual(['4']);
    subscription?.unsubscribe();
    server?.closeAllConnections();
    server?.close();
    const halted = await run([json(items)], { on_bad: 'halt' });
    await halted.until(() => halted.error() !== undefined);
    expect(halted.error()).toMatchObject({ code: 'BAD_INPUT' });
  });

  it('keeps to its budget and stops asking when nobody listens', async () => {
    const { requests, until } = await run([json({ data: [] })], { budget: '20/s', every: '1ms' });
    await until(() => requests.length >= 4);
    for (let i = 1; i < 4; i++)
      expect((requests[i]?.at ?? 0) - (requests[i - 1]?.at ?? 0)).toBeGreaterThan(40);
    subscription?.unsubscribe();
    await new Promise((resume) => setTimeout(resume, 60));
    const asked = requests.length;
    await new Promise((resume) => setTimeout(resume, 120));
    expect(requests.length).toBe(asked);
  });

  it('remembers so many identities and no more', () => {
    const seen = new SeenIds(2);
    expect(['a', 'b', 'a', 'c', 'a', 'c'].map((id) => seen.add(id))).toEqual([
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
  });
});

describe('a refused request', () => {
  it('that worked before is tried again; one that never worked is an error', async () => {
    const late = await run([json({ data: [item(1)] }), status(404), json({ data: [item(2)] })]);
    await late.until(() => trades(late.events).length === 2);
    expect(states(late.events)).toEqual(['connecting', 'ready', 'degraded rejection: status 404', 'ready']);
    subscription?.unsubscribe();
    server?.closeAllConnections();
    server?.close();
    const never = await run([status(404)]);
    await never.until(() => never.error() !== undefined);
    expect(states(never.events)).toEqual(['connecting', 'closed rejection: status 404']);
  });
});
