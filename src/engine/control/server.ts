import type { Socket } from 'node:net';
import rateLimit from '@fastify/rate-limit';
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { MillraceError } from '../../model/reason.js';
import type { Log } from '../../model/component.js';
import { isLoopback } from '../../topology/control-schema.js';
import type { ControlAnswer } from '../control-turns.js';
import { monotonicMs } from '../guard.js';
import type { CallLog } from './call-log.js';
import { Door } from './door.js';
import { Idempotency, type Sent } from './idempotency.js';
import { pathOf, problem, problemOf, sendError } from './problem.js';
import { readInput } from './read-input.js';
import { ControlError, type Call, type ControlHost, type Route } from './route.js';
import { ROUTES } from './routes.js';
import { serveSocket } from './socket.js';
import type { TokenRecord, TokenStore } from './tokens.js';

export interface ControlServerOptions {
  readonly host: string;
  /** 0: a free port is chosen. */
  readonly port: number;
  /** PEM texts; required to listen anywhere but on loopback. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Calls a minute and token. */
  readonly callsPerMinute: number;
  readonly tokens: TokenStore;
  readonly target: ControlHost;
  readonly calls: CallLog;
  readonly log: Log;
}

export interface ControlServer {
  readonly url: string;
  /** Stops listening and ends every connection, whatever its other side does. */
  close(): Promise<void>;
}

/** Time a last answer has to leave. */
const GOODBYE_MS = 250;
/** Longest a request may take to come in whole. */
const REQUEST_MS = 30_000;
const BODY_LIMIT = 64 * 1024;
/** Longest message of a WebSocket client: it sends its token and little else. */
const MESSAGE_LIMIT = 4 * 1024;
const OWNER = Symbol('owner');
const LOGGED = Symbol('logged');
type Marked = FastifyRequest & { [OWNER]?: TokenRecord; [LOGGED]?: boolean };

/**
 * The control surface over HTTP and WebSocket. Every call needs a bearer token whose role is enough; it is never taken
 * from the URL. A command is answered after its event was reduced. Throws INVALID_CONFIGURATION when it may not or cannot
 * listen.
 */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { host, port, tls, callsPerMinute, calls, log } = options;
  if (tls === undefined && !isLoopback(host))
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `the control surface may not listen on ${host} without TLS: tokens would travel in the open`,
      'give control.tls a certificate and a key, or listen on 127.0.0.1 and use a tunnel',
    );
  const server = fastify({
    logger: false,
    forceCloseConnections: true,
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_MS,
    ...(tls === undefined ? {} : { https: tls }),
  }) as unknown as FastifyInstance;
  const sockets = openSockets(server);
  const door = new Door(options.tokens, monotonicMs);
  const needs = new Map(ROUTES.map((route) => [route.path, route]));
  server.setErrorHandler((error, request, reply) => sendError(error, request, reply, log));
  server.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send(
        problem('NOT_FOUND', `there is no ${request.method} ${pathOf(request)}`, 'see GET /v1/openapi.json'),
      ),
  );
  server.addHook('onRequest', (request, _reply, next) => {
    try {
      letIn(request, needs.get(request.routeOptions.url ?? ''), door);
      next();
    } catch (error) {
      next(error as Error);
    }
  });
  server.addHook('onResponse', (request, reply, next) => {
    next();
    if ((request as Marked)[LOGGED] === true) return;
    const owner = (request as Marked)[OWNER];
    const told = calls.often({ ...caller(request, owner), status: reply.statusCode });
    if (told && (reply.statusCode === 401 || reply.statusCode === 403))
      log.warn(`control: a call was refused`, { path: pathOf(request), ip: request.ip });
  });
  await server.register(rateLimit, {
    max: callsPerMinute,
    timeWindow: 60_000,
    hook: 'onRequest',
    keyGenerator: (request) => (request as Marked)[OWNER]?.name ?? `ip ${request.ip}`,
    // What stops trading is never held back.
    allowList: (request) => (request as Marked)[OWNER] !== undefined && pathOf(request) === '/v1/kill',
    errorResponseBuilder: (_request, { after }) =>
      new ControlError(429, 'RATE_LIMIT', 'too many calls', `try again in ${after}`),
  });
  await server.register(websocket, { options: { maxPayload: MESSAGE_LIMIT, perMessageDeflate: false } });
  const idempotency = new Idempotency(monotonicMs);
  for (const route of ROUTES) {
    if (route.socket === true) addSocket(server, route, options, door);
    else addRoute(server, route, options, idempotency);
  }
  try {
    return { url: await server.listen({ host, port }), close: () => closeAll(server, sockets) };
  } catch (error) {
    await server.close();
    throw listenError(error, host, port);
  }
}

/** Throws unless the call carries a token whose role is enough. */
function letIn(request: FastifyRequest, route: Route | undefined, door: Door): void {
  door.checkUrl(request.url);
  // A browser cannot send the header with a WebSocket: then the first message brings the token.
  if (route?.socket === true && isUpgrade(request) && request.headers.authorization === undefined) return;
  const owner = door.owner(request.headers.authorization, request.ip);
  (request as Marked)[OWNER] = owner;
  door.check(owner, route?.role ?? 'view');
}

