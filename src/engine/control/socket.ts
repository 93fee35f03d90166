import type { WebSocket } from 'ws';
import type { Log } from '../../model/component.js';
import { problemOf } from './problem.js';
import { ControlError, type ControlHost, type Route } from './route.js';
import { serveStream } from './stream.js';
import { serveTap } from './tap.js';
import type { TokenRecord } from './tokens.js';

export interface SocketOptions {
  readonly socket: WebSocket;
  readonly host: ControlHost;
  readonly route: Route;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** Known by the header; undefined: the first message brings the token. */
  readonly owner: TokenRecord | undefined;
  readonly authenticate: (token: string) => TokenRecord;
  readonly enter: (owner: TokenRecord) => void;
  readonly log: Log;
}

const AUTH_MS = 5_000;
/** Close codes: private use, after the HTTP status they stand for. */
const CLOSE_UNAUTHORIZED = 4401;
const CLOSE_BAD_REQUEST = 4400;

/** Lets a client in, then serves what its route is about. Without a token within 5 s it is closed. */
export function serveSocket(options: SocketOptions): void {
  const { socket, owner, log } = options;
  socket.on('error', (error) => log.warn(`control: a WebSocket client failed: ${error.message}`));
  if (owner !== undefined) {
    begin(options, owner);
    return;
  }
  const timer = setTimeout(() => socket.close(CLOSE_UNAUTHORIZED, 'no token came'), AUTH_MS);
  socket.once('close', () => clearTimeout(timer));
  socket.once('message', (data: Buffer) => {
    clearTimeout(timer);
    try {
      begin(options, options.authenticate(tokenIn(String(data))));
    } catch (error) {
      refuse(socket, error, CLOSE_UNAUTHORIZED);
    }
  });
}

function begin(options: SocketOptions, owner: TokenRecord): void {
  const { socket, host, route, path, query } = options;
  try {
    if (route.path === '/v1/stream') serveStream(socket, host);
    else serveTap(socket, host, path['node'] ?? '', query);
    options.enter(owner);
  } catch (error) {
    refuse(socket, error, CLOSE_BAD_REQUEST);
  }
}

/** `{"token":"..."}` */
function tokenIn(text: string): string {
  try {
    const { token } = JSON.parse(text) as { readonly token?: unknown };
    if (typeof token === 'string') return token;
  } catch {
    // Not JSON: no token.
  }
  throw new ControlError(401, 'UNAUTHORIZED', 'the first message must be {"token":"..."}');
}

function refuse(socket: WebSocket, error: unknown, code: number): void {
  const told =
    error instanceof ControlError ? error : new ControlError(500, 'INTERNAL', 'the engine could not answer');
  socket.send(JSON.stringify(problemOf(told)));
  socket.close(code, told.code);
}
