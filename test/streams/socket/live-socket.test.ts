import type { Subscription } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  liveSocket,
  type LiveSocketOptions,
  type SocketStatus,
} from '../../../src/streams/socket/live-socket.js';
import type { SocketHandler, SocketLink } from '../../../src/streams/socket/socket.js';
import { SocketError } from '../../../src/streams/socket/socket-error.js';
import { pause, testServer, until, type TestServer } from './server.js';

let server: TestServer;
let subscription: Subscription | undefined;

beforeEach(async () => {
  server = await testServer();
});

afterEach(async () => {
  subscription?.unsubscribe();
  subscription = undefined;
  await server.close();
});

const options = (given: Partial<LiveSocketOptions> = {}): LiveSocketOptions => ({
  url: () => server.url,
  handshake: 500,
  ready: 500,
  silence: 0,
  ping: 0,
  maxPayload: 1_000,
  backOff: { initial: 20, factor: 2, max: 80, stable: 10_000 },
  rotateAfter: 0,
  overlap: 30,
  random: () => 1,
  ...given,
});

interface Session {
  readonly statuses: SocketStatus[];
  readonly messages: string[];
  readonly closed: (SocketError | undefined)[];
  readonly links: SocketLink[];
  error: unknown;
}

function run(given: Partial<LiveSocketOptions> = {}, handler: Partial<SocketHandler> = {}): Session {
  const session: Session = { statuses: [], messages: [], closed: [], links: [], error: undefined };
  subscription = liveSocket(options(given), (link) => {
    session.links.push(link);
    return {
      opened: () => link.ready(),
      message: (data) => session.messages.push(data.toString()),
      closed: (error) => session.closed.push(error),
      ...handler,
    };
  }).subscribe({
    next: (status) => session.statuses.push(status),
    error: (error: unknown) => (session.error = error),
  });
  return session;
}

const states = (session: Session): string[] => session.statuses.map(({ state }) => state);

