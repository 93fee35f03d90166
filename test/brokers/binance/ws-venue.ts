import type { WebSocket } from 'ws';
import { testServer, type TestServer } from '../../streams/socket/server.js';

export interface Frame {
  readonly id: number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Received extends Frame {
  readonly socket: WebSocket;
  /** Number of the connection, from 0. */
  readonly connection: number;
}

/** The WebSocket API of a venue as a test wants it: logs on and subscribes everybody, the rest is up to the test. */
export interface WsVenue {
  readonly server: TestServer;
  readonly received: Received[];
  /** Return true when the frame was taken care of. */
  answer: (frame: Received) => boolean;
  methods(): string[];
  /** Sends a user data event on all open connections, or one. */
  event(event: unknown, connection?: number): void;
  close(): Promise<void>;
}

export function ok(frame: Received, result: unknown, extra: Record<string, unknown> = {}): void {
  frame.socket.send(JSON.stringify({ id: frame.id, status: 200, result, ...extra }));
}

export function fail(
  frame: Received,
  status: number,
  code: number,
  msg: string,
  data?: unknown,
  extra: Record<string, unknown> = {},
): void {
  frame.socket.send(JSON.stringify({ id: frame.id, status, error: { code, msg, data }, ...extra }));
}

export async function wsVenue(): Promise<WsVenue> {
  const server = await testServer();
  const venue: WsVenue = {
    server,
    received: [],
    answer: () => false,
    methods: () => venue.received.map(({ method }) => method),
    event: (event, connection) => {
      server.sockets.forEach((socket, i) => {
        if ((connection === undefined || connection === i) && socket.readyState === socket.OPEN)
          socket.send(JSON.stringify({ subscriptionId: 0, event }));
      });
    },
    close: () => server.close(),
  };
  server.onConnection = (socket) => {
    const connection = server.sockets.indexOf(socket);
    socket.on('message', (data: Buffer) => {
      const parsed = JSON.parse(data.toString()) as Partial<Frame>;
      const frame = { id: 0, method: '', params: {}, ...parsed, socket, connection };
      venue.received.push(frame);
      if (venue.answer(frame)) return;
      if (frame.method === 'session.logon' || frame.method.startsWith('userDataStream.subscribe'))
        ok(frame, { subscriptionId: 0 });
    });
  };
  return venue;
}
