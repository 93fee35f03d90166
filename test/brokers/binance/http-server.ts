import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

export interface HttpTestServer {
  readonly url: string;
  readonly seen: Seen[];
  answer: (request: Seen, response: ServerResponse) => void;
  close(): Promise<void>;
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** An HTTP server on loopback that answers as the test says. `/api/v3/time` tells the time by itself. */
export async function httpServer(now: () => number = Date.now): Promise<HttpTestServer> {
  const sockets = new Set<Socket>();
  const http = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [path = '', query = ''] = (request.url ?? '').split('?');
      const seen = {
        method: request.method ?? '',
        path,
        query,
        body: Buffer.concat(chunks).toString(),
        headers: request.headers,
      };
      server.seen.push(seen);
      if (path === '/api/v3/time') json(response, 200, { serverTime: now() });
      else server.answer(seen, response);
    });
  });
  http.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const server: HttpTestServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    seen: [],
    answer: (_request, response) => json(response, 200, {}),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}