/** Every connection, those that speak WebSocket too: no client may keep the engine from ending. */
function openSockets(server: FastifyInstance): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

async function closeAll(server: FastifyInstance, sockets: ReadonlySet<Socket>): Promise<void> {
  const timer = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, GOODBYE_MS);
  for (const client of server.websocketServer.clients) client.close(1001, 'the engine ends');
  await server.close();
  clearTimeout(timer);
}

function listenError(error: unknown, host: string, port: number): MillraceError {
  const taken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  const why = error instanceof Error ? error.message : String(error);
  return new MillraceError(
    'INVALID_CONFIGURATION',
    `the control surface cannot listen on ${host}:${port}: ${taken ? 'another process does' : why}`,
    'choose another port with control.listen, or 0 for a free one',
    { cause: error },
  );
}

const isUpgrade = (request: FastifyRequest): boolean =>
  request.headers.upgrade?.toLowerCase() === 'websocket';

const caller = (
  request: FastifyRequest,
  owner: TokenRecord | undefined,
): {
  readonly actor: string;
  readonly role: string;
  readonly method: string;
  readonly path: string;
  readonly ip: string;
} => ({
  actor: owner?.name ?? '',
  role: owner?.role ?? '',
  method: request.method,
  path: pathOf(request),
  ip: request.ip,
});

function addSocket(
  server: FastifyInstance,
  route: Route,
  { target, calls, log }: ControlServerOptions,
  door: Door,
): void {
  server.route({
    method: 'GET',
    url: route.path,
    handler: (_request, reply) =>
      reply
        .code(426)
        .header('upgrade', 'websocket')
        .send(problem('UPGRADE_REQUIRED', `${route.path} speaks WebSocket`, 'connect with ws:// or wss://')),
    wsHandler: (socket: WebSocket, request: FastifyRequest) => {
      const path = request.params as Readonly<Record<string, string>>;
      const enter = (owner: TokenRecord): void =>
        void calls.often({ ...caller(request, owner), status: 101 });
      serveSocket({
        socket,
        host: target,
        route,
        path,
        query: request.query as Readonly<Record<string, unknown>>,
        owner: (request as Marked)[OWNER],
        authenticate: (token) => {
          const owner = door.owner(`Bearer ${token}`, request.ip);
          door.check(owner, route.role);
          return owner;
        },
        enter,
        log,
      });
    },
  });
}

function addRoute(
  server: FastifyInstance,
  route: Route,
  { target, calls, log }: ControlServerOptions,
  idempotency: Idempotency,
): void {
  server.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const owner = (request as Marked)[OWNER];
      if (owner === undefined) throw new ControlError(401, 'UNAUTHORIZED', 'this call needs a token');
      const call: Call<unknown, never> = {
        body: route.method === 'GET' ? {} : readInput(route.body, request.body ?? {}, 'body'),
        query: readInput(route.query, request.query ?? {}, 'query') as never,
        path: request.params as Readonly<Record<string, string>>,
        actor: owner.name,
        role: owner.role,
      };
      if (route.method === 'GET') return reply.send(await route.run(target, call));
      const key = request.headers['idempotency-key'];
      const asked = `${request.method} ${request.url} ${JSON.stringify(request.body ?? {})}`;
      const sent = await idempotency.once(
        typeof key === 'string' ? key : undefined,
        owner.name,
        asked,
        async () => {
          const done = await carryOut(route, target, call);
          (request as Marked)[LOGGED] = true;
          note(calls, log, request, owner, call.body, done);
          return done;
        },
      );
      return send(reply, sent);
    },
  });
}

const send = (reply: FastifyReply, { status, body }: Sent): FastifyReply => reply.code(status).send(body);

async function carryOut(route: Route, target: ControlHost, call: Call): Promise<Sent> {
  const phase = target.phase();
  if (phase === 'stopped' || (phase === 'starting' && route.early !== true))
    throw new ControlError(503, 'NOT_RUNNING', `the engine is ${phase}`, 'ask GET /v1/status');
  try {
    return { status: 200, body: await route.run(target, call as Call<never, never>) };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const { answer, status } = error;
    return { status, body: answer === undefined ? problemOf(error) : { ...problemOf(error), ...answer } };
  }
}

/** What a command was, who asked for it, and what it changed. */
function note(
  calls: CallLog,
  log: Log,
  request: FastifyRequest,
  owner: TokenRecord,
  body: unknown,
  sent: Sent,
): void {
  const { reason } = (body ?? {}) as { readonly reason?: string };
  const { seq, before, after, error } = sent.body as Partial<ControlAnswer> & {
    readonly error?: { readonly code: string; readonly message: string };
  };
  const changed = JSON.stringify(before) !== JSON.stringify(after);
  calls.command({
    ...caller(request, owner),
    status: sent.status,
    ...(reason === undefined ? {} : { reason }),
    ...(seq === undefined ? {} : { seq }),
    ...(error === undefined ? {} : { code: error.code, message: error.message }),
    ...(changed ? { before, after } : {}),
  });
  log.info(`control: ${owner.name} called ${pathOf(request)}`, { role: owner.role, status: sent.status });
}