describe('liveSocket', () => {
  it('connects, delivers messages as they came and sends', async () => {
    server.onConnection = (ws) => {
      ws.on('message', (data: Buffer) => ws.send(`echo ${data.toString()}`));
    };
    const session = run();
    await until(() => states(session).includes('ready'));
    expect(session.links[0]?.send('hello')).toBe(true);
    await until(() => session.messages.length === 1);
    expect(session.messages).toEqual(['echo hello']);
    expect(states(session)).toEqual(['connecting', 'up', 'ready']);
  });

  it('lets timers and other sockets have their turn while it works through a backlog, and loses nothing', async () => {
    const COUNT = 2_000;
    const text = 'x'.repeat(496);
    server.onConnection = (ws) => {
      for (let i = 0; i < COUNT; i++) ws.send(`${1_000 + i}${text}`);
    };
    const seen: number[] = [];
    let longest = 0;
    let inTurn = 0;
    run(
      {},
      {
        message: (data) => {
          const start = performance.now();
          while (performance.now() - start < 0.2);
          seen.push(Number(data.toString().slice(0, 4)));
          longest = Math.max(longest, ++inTurn);
        },
      },
    );
    let counting = true;
    const turn = (): void => {
      inTurn = 0;
      if (counting) setImmediate(turn);
    };
    turn();
    await until(() => seen.length === COUNT, 'all messages');
    counting = false;
    expect(seen).toEqual(Array.from({ length: COUNT }, (_, i) => 1_000 + i));
    expect(longest).toBeLessThan(COUNT / 4);
  });

  it('takes a clean close for a failure, and keeps nothing that was sent meanwhile', async () => {
    const session = run();
    await until(() => states(session).includes('ready'));
    server.sockets[0]?.close(1000);
    await until(() => states(session).includes('down'));
    expect(session.links[0]?.send('lost')).toBe(false);
    expect(session.closed[0]?.category).toBe('network');
    await until(() => states(session).filter((state) => state === 'ready').length === 2);
    expect(states(session)).toEqual(['connecting', 'up', 'ready', 'down', 'connecting', 'up', 'ready']);
    expect(session.statuses[3]?.reason).toContain('closed the connection (1000)');
  });

  it('backs off exponentially while connections are not stable', async () => {
    const waits: number[] = [];
    let before: number | undefined;
    server.onConnection = (ws) => {
      const now = performance.now();
      if (before !== undefined) waits.push(now - before);
      before = now;
      ws.close(1000); // accepts, then drops: hello and goodbye must not reset the back-off
    };
    const session = run({ random: () => 1 });
    await until(() => waits.length >= 5);
    [20, 40, 80, 80].forEach((wait, i) => expect(waits[i]).toBeGreaterThanOrEqual(wait - 2));
    const reasons = session.statuses.filter(({ state }) => state === 'down').map(({ reason }) => reason);
    expect(reasons.slice(0, 4).map((reason) => /next attempt in (\d+) ms/.exec(reason)?.[1])).toEqual([
      '20',
      '40',
      '80',
      '80',
    ]);
    expect(
      session.statuses
        .filter(({ state }) => state === 'connecting')
        .map((s) => s.attempt)
        .slice(0, 4),
    ).toEqual([1, 2, 3, 4]);
  });

  it('starts the back-off anew after a stable time', async () => {
    server.onConnection = (ws) => setTimeout(() => ws.terminate(), 40);
    const session = run({ backOff: { initial: 5, factor: 10, max: 5_000, stable: 20 } });
    await until(() => states(session).filter((state) => state === 'down').length >= 4);
    for (const { state, reason } of session.statuses)
      if (state === 'down') expect(reason).toContain('next attempt in 5 ms');
  });

  it('gives up after a refused key, and says so', async () => {
    server.refuse = { status: 401 };
    const session = run();
    await until(() => session.error !== undefined);
    expect(states(session)).toEqual(['connecting', 'closed']);
    expect(session.error).toBeInstanceOf(SocketError);
    expect((session.error as SocketError).status).toBe(401);
    await until(() => server.connections.size === 0);
  });

  it('waits after 429 as long as it is told', async () => {
    server.refuse = { status: 429, headers: { 'retry-after': '0.2' } };
    const session = run();
    await until(() => states(session).includes('down'));
    server.refuse = undefined;
    const from = performance.now();
    await until(() => states(session).includes('ready'));
    expect(performance.now() - from).toBeGreaterThan(150);
    expect(session.statuses.find(({ state }) => state === 'down')?.reason).toContain(
      'status 429; next attempt in 200 ms',
    );
  });

  it('notices a handshake that is never answered', async () => {
    await server.close();
    server = await testServer({ accept: false });
    const session = run({ handshake: 50 });
    await until(() => states(session).includes('down'));
    expect(session.statuses[1]?.reason).toContain('no connection within 50 ms');
    expect(session.closed[0]?.category).toBe('timeout');
  });

  it('notices a session that never becomes ready', async () => {
    const session = run({ ready: 40 }, { opened: () => undefined });
    await until(() => states(session).includes('down'));
    expect(session.statuses[2]?.reason).toContain('not ready within 40 ms');
  });

  it('ends a half-open connection after the silence time', async () => {
    const session = run({ silence: 80 });
    await until(() => states(session).includes('ready'));
    // no frame and no FIN from now on, as when a router forgets the connection
    for (const socket of server.connections) socket.pause();
    const from = performance.now();
    await until(() => states(session).includes('down'));
    expect(performance.now() - from).toBeLessThan(400);
    expect(session.closed[0]?.message).toContain('no frame for 80 ms');
  });

  it('stays up by pings of the server alone, and answers them', async () => {
    let pongs = 0;
    server.onConnection = (ws) => {
      ws.on('pong', () => pongs++);
      setInterval(() => ws.ping('beat'), 15).unref();
    };
    const session = run({ silence: 80 });
    await pause(300);
    expect(states(session)).toEqual(['connecting', 'up', 'ready']);
    expect(pongs).toBeGreaterThan(5);
  });

  it('pings a server that never pings', async () => {
    const session = run({ silence: 80, ping: 15 });
    await pause(300);
    expect(states(session)).toEqual(['connecting', 'up', 'ready']);
  });

  it('does not take back-pressure for silence', async () => {
    const session = run({ silence: 40 });
    await until(() => states(session).includes('ready'));
    session.links[0]?.pause();
    server.sockets[0]?.send('held back');
    await pause(150);
    expect(session.messages).toEqual([]);
    expect(states(session)).toEqual(['connecting', 'up', 'ready']);
    session.links[0]?.resume();
    await until(() => session.messages.length === 1);
  });

  it('refuses a message beyond the maximum', async () => {
    server.onConnection = (ws) => ws.send('x'.repeat(2_000));
    const session = run();
    await until(() => session.closed.length > 0);
    expect(session.messages).toEqual([]);
    expect(session.closed[0]?.message).toContain('longer than the allowed maximum');
  });

  it('replaces an old connection without a lost message', async () => {
    let next = 0;
    const send = setInterval(() => {
      next++;
      for (const ws of server.sockets) if (ws.readyState === ws.OPEN) ws.send(String(next));
    }, 2);
    const session = run({ rotateAfter: 60, overlap: 30 });
    await until(() => server.sockets.length >= 4);
    clearInterval(send);
    await pause(50);
    expect(states(session).filter((state) => state !== 'ready')).toEqual(['connecting', 'up']);
    const seen = new Set(session.messages.map(Number));
    const first = Math.min(...seen);
    const last = Math.max(...seen);
    expect(last - first + 1).toBe(seen.size);
    // both delivered during the overlap; whoever uses the socket removes the copies
    expect(session.messages.length).toBeGreaterThan(seen.size);
    await until(() => server.connections.size === 1);
    expect(session.closed.every((error) => error === undefined)).toBe(true);
  });

  it('keeps the old connection while a replacement cannot be made', async () => {
    const session = run({ rotateAfter: 0 });
    await until(() => states(session).includes('ready'));
    server.refuse = { status: 503 };
    session.links[0]?.rotate('told to');
    await until(() => session.statuses.some(({ reason }) => reason.includes('not up yet')));
    server.sockets[0]?.send('still here');
    await until(() => session.messages.length === 1);
    server.refuse = undefined;
    await until(() => session.statuses.some(({ reason }) => reason.includes('taken over')));
    expect(states(session).filter((state) => state === 'down')).toEqual([]);
    await until(() => server.connections.size === 1);
  });

  it('goes on with the replacement when the old connection dies first', async () => {
    const session = run({ backOff: { initial: 60, factor: 2, max: 60, stable: 10_000 } });
    await until(() => states(session).includes('ready'));
    server.refuse = { status: 503 };
    session.links[0]?.rotate('told to');
    await until(() => session.statuses.some(({ reason }) => reason.includes('not up yet')));
    server.sockets[0]?.terminate();
    await until(() => states(session).includes('down'));
    server.refuse = undefined;
    await until(() => states(session).at(-1) === 'ready');
    expect(server.sockets.length).toBe(2);
    expect(server.connections.size).toBe(1);
  });

  it('keeps a replaced connection while it is busy', async () => {
    let busy = true;
    const session = run({ overlap: 10 }, { busy: () => busy });
    await until(() => states(session).includes('ready'));
    session.links[0]?.rotate('told to');
    await until(() => server.sockets.length === 2);
    await pause(120);
    expect(server.connections.size).toBe(2);
    busy = false;
    await until(() => server.connections.size === 1);
  });

  it('asks before every attempt', async () => {
    const answers = [0, 30, 0];
    server.refuse = { status: 503 };
    const session = run({ admit: () => answers.shift() ?? 0 });
    await until(() => session.statuses.some(({ reason }) => reason.includes('attempts are held back')));
    server.refuse = undefined;
    await until(() => states(session).includes('ready'));
    expect(answers).toEqual([]);
  });

  it('ends with what a handler throws', async () => {
    server.onConnection = (ws) => ws.send('boom');
    const failure = new TypeError('defect');
    const session = run(
      {},
      {
        message: () => {
          throw failure;
        },
      },
    );
    await until(() => session.error !== undefined);
    expect(session.error).toBe(failure);
    expect(states(session).at(-1)).toBe('closed');
  });

  it('leaves nothing behind after 200 disconnects and an unsubscription', async () => {
    server.onConnection = (ws) => ws.terminate();
    const session = run({ backOff: { initial: 1, factor: 1, max: 1, stable: 10_000 } });
    await until(() => server.sockets.length >= 200);
    subscription?.unsubscribe();
    await until(() => server.connections.size === 0);
    const before = session.statuses.length;
    await pause(30);
    expect(session.statuses.length).toBe(before);
    expect(session.closed.length).toBe(session.links.length);
  });
});
