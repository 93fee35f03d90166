import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { topology } from '../../../src/topology/build.js';
import { readJournal } from '../../../src/sinks/journal/index.js';
import { until } from '../kill/support/desk.js';
import { Steered } from './support/steer.js';

const why = { reason: 'a test' };

describe('who may call', () => {
  test('nobody without a valid token; a role may do what the ones below it may', async () => {
    const steered = await new Steered().start();
    expect((await steered.call('/v1/status', undefined, { token: null })).status).toBe(401);
    expect((await steered.call('/v1/status', undefined, { token: 'mlr_wrong' })).status).toBe(401);
    expect((await steered.call('/v1/nothing', undefined, { token: null })).status).toBe(401);
    const view = steered.token('eve', 'view');
    const operate = steered.token('otto', 'operate');
    expect((await steered.call('/v1/status', undefined, { token: view })).status).toBe(200);
    const refused = await steered.call('/v1/pause', why, { token: view });
    expect(refused).toMatchObject({ status: 403, body: { error: { code: 'FORBIDDEN' } } });
    expect(steered.desk.engine.state.control.trading).toBe('active');
    expect((await steered.call('/v1/pause', why, { token: operate })).status).toBe(200);
    expect((await steered.call('/v1/release', why, { token: operate })).status).toBe(403);
    expect(
      (await steered.call('/v1/limits/loosen', { limit: 'x', value: '1', ...why }, { token: operate }))
        .status,
    ).toBe(403);
    expect((await steered.call('/v1/reload', why, { token: operate })).status).toBe(403);
    expect((await steered.call('/v1/shutdown', why, { token: operate })).status).toBe(403);
    expect((await steered.call('/v1/resume', why)).status).toBe(200);
  });

  test('a token in a URL is refused, whoever sends it', async () => {
    const steered = await new Steered().start();
    for (const query of ['token', 'access_token', 'x=1&Token'])
      expect(await steered.call(`/v1/status?${query}=${steered.operator}`)).toMatchObject({
        status: 400,
        body: { error: { code: 'TOKEN_IN_URL' } },
      });
  });

  test('thirty wrong tokens, and the address waits; a revoked token is out at once', async () => {
    const steered = await new Steered().start();
    for (let i = 0; i < 30; i++)
      expect((await steered.call('/v1/status', undefined, { token: `mlr_${i}` })).status).toBe(401);
    expect((await steered.call('/v1/status', undefined, { token: 'mlr_31' })).status).toBe(429);
    // Everything on this machine shares one address: what guesses there keeps no operator out.
    expect((await steered.call('/v1/kill', { ...why, waitMs: 0 })).status).toBe(200);
    // Refused calls are written once, not thirty times.
    expect(steered.calls.filter(({ status }) => status === 401)).toHaveLength(1);
  });

  test('the files are for their owner alone, and go with the engine', async () => {
    const steered = await new Steered().start();
    const file = (name: string): string => join(steered.desk.folder, 'state', name);
    await steered.call('/v1/pause', why);
    for (const name of ['operator.token', 'tokens.json', 'control.json', 'control.jsonl'])
      expect(statSync(file(name)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(file('control.json'), 'utf8'))).toMatchObject({
      url: steered.url,
      pid: process.pid,
      topology: 'desk',
    });
    const token = steered.operator;
    expect(JSON.stringify(steered.desk.logs)).not.toContain(token);
    await steered.desk.stop();
    expect(existsSync(file('control.json'))).toBe(false);
    expect(steered.operator).toBe(token);
  });
});

