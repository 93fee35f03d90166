import rateLimit from '@fastify/rate-limit';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { MillraceError } from '../../model/reason.js';
import { redact } from '../../model/secrets.js';
import type { Log } from '../../model/component.js';
import { monotonicMs } from '../guard.js';
import { isLoopback } from './address.js';
import { Idempotency, type Sent } from './idempotency.js';
import { openApi } from './openapi.js';
import { ControlError, type ControlHost, type Route } from './route.js';
import { ROUTES } from './routes.js';
import { mayAct, type Role, type TokenRecord, type TokenStore } from './tokens.js';

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
  readonly log: Log;
}

const BODY_LIMIT = 64 * 1024;
const OWNER = Symbol('owner');
type Authenticated = FastifyRequest & { [OWNER]?: TokenRecord };

/**
 * The control surface over HTTP. Every call needs a bearer token whose role is enough; it is never taken from the URL.
 * A command is answered after its event was reduced. Throws INVALID_CONFIGURATION when it may not or cannot listen.
 */
export async function startControlServer(
  options: ControlServerOptions,
): Promise<{ readonly url: string; readonly server: FastifyInstance }> {
  const { host, port, tls, callsPerMinute } = options;
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
    ...(tls === undefined ? {} : { https: tls }),
  }) as unknown as FastifyInstance;
  server.setErrorHandler((error, request, reply) => sendError(error, request, reply, options.log));
  server.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send(
        problem('NOT_FOUND', `there is no ${request.method} ${pathOf(request)}`, 'see GET /v1/openapi.json'),
      ),
  );
  server.addHook('onRequest', (request, _reply, next) => next(refuse(request, options)));
  await server.register(rateLimit, {
    max: callsPerMinute,
    timeWindow: 60_000,
    hook: 'onRequest',
    keyGenerator: (request) => (request as Authenticated)[OWNER]?.name ?? request.ip,
    errorResponseBuilder: (_request, { after }) =>
      new ControlError(429, 'RATE_LIMIT', 'too many calls', `try again in ${after}`),
  });
  const idempotency = new Idempotency(monotonicMs);
  for (const route of ROUTES) addRoute(server, route, options, idempotency);
  const document = openApi(ROUTES);
  server.get('/v1/openapi.json', { config: { role: 'view' } }, () => document);
  try {
    return { url: await server.listen({ host, port }), server };
  } catch (error) {
    await server.close();
    const { code } = error as NodeJS.ErrnoException;
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      code === 'EADDRINUSE'
        ? `the control surface cannot listen on ${host}:${port}: another process does`
        : `the control surface cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`,
      'choose another port with control.listen, or 0 for a free one',
      { cause: error },
    );
  }
}

const pathOf = (request: FastifyRequest): string => request.url.split('?', 1)[0] ?? '';

/** Why a request is not let in, before its body is read; undefined: it is. */
function refuse(request: FastifyRequest, { tokens, log }: ControlServerOptions): Error | undefined {
  if (/[?&](access_)?token=/i.test(request.url))
    return new ControlError(
      400,
      'BAD_REQUEST',
      'a token does not belong in a URL, where logs keep it',
      'send it as Authorization: Bearer TOKEN, and revoke this one',
    );
  const presented = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const owner = presented === undefined ? undefined : tokens.find(presented);
  if (owner === undefined) {
    log.warn(`control: a call without a valid token was refused`, { path: pathOf(request), ip: request.ip });
    return new ControlError(
      401,
      'UNAUTHORIZED',
      presented === undefined ? 'this call needs a token' : 'the token is not valid',
      'send Authorization: Bearer TOKEN; make one with `millrace token create`',
    );
  }
  (request as Authenticated)[OWNER] = owner;
  const needs = (request.routeOptions.config as { readonly role?: Role }).role ?? 'view';
  if (mayAct(owner.role, needs)) return undefined;
  log.warn(`control: ${owner.name} was refused`, { path: pathOf(request), role: owner.role, needs });
  return new ControlError(
    403,
    'FORBIDDEN',
    `this needs the role ${needs}; the token "${owner.name}" has ${owner.role}`,
    `make one with \`millrace token create --role ${needs}\``,
  );
}

function addRoute(
  server: FastifyInstance,
  route: Route,
  { target, log }: ControlServerOptions,
  idempotency: Idempotency,
): void {
  server.route({
    method: route.method,
    url: route.path,
    config: { role: route.role },
    handler: async (request, reply) => {
      const owner = (request as Authenticated)[OWNER];
      if (owner === undefined) throw new ControlError(401, 'UNAUTHORIZED', 'this call needs a token');
      const call = {
        body: route.method === 'GET' ? {} : read(route.body, request.body ?? {}, 'body'),
        query: read(route.query, request.query ?? {}, 'query') as Readonly<Record<string, unknown>>,
        path: request.params as Readonly<Record<string, string>>,
        actor: owner.name,
        role: owner.role,
      };
      const act = async (): Promise<Sent> => {
        try {
          return { status: 200, body: await route.run(target, call) };
        } catch (error) {
          if (error instanceof ControlError) return { status: error.status, body: bodyOf(error) };
          throw error;
        }
      };
      if (route.method === 'GET') return send(reply, await act());
      const key = request.headers['idempotency-key'];
      const asked = `${request.method} ${request.url} ${JSON.stringify(request.body ?? {})}`;
      const sent = await idempotency.once(typeof key === 'string' ? key : undefined, owner.name, asked, act);
      log.info(`control: ${owner.name} called ${pathOf(request)}`, { role: owner.role, status: sent.status });
      return send(reply, sent);
    },
  });
}

const send = (reply: FastifyReply, { status, body }: Sent): FastifyReply => reply.code(status).send(body);

function read(schema: Route['body'], value: unknown, where: string): unknown {
  if (schema === undefined) return {};
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${[where, ...issue.path].join('.')}: ${issue.message}`,
  );
  throw new ControlError(400, 'BAD_REQUEST', problems.join('; '), 'see GET /v1/openapi.json');
}

interface Problem {
  readonly error: { readonly code: string; readonly message: string; readonly help: string };
}

const problem = (code: string, message: string, help: string): Problem => ({
  error: { code, message: redact(message), help },
});
const bodyOf = ({ code, message, help }: ControlError): Problem => problem(code, message, help);

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  if (error instanceof ControlError) return reply.code(error.status).send(bodyOf(error));
  const { statusCode, message } = error as { readonly statusCode?: number; readonly message?: string };
  if (statusCode !== undefined && statusCode < 500)
    return reply
      .code(statusCode)
      .send(problem('BAD_REQUEST', message ?? 'bad request', 'see GET /v1/openapi.json'));
  log.error(`control: ${request.method} ${pathOf(request)} failed: ${message ?? String(error)}`);
  return reply.code(500).send(problem('INTERNAL', 'the engine could not answer', 'its log says why'));
}
