import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { MOST_WAITING } from '../../../src/engine/control/client-queue.js';
import { until } from '../kill/support/desk.js';
import { inbox, Steered } from './support/steer.js';

interface Message {
  readonly type: string;
  readonly id: number;
  readonly gap?: { readonly from: number; readonly to: number };
  readonly orders?: readonly { readonly state: string }[];
  readonly control?: { readonly trading: string };
  readonly alerts?: readonly { readonly code: string; readonly message: string }[];
}

describe('/v1/stream', () => {
  test('tells a snapshot, then numbered deltas of what changes', async () => {
    const steered = await new Steered().start();
    const { desk } = steered;
    desk.trade('rest');
    await until(() => desk.open === 1);
    const messages = inbox(steered.socket('/v1/stream')) as unknown as Message[];
    await until(() => messages.length > 0);
    expect(messages[0]).toMatchObject({
      type: 'snapshot',
      orders: [{ state: 'accepted' }],
      status: { name: 'desk' },
    });
    desk.trade('rest');
    await until(() =>
      messages.some(({ orders }) => orders?.[0]?.state === 'accepted' && orders.length === 1),
    );
    await steered.call('/v1/kill', { reason: 'a test', waitMs: 1_000 });
    await until(() => messages.some(({ control }) => control?.trading === 'halted'));
    expect(messages.flatMap(({ alerts = [] }) => alerts)).toContainEqual(
      expect.objectContaining({ code: 'KILL', message: 'operator: a test' }),
    );
    const ids = messages.slice(1).map(({ id }) => id);
    expect(ids).toEqual(ids.map((_, i) => (ids[0] ?? 0) + i));
    expect(messages.slice(1).every(({ type }) => type === 'delta')).toBe(true);
  });

  test('lets nobody in without a token, before the upgrade or with the first message', async () => {
    const steered = await new Steered().start();
    const wrong = steered.socket('/v1/stream', 'mlr_wrong');
    const status = await new Promise((resolve) => {
      wrong.on('error', () => undefined);
      wrong.on('unexpected-response', (_request, response) => resolve(response.statusCode));
    });
    expect(status).toBe(401);
    const late = steered.socket('/v1/stream', null);
    const told = inbox(late);
    late.on('open', () => late.send(JSON.stringify({ token: 'mlr_wrong' })));
    expect(await new Promise((resolve) => late.on('close', resolve))).toBe(4401);
    expect(told).toMatchObject([{ error: { code: 'UNAUTHORIZED' } }]);
    const good = steered.socket('/v1/stream', null);
    const messages = inbox(good);
    good.on('open', () => good.send(JSON.stringify({ token: steered.token('eve', 'view') })));
    await until(() => messages.length > 0);
    expect(messages[0]).toMatchObject({ type: 'snapshot' });
    expect((await steered.call('/v1/stream')).status).toBe(426);
  });

  test('waits for no reader: one that does not read costs bounded memory, and is told what it missed', async () => {
    const steered = await new Steered().start();
    const { desk } = steered;
    const { port } = new URL(steered.url);
    // A bare socket, so that nothing reads behind our back.
    const slow = connect(Number(port), '127.0.0.1');
    slow.write(
      `GET /v1/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${Buffer.alloc(16, 1).toString('base64')}\r\nAuthorization: Bearer ${steered.operator}\r\n\r\n`,
    );
    slow.pause();
    const quick = inbox(steered.socket('/v1/stream')) as unknown as Message[];
    await until(() => quick.length > 0);
    // Many resting orders make snapshots and deltas large.
    for (let i = 0; i < 400; i++) desk.trade('rest');
    await until(() => desk.open === 400, 30_000);
    const before = process.memoryUsage();
    let worst = 0;
    // So much that what the system buffers on the way cannot hold it, as the one that reads tells.
    let told = 0;
    let seen = 0;
    for (let round = 0; round < 400 && told < 20 * MOST_WAITING; round++) {
      const begun = performance.now();
      for (let i = 0; i < 20; i++) {
        desk.trade('rest');
        desk.quote(100);
      }
      worst = Math.max(worst, performance.now() - begun);
      await steered.call('/v1/cancel', { reason: 'again' });
      for (let i = 0; i < 150; i++) desk.trade('rest');
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (; seen < quick.length; seen++) told += JSON.stringify(quick[seen]).length;
    }
    // It would wait for ever; a busy machine may take a while.
    expect(worst).toBeLessThan(5_000);
    await until(() => quick.length > 5, 30_000);
    const grown = process.memoryUsage();
    expect(grown.external + grown.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(
      40 * MOST_WAITING,
    );
    // Now it reads: everything up to where it fell behind, then a snapshot with the gap.
    let text = '';
    slow.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    slow.resume();
    await until(() => /"type":"snapshot","id":\d+,"seq":\d+,"at":"[^"]+","gap"/.test(text), 30_000);
    slow.destroy();
    const gap = /"gap":\{"from":(\d+),"to":(\d+)\}/.exec(text);
    expect(Number(gap?.[2])).toBeGreaterThanOrEqual(Number(gap?.[1]));
  }, 120_000);

  test('costs nothing when nobody watches', async () => {
    const steered = await new Steered().start();
    const { observers } = steered.desk.engine;
    const add = observers.add.bind(observers);
    let watching = 0;
    observers.add = (observer) => {
      watching++;
      const end = add(observer);
      return () => {
        watching--;
        end();
      };
    };
    const socket = steered.socket('/v1/stream');
    inbox(socket);
    await until(() => watching === 1);
    // Also when it goes away in the middle of the handshake.
    socket.terminate();
    await until(() => watching === 0);
  });
});

describe('/v1/tap', () => {
  test('shows what passes on an output, sampled and counted', async () => {
    const steered = await new Steered().start();
    const { desk } = steered;
    const edge = desk.engine.graph.output({ node: 'market', port: '' });
    const linked = edge.linked;
    const looking = steered.call('/v1/tap/market?ms=300&samples=2');
    await until(() => edge.linked === linked + 1);
    for (let i = 0; i < 50; i++) desk.quote(100 + i);
    const { body } = await looking;
    expect(body).toMatchObject({ node: 'market', seen: 50 });
    expect(body['events']).toHaveLength(2);
    expect((body['events'] as unknown as readonly unknown[])[0]).toMatchObject({ kind: 'quote', bid: 99.5 });
    expect(edge.linked).toBe(linked);
    expect(await steered.call('/v1/tap/nothing')).toMatchObject({
      status: 404,
      body: { error: { code: 'NO_SUCH_NODE', message: 'there is no output "nothing"' } },
    });
    expect((await steered.call('/v1/tap/market?samples=0')).status).toBe(400);
  });

  test('over WebSocket until it is closed, named outputs too; replay is not touched', async () => {
    const steered = await new Steered({ limits: { max_position: 1 } }).start();
    const { desk } = steered;
    const socket = steered.socket('/v1/tap/risk.denied/stream');
    const messages = inbox(socket);
    const edge = desk.engine.graph.output({ node: 'risk', port: 'denied' });
    await until(() => edge.linked === 1);
    for (let i = 0; i < 3; i++) desk.trade('buy');
    await until(() => messages.length > 0);
    expect(messages[0]).toMatchObject({ type: 'tap', node: 'risk.denied', missed: 0 });
    expect((messages[0]?.['events'] as readonly unknown[])[0]).toMatchObject({ kind: 'denied' });
    socket.close();
    await until(() => edge.linked === 0);
    expect(await desk.verify()).toBeUndefined();
  });
});
