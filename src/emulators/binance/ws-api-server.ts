import { seededRandom, type Random } from '../../model/random.js';
import { ApiError } from './api-error.js';
import { notEmulated } from './errors.js';
import type { Connection } from './net/connection.js';
import type { ChannelServer } from './net/connections.js';
import { wsPayload } from './signature.js';
import { wireTime } from './text.js';
import type { ApiRequest, ApiResponse, Exchange, Outcome, TimeUnit, UserEvent } from './types.js';
import { parseWsRequest, type WsRequest, type WsRequestId } from './ws-api/request.js';
import { WsSession, type UserSubscription } from './ws-api/session.js';

const PATH = /^(?:\/.*)?\/ws-api\/v3\/?$/;

/** True when a path is the one of the WebSocket API. */
export function isWsApiPath(path: string): boolean {
  return PATH.test(path);
}

/** What comes first on one connection: the answer to a request or the user events it caused. The venue promises nothing. */
export type AnswerOrder = 'answer_first' | 'events_first' | 'mixed';

/** The WebSocket API: requests, sessions and user data streams on one connection. */
export class WsApiServer implements ChannelServer {
  readonly #exchange: Exchange;
  readonly #sessions = new Map<Connection, WsSession>();
  readonly #random: Random;
  readonly #stops: readonly (() => void)[];
  answerOrder: AnswerOrder;

  constructor(exchange: Exchange, answerOrder: AnswerOrder, seed: number) {
    this.#exchange = exchange;
    this.answerOrder = answerOrder;
    this.#random = seededRandom(seed);
    this.#stops = [
      exchange.onUserEvent((accountId, event) => this.#userEvent(accountId, event)),
      exchange.onKeyRevoked((apiKey) => this.#revoked(apiKey)),
    ];
  }

  opened(connection: Connection, url: URL): void {
    const limits = url.searchParams.get('returnRateLimits') !== 'false';
    const session = new WsSession(connection, this.#exchange.clock, limits, (_, s) =>
      this.#terminated(session, s),
    );
    this.#sessions.set(connection, session);
    try {
      this.#exchange.charge(connection.ip, 2);
    } catch (error) {
      connection.close(1008, error instanceof ApiError ? error.message.slice(0, 120) : 'Too many requests');
    }
  }

  message(connection: Connection, text: string): void {
    const session = this.#sessions.get(connection);
    if (session === undefined) return;
    const request = parseWsRequest(text);
    if (!('method' in request)) {
      const { id, code, msg } = request;
      connection.send(JSON.stringify({ id, status: 400, error: { code, msg } }), 'answer', 'error');
      return;
    }
    this.#handle(session, request);
  }

  closed(connection: Connection): void {
    this.#sessions.delete(connection);
  }

  /** Accounts a connection gets user events of. */
  subscriptions(connection: Connection): readonly string[] {
    return [...(this.#sessions.get(connection)?.subscriptions.values() ?? [])].map(
      ({ accountId }) => accountId,
    );
  }

  announceShutdown(): void {
    for (const { connection } of this.#sessions.values()) {
      const at = wireTime(this.#exchange.clock.micros(), connection.timeUnit);
      connection.send(`{"event":{"e":"serverShutdown","E":${at}}}`, 'control', 'serverShutdown');
    }
  }

  /** Ends user data streams (of one account) as the venue may at any time: the sockets stay open. */
  endUserStreams(accountId?: string): number {
    let count = 0;
    for (const session of this.#sessions.values()) {
      for (const subscription of [...session.subscriptions.values()]) {
        if (accountId !== undefined && subscription.accountId !== accountId) continue;
        session.end(subscription);
        count++;
      }
    }
    return count;
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  #handle(session: WsSession, request: WsRequest): void {
    const { id, method, params } = request;
    const operation = session.operations.get(method) ?? this.#exchange.operations.get(method);
    if (operation === undefined || !operation.ws) {
      const error = notEmulated(`WebSocket API method ${method.slice(0, 64)}`);
      session.connection.send(
        JSON.stringify({ id, status: error.status, error: error.body() }),
        'answer',
        method,
      );
      return;
    }
    const apiKey = params['apiKey'];
    const wire: ApiRequest = {
      transport: 'ws',
      operation,
      params: withoutReturnRateLimits(params),
      payload: wsPayload(params),
      apiKey: apiKey ?? session.apiKey,
      session: apiKey === undefined ? session.caller : undefined,
      ip: session.connection.ip,
      timeUnit: session.connection.timeUnit,
    };
    const first =
      this.answerOrder === 'answer_first' || (this.answerOrder === 'mixed' && this.#random() < 0.5);
    if (first) session.waiting ??= [];
    this.#exchange.handle(wire, (outcome) => this.#answer(session, request, outcome));
    const waiting = session.waiting ?? [];
    session.waiting = undefined;
    for (const say of waiting) say();
  }

  #answer({ connection, returnRateLimits }: WsSession, request: WsRequest, outcome: Outcome): void {
    if (outcome.kind === 'silence') {
      if (outcome.close) connection.cut();
      return;
    }
    const limits = request.returnRateLimits ?? returnRateLimits;
    const text = this.#responseText(request.id, outcome.response, limits, connection.timeUnit);
    connection.send(text, 'answer', request.method);
  }

  #responseText(id: WsRequestId, response: ApiResponse, limits: boolean, unit: TimeUnit): string {
    const { status, body, retryAfter } = response;
    const rateLimits = limits ? { rateLimits: response.limits } : {};
    if (status === 200) return JSON.stringify({ id, status, result: body, ...rateLimits });
    const serverTime = this.#exchange.clock.micros();
    const data =
      retryAfter === undefined
        ? {}
        : {
            data: {
              serverTime: wireTime(serverTime, unit),
              retryAfter: wireTime(serverTime + retryAfter * 1_000_000, unit),
            },
          };
    return JSON.stringify({ id, status, error: { ...data, ...(body as object) }, ...rateLimits });
  }

  #userEvent(accountId: string, event: UserEvent): void {
    if (event.type === 'eventStreamTerminated') return; // told where a subscription ends, with its id
    const bodies: Partial<Record<TimeUnit, string>> = {};
    for (const session of this.#sessions.values()) {
      for (const subscription of session.subscriptions.values()) {
        if (subscription.accountId !== accountId) continue;
        const unit = session.connection.timeUnit;
        const body = (bodies[unit] ??= JSON.stringify(event.body(unit)));
        const text = `{"subscriptionId":${subscription.id},"event":${body}}`;
        const say = (): void => session.connection.send(text, 'user', event.type);
        if (session.waiting === undefined) say();
        else session.waiting.push(say);
      }
    }
  }

  #terminated({ connection }: WsSession, { id }: UserSubscription): void {
    const at = wireTime(this.#exchange.clock.micros(), connection.timeUnit);
    const text = `{"subscriptionId":${id},"event":{"e":"eventStreamTerminated","E":${at}}}`;
    connection.send(text, 'user', 'eventStreamTerminated');
  }

  #revoked(apiKey: string): void {
    for (const session of this.#sessions.values()) {
      if (!session.revoked(apiKey)) continue;
      const error = { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' };
      session.connection.send(JSON.stringify({ id: null, status: 401, error }), 'answer', 'session');
    }
  }
}

function withoutReturnRateLimits(params: WsRequest['params']): WsRequest['params'] {
  if (params['returnRateLimits'] === undefined) return params;
  return Object.fromEntries(Object.entries(params).filter(([name]) => name !== 'returnRateLimits'));
}
