import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** A WebSocket server on loopback for one test. */
export interface TestServer {
  readonly url: string;
  readonly sockets: WebSocket[];
  /** Raw connections that are open now. */
  readonly connections: Set<Socket>;
  /** Answers the next handshakes with this instead of an upgrade; undefined: upgrade. */
  refuse: { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | undefined;
  onConnection: (socket: WebSocket, request: IncomingMessage) => void;
  close(): Promise<void>;
}

export async function testServer(
  options: { readonly autoPong?: boolean; readonly accept?: boolean } = {},
): Promise<TestServer> {
  const http: Server = createServer();
  const wss = new WebSocketServer({ noServer: true, autoPong: options.autoPong ?? true });
  const connections = new Set<Socket>();
  http.on('connection', (socket: Socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => undefined);
  });
  const server: TestServer = {
    url: '',
    sockets: [],
    connections,
    refuse: undefined,
    onConnection: () => undefined,
    close: async () => {
      for (const socket of connections) socket.destroy();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  http.on('upgrade', (request, socket, head) => {
    if (options.accept === false) return; // never answered
    const { refuse } = server;
    if (refuse !== undefined) {
      const headers = Object.entries(refuse.headers ?? {}).map(([key, value]) => `${key}: ${value}\r\n`);
      socket.end(`HTTP/1.1 ${refuse.status} Refused\r\n${headers.join('')}content-length: 0\r\n\r\n`);
      return;
    }
    wss.handleUpgrade(request, socket, head, (ws) => {
      server.sockets.push(ws);
      ws.on('error', () => undefined);
      server.onConnection(ws, request);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return Object.assign(server, { url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/` });
}

/** Waits until the condition holds; fails after five seconds. */
export async function until(condition: () => boolean, what = 'condition'): Promise<void> {
  const end = performance.now() + 5_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`timed out waiting for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