describe('commands', () => {
  test('are answered after their event was reduced, with its place in the journal', async () => {
    const steered = await new Steered().start();
    const paused = await steered.call('/v1/pause', { reason: 'lunch' });
    expect(paused).toMatchObject({
      status: 200,
      body: { before: { trading: 'active' }, after: { trading: 'halted' } },
    });
    const { journal } = await steered.desk.stop();
    const frames = [...readJournal(journal ?? '').frames()];
    const { input } = frames.find((frame) => frame.input.seq === paused.body['seq']) ?? {};
    expect(input).toMatchObject({ kind: 'control', action: 'pause', actor: 'operator', reason: 'lunch' });
    expect(steered.calls.find(({ path }) => path === '/v1/pause')).toMatchObject({
      actor: 'operator',
      role: 'admin',
      reason: 'lunch',
      status: 200,
      seq: paused.body['seq'],
      before: { trading: 'active' },
      after: { trading: 'halted' },
    });
  });

  test('need a reason and nothing they do not know', async () => {
    const steered = await new Steered().start();
    expect((await steered.call('/v1/pause', {})).status).toBe(400);
    expect((await steered.call('/v1/pause', { reason: '  ' })).status).toBe(400);
    expect((await steered.call('/v1/pause', { reason: 'x', more: 1 })).status).toBe(400);
    expect((await steered.call('/v1/pause', '{"reason":')).status).toBe(400);
    expect((await steered.call('/v1/pause', { reason: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await steered.call('/v1/kill', { ...why, scope: 'planet:earth' })).status).toBe(400);
    expect((await steered.call('/v1/orders?status=weird')).status).toBe(400);
    expect(steered.desk.engine.state.control.trading).toBe('active');
  });

  test('that are refused say why, and change nothing', async () => {
    const steered = await new Steered().start();
    expect(await steered.call('/v1/arm', { account: 'sim', ...why })).toMatchObject({
      status: 409,
      body: {
        error: {
          code: 'CONTROL_REFUSED',
          message: expect.stringContaining('nothing here needs arming') as never,
        },
      },
    });
    expect((await steered.call('/v1/strategies/nobody/disable', why)).status).toBe(409);
    expect((await steered.call('/v1/reconcile', { brokers: ['nobody'], ...why })).status).toBe(404);
    expect((await steered.call('/v1/reload', why)).body.error?.code).toBe('NO_FILES');
  });

  test('cancel one order, those of an instrument, and all', async () => {
    const steered = await new Steered().start();
    const { desk } = steered;
    for (let i = 0; i < 4; i++) desk.trade('rest');
    await until(() => desk.open === 4);
    const { orders } = (await steered.call('/v1/orders')).body as never as {
      orders: { clientOrderId: string; orderKey: string; venueOrderId: string }[];
    };
    const [first, second] = orders;
    expect((await steered.call(`/v1/orders/${first?.clientOrderId ?? ''}`)).body).toMatchObject({
      orderKey: first?.orderKey,
    });
    const one = await steered.call(
      `/v1/orders/${encodeURIComponent(second?.venueOrderId ?? '')}/cancel`,
      why,
    );
    expect(one).toMatchObject({
      status: 200,
      body: { cancelled: [{ orderKey: second?.orderKey, accepted: true }] },
    });
    await until(() => desk.open === 3);
    expect((await steered.call('/v1/orders/nothing/cancel', why)).status).toBe(404);
    expect((await steered.call('/v1/cancel', { instrument: 'ETH', ...why })).status).toBe(404);
    const rest = await steered.call('/v1/cancel', { instrument: 'BTC', ...why });
    expect((rest.body['cancelled'] as unknown as readonly unknown[]).length).toBe(3);
    await until(() => desk.open === 0);
    expect((await steered.call('/v1/cancel', why)).body['cancelled']).toEqual([]);
    expect((await steered.call('/v1/orders?status=cancelled')).body['orders']).toHaveLength(4);
  });

  test('kill, release and resume; limits only get tighter for who operates', async () => {
    const steered = await new Steered({ limits: { max_position: 10 } }).start();
    const { desk } = steered;
    desk.trade('rest');
    await until(() => desk.open === 1);
    const killed = await steered.call('/v1/kill', { ...why, scope: 'global', waitMs: 3_000 });
    expect(killed).toMatchObject({
      status: 200,
      body: { verified: true, latch: { on: 'disk' }, after: { trading: 'halted' } },
    });
    expect(desk.open).toBe(0);
    expect((await steered.call('/v1/resume', why)).status).toBe(409);
    expect((await steered.call('/v1/health')).status).toBe(503);
    expect((await steered.call('/v1/status')).body).toMatchObject({
      latches: [{ scope: 'global', actor: 'operator' }],
    });
    expect((await steered.call('/v1/release', why)).status).toBe(200);
    expect((await steered.call('/v1/resume', why)).status).toBe(200);
    expect((await steered.call('/v1/health')).body).toEqual({ ready: true });
    const limit = (value: string, how = 'tighten') =>
      steered.call(`/v1/limits/${how}`, { limit: 'max_position', value, ...why });
    expect((await limit('4')).body).toMatchObject({ after: { limits: { max_position: '4' } } });
    expect((await limit('5')).status).toBe(409);
    expect((await limit('5', 'loosen')).body).toMatchObject({ after: { limits: { max_position: '5' } } });
    expect((await limit('many')).status).toBe(409);
  });

  test('a session with many of them replays to the same decisions', async () => {
    const steered = await new Steered({ limits: { max_position: 10 } }).start();
    const { desk } = steered;
    const steps: readonly (readonly [string, object])[] = [
      ['/v1/pause', {}],
      ['/v1/resume', {}],
      ['/v1/reduce', {}],
      ['/v1/resume', {}],
      ['/v1/limits/tighten', { limit: 'max_position', value: '3' }],
      ['/v1/strategies/one/disable', {}],
      ['/v1/strategies/one/enable', {}],
      ['/v1/cancel', {}],
      ['/v1/kill', { scope: 'strategy:one', waitMs: 500 }],
      ['/v1/release', { scope: 'strategy:one' }],
      ['/v1/flatten', { waitMs: 500 }],
      ['/v1/resume', {}],
    ];
    for (const [path, body] of steps) {
      desk.trade('rest');
      desk.trade('buy');
      desk.quote(100);
      expect(await steered.call(path, { ...body, ...why })).toMatchObject({ status: 200 });
    }
    expect(await desk.verify()).toBeUndefined();
  });

  test('shutdown drains and ends the run', async () => {
    const steered = await new Steered().start();
    const stopped = await steered.call('/v1/shutdown', { reason: 'the day is over' });
    expect(stopped).toMatchObject({ status: 200, body: { stopping: true, after: { trading: 'halted' } } });
    const summary = await steered.desk.summary;
    expect(summary).toMatchObject({ ended: 'shutdown', drained: true, error: null });
    expect(
      steered.desk.records.find((event) => event.kind === 'control' && event.action === 'stop'),
    ).toMatchObject({
      actor: 'operator',
      reason: 'shutdown: the day is over',
      seq: stopped.body['seq'],
    });
    await expect(steered.call('/v1/status')).rejects.toThrow();
  });
});

describe('idempotency keys', () => {
  test('the same call gets the same answer and is carried out once; another one is refused', async () => {
    const steered = await new Steered().start();
    const first = await steered.call('/v1/pause', why, { key: 'k-1' });
    await steered.call('/v1/resume', why);
    expect(await steered.call('/v1/pause', why, { key: 'k-1' })).toEqual(first);
    expect(steered.desk.engine.state.control.trading).toBe('active');
    expect(await steered.call('/v1/pause', { reason: 'other' }, { key: 'k-1' })).toMatchObject({
      status: 409,
      body: { error: { code: 'IDEMPOTENCY_CONFLICT' } },
    });
    expect((await steered.call('/v1/reduce', why, { key: 'k-1' })).status).toBe(409);
    const other = steered.token('otto', 'operate');
    expect((await steered.call('/v1/pause', why, { key: 'k-1', token: other })).status).toBe(200);
    expect(steered.desk.engine.state.control.trading).toBe('halted');
    expect((await steered.call('/v1/pause', why, { key: 'a b' })).status).toBe(400);
  });

  test('two at the same time are one', async () => {
    const steered = await new Steered().start();
    const both = await Promise.all([1, 2].map(() => steered.call('/v1/pause', why, { key: 'twice' })));
    expect(both[0]).toEqual(both[1]);
    const pauses = steered.desk.records.filter(
      (event) => event.kind === 'control' && event.action === 'pause',
    );
    expect(pauses).toHaveLength(1);
  });
});

describe('limits of the server', () => {
  test('calls a minute are counted by token, and a kill is never held back', async () => {
    const steered = await new Steered({ control: { listen: '127.0.0.1:0', calls_per_minute: 10 } }).start();
    for (let i = 0; i < 10; i++) expect((await steered.call('/v1/status')).status).toBe(200);
    expect(await steered.call('/v1/status')).toMatchObject({
      status: 429,
      body: { error: { code: 'RATE_LIMIT' } },
    });
    expect((await steered.call('/v1/pause', why)).status).toBe(429);
    expect((await steered.call('/v1/kill', { ...why, waitMs: 500 })).status).toBe(200);
    expect(
      (await steered.call('/v1/status', undefined, { token: steered.token('eve', 'view') })).status,
    ).toBe(200);
  });

  test('a port that is taken ends the run before anything opens, when it was asked for', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const desk = new Steered({ control: { listen: `127.0.0.1:${port}` } }).desk;
    await expect(desk.start()).rejects.toThrow(`cannot listen on 127.0.0.1:${port}: another process does`);
    server.close();
  });

  test.each([
    [{ listen: '0.0.0.0:9465' }, 'together with `tls:`'],
    [{ listen: 'example.org:9465' }, 'together with `tls:`'],
    [{ listen: '127.0.0.1:99999' }, 'an address and a port'],
    [{ listen: 'no' }, 'an address and a port'],
  ])('%j is refused by lint', (control, words) => {
    expect(() =>
      topology('t', { control })
        .source('market', 'synthetic', { instruments: ['X'] })
        .check(),
    ).toThrow(words);
  });

  test('off is off', async () => {
    const steered = await new Steered({ control: { listen: 'off' } }).start();
    expect(steered.url).toBe('');
    expect(existsSync(join(steered.desk.folder, 'state', 'operator.token'))).toBe(false);
  });
});
