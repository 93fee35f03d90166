import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ApiError } from './api-error.js';
import { duplicateParameter, invalidMessage, notEmulated } from './errors.js';
import { restPayload } from './signature.js';
import type { ApiResponse, Exchange, Operation, Outcome, Params, TimeUnit } from './types.js';

/** Largest body of a request, bytes. */
const MAX_BODY = 64 * 1024;

/** Paths the venue closed: users still meet them. */
const GONE = /^\/api\/v3\/userDataStream(\/|$)/;

/** Families of paths the venue has and this exchange does not. */
const FOREIGN = /^\/(sapi|wapi|fapi|dapi|eapi|papi|bapi|api\/v1)\//;

/** Answers REST requests to the exchange; give it to any `node:http` or `node:https` server. */
export function restHandler(exchange: Exchange): (req: IncomingMessage, res: ServerResponse) => void {
  const routes = new Map<string, Operation>();
  const paths = new Set<string>();
  for (const operation of exchange.operations.values()) {
    if (operation.rest === undefined) continue;
    routes.set(`${operation.rest.method} ${operation.rest.path}`, operation);
    paths.add(operation.rest.path);
  }
  return (req, res) => {
    readBody(req).then(
      (body) => {
        answer(exchange, routes, paths, req, res, body);
      },
      (error: unknown) => {
        write(res, failure(error), false);
      },
    );
  };
}

function answer(
  exchange: Exchange,
  routes: ReadonlyMap<string, Operation>,
  paths: ReadonlySet<string>,
  req: IncomingMessage,
  res: ServerResponse,
  body: string,
): void {
  const head = req.method === 'HEAD';
  try {
    const [path = '', query = ''] = split(req.url ?? '/');
    const method = head ? 'GET' : (req.method ?? 'GET');
    const operation = routes.get(`${method} ${path}`);
    if (operation === undefined) throw unknown(method, path, paths);
    const form = method === 'GET' || /json/i.test(header(req, 'content-type') ?? '') ? '' : body;
    exchange.handle(
      {
        transport: 'rest',
        operation,
        params: readParams(query, form),
        payload: restPayload(query, form),
        apiKey: header(req, 'x-mbx-apikey'),
        session: undefined,
        ip: req.socket.remoteAddress ?? '',
        timeUnit: timeUnit(header(req, 'x-mbx-time-unit')),
      },
      (outcome) => {
        finish(res, outcome, head);
      },
    );
  } catch (error) {
    write(res, failure(error), head);
  }
}

function finish(res: ServerResponse, outcome: Outcome, head: boolean): void {
  if (outcome.kind === 'answer') write(res, outcome.response, head);
  else if (outcome.close) res.destroy();
}

function write(res: ServerResponse, r: ApiResponse, head: boolean): void {
  if (res.destroyed || res.writableEnded) return;
  const text = typeof r.body === 'string' ? r.body : JSON.stringify(restBody(r));
  const headers: Record<string, string | number> = {
    'content-type': typeof r.body === 'string' ? 'text/html' : 'application/json;charset=UTF-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-cache, no-store, must-revalidate',
    'access-control-allow-origin': '*',
  };
  for (const l of r.limits) {
    const span = `${l.intervalNum}${l.interval.charAt(0)}`;
    if (l.rateLimitType === 'REQUEST_WEIGHT') {
      headers['x-mbx-used-weight'] = l.count;
      headers[`x-mbx-used-weight-${span.toLowerCase()}`] = l.count;
    } else if (l.rateLimitType === 'ORDERS') headers[`x-mbx-order-count-${span.toLowerCase()}`] = l.count;
  }
  if (r.retryAfter !== undefined) headers['retry-after'] = r.retryAfter;
  res.writeHead(r.status, headers);
  res.end(head ? undefined : text);
}

/** When to go on is told by a header here, by `data` only on the WebSocket API. */
function restBody(r: ApiResponse): unknown {
  const { body } = r;
  if (r.retryAfter === undefined || typeof body !== 'object' || body === null) return body;
  if (
    !('data' in body) ||
    typeof body.data !== 'object' ||
    body.data === null ||
    !('retryAfter' in body.data)
  )
    return body;
  return { ...body, data: undefined };
}

/** Parameters of query and body; the query wins. A name sent twice in one of them is refused. */
function readParams(query: string, body: string): Params {
  const params: Record<string, string> = Object.create(null) as Record<string, string>;
  take(params, body);
  const own: Record<string, string> = Object.create(null) as Record<string, string>;
  take(own, query);
  return Object.assign(params, own);
}

function take(params: Record<string, string>, text: string): void {
  if (text === '') return;
  for (const part of text.split('&')) {
    if (part === '') continue;
    const at = part.indexOf('=');
    const name = decode(at < 0 ? part : part.slice(0, at));
    if (name in params) throw duplicateParameter();
    params[name] = at < 0 ? '' : decode(part.slice(at + 1));
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw invalidMessage('Malformed percent-encoding.');
  }
}

function unknown(method: string, path: string, paths: ReadonlySet<string>): ApiError {
  if (GONE.test(path)) return new ApiError(410, -1020, 'This operation is not supported.');
  if (FOREIGN.test(path)) return notEmulated(`${method} ${path}`);
  if (paths.has(path)) return new ApiError(405, -1020, `Request method '${method}' is not supported.`);
  if (path.startsWith('/api/v3/')) return new ApiError(404, -1020, `Path ${path} does not exist.`);
  return new ApiError(404, -1020, `Path ${path} does not exist; the API is under /api/v3.`);
}

function failure(error: unknown): ApiResponse {
  const e =
    error instanceof ApiError
      ? error
      : new ApiError(500, -1000, 'An unknown error occurred while processing the request.');
  return { status: e.status, body: e.body(), limits: [], retryAfter: e.retryAfter };
}

function timeUnit(text: string | undefined): TimeUnit {
  if (text === undefined || /^millisecond$/i.test(text)) return 'ms';
  if (/^microsecond$/i.test(text)) return 'us';
  throw new ApiError(400, -1194, 'Invalid value for time unit; expected either MICROSECOND or MILLISECOND.');
}

function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function split(url: string): readonly string[] {
  const at = url.indexOf('?');
  return at < 0 ? [url] : [url.slice(0, at), url.slice(at + 1)];
}

function readBody(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY) reject(new ApiError(413, -1013, 'Request body is too large.'));
      else chunks.push(chunk);
    });
    req.on('end', () => {
      resolve(Buffer.concat(chunks).toString('utf8'));
    });
    req.on('error', reject);
  });
}

export interface RestServerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Given: HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** The REST side alone, on a server of its own. */
export class RestServer {
  readonly #options: RestServerOptions;
  readonly server: Server;

  constructor(exchange: Exchange, options: RestServerOptions = {}) {
    this.#options = options;
    const handler = restHandler(exchange);
    this.server = options.tls === undefined ? createServer(handler) : createTlsServer(options.tls, handler);
    this.server.keepAliveTimeout = 60_000;
  }

  /** Resolves with the base URL. */
  listen(): Promise<string> {
    const { host = '127.0.0.1', port = 0, tls } = this.#options;
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        const address = this.server.address() as AddressInfo;
        resolve(`${tls === undefined ? 'http' : 'https'}://${host}:${address.port}`);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => {
        resolve();
      });
      this.server.closeAllConnections();
    });
  }
}
