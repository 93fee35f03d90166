import { BehaviorSubject, Subject, type Observable, type Subscription } from 'rxjs';
import { liveSocket } from '../../streams/socket/live-socket.js';
import { SocketError } from '../../streams/socket/socket-error.js';
import type { BrokerFigure } from '../broker.js';
import { BinanceError } from './errors.js';
import type { ConnectionBudget } from './connection-budget.js';
import { binanceHandshake } from './handshake.js';
import { UserEventFilter } from './user-events.js';
import { countsAsOrder } from './weights.js';
import type { BinanceWsApi, LinkStatus, OrderAnswer, Params, WsApiRequest } from './wire.js';
import { WsSession, type SessionDeps } from './ws-session.js';

export interface WsApiDeps extends Pick<
  SessionDeps,
  'options' | 'signer' | 'limits' | 'clock' | 'monotonic' | 'userData'
> {
  readonly connections: ConnectionBudget;
  readonly random: () => number;
}

/**
 * The WebSocket API session: stays up by itself, exchanges its connection before the venue cuts it, and hands on each
 * user data event once. Orders go out by the newest connection that is ready.
 */
export class WsApiClient implements BinanceWsApi {
  readonly #deps: WsApiDeps;
  readonly #status = new BehaviorSubject<LinkStatus>({ state: 'closed', attempt: 0, reason: 'not opened' });
  readonly #events = new Subject<unknown>();
  readonly #filter = new UserEventFilter();
  readonly #counts = { connections: 0, sent: 0, unknown: 0, malformed: 0, late: 0, unassigned: 0 };
  #ready: WsSession | undefined;
  #socket: Subscription | undefined;

  constructor(deps: WsApiDeps) {
    this.#deps = deps;
  }

  get status$(): Observable<LinkStatus> {
    return this.#status.asObservable();
  }

  get events$(): Observable<unknown> {
    return this.#events.asObservable();
  }

  open(): void {
    if (this.#socket !== undefined) return;
    const { options, connections, limits, random } = this.#deps;
    const { timeouts, rotation } = options;
    const socket = liveSocket(
      {
        url: () => options.endpoints.wsApi,
        handshake: timeouts.handshake,
        ready: timeouts.ready,
        silence: timeouts.wsApiSilence,
        ping: 0,
        maxPayload: options.maxPayload,
        classify: binanceHandshake(limits),
        backOff: options.reconnect,
        rotateAfter: rotation.after,
        overlap: rotation.overlap,
        random,
        admit: () => connections.admit(),
      },
      (link) => {
        this.#counts.connections++;
        return new WsSession(link, this.#sessionDeps());
      },
    );
    this.#socket = socket.subscribe({
      next: (status) => this.#status.next(status),
      error: (error: unknown) => this.#failed(error),
    });
  }

  close(): void {
    if (this.#socket === undefined) return;
    this.#socket.unsubscribe();
    this.#socket = undefined;
    this.#status.next({ state: 'closed', attempt: 0, reason: 'closed on our side' });
  }

  drop(reason: string): void {
    this.#ready?.link.fail(new SocketError('timeout', reason));
  }

  call(request: WsApiRequest): Promise<unknown> {
    const { method, params = {}, security, weight, lane } = request;
    return this.#deps.limits.schedule(weight, lane, () => {
      const session = this.#ready;
      if (session === undefined) throw new BinanceError('network', 'the WebSocket API is not ready', true);
      return session.request(method, params, security, weight);
    });
  }

  order(method: string, params: Params, done: (answer: OrderAnswer) => void): void {
    const session = this.#ready;
    if (session === undefined) {
      done(NOT_READY);
      return;
    }
    const { limits } = this.#deps;
    const counts = countsAsOrder(method);
    const refusal = limits.refusal(counts);
    if (refusal !== undefined) {
      done({ kind: 'not_sent', category: 'rate_limit', reason: refusal });
      return;
    }
    const sent = session.order(method, params, counts, (answer) => {
      if (answer.kind === 'unknown') this.#counts.unknown++;
      done(answer);
    });
    if (sent) {
      this.#counts.sent++;
      return;
    }
    if (counts) limits.orders.settled();
    done(NOT_READY);
  }

  figures(): readonly BrokerFigure[] {
    const counter = (
      name: string,
      help: string,
      value: number,
      labels: Record<string, string> = {},
    ): BrokerFigure => ({
      name,
      type: 'counter',
      help,
      labels,
      value,
    });
    const stray = (kind: 'malformed' | 'late' | 'unassigned'): BrokerFigure =>
      counter(
        'ws_api_stray_frames_total',
        'Frames of the WebSocket API that fit no request.',
        this.#counts[kind],
        {
          kind,
        },
      );
    return [
      counter(
        'ws_api_connections_total',
        'Connections to the WebSocket API begun.',
        this.#counts.connections,
      ),
      counter('ws_api_orders_sent_total', 'Order requests written.', this.#counts.sent),
      counter(
        'ws_api_orders_unknown_total',
        'Order requests whose outcome was unknown.',
        this.#counts.unknown,
      ),
      counter('user_events_duplicate_total', 'Copies of user data events left out.', this.#filter.dropped),
      stray('malformed'),
      stray('late'),
      stray('unassigned'),
    ];
  }

  #sessionDeps(): SessionDeps {
    const { options, signer, limits, clock, monotonic, userData } = this.#deps;
    return {
      options,
      signer,
      limits,
      clock,
      monotonic,
      userData,
      onReady: (session) => {
        this.#ready = session;
      },
      onEvent: (session, event) => {
        if (this.#filter.take(session.link.id, event)) this.#events.next(event);
      },
      onUserData: (session, live, reason) => {
        if (session === this.#ready)
          this.#status.next({ state: live ? 'ready' : 'degraded', attempt: 0, reason });
      },
      onClosed: (session) => {
        if (session === this.#ready) this.#ready = undefined;
      },
      onStray: (kind) => {
        this.#counts[kind]++;
      },
      onUnreadable: (session, text) => {
        this.#counts.malformed++;
        if (session === this.#ready) this.#events.next(text.slice(0, LONGEST_SAMPLE));
      },
    };
  }

  /** Final: a refused key. Anything else that ends the socket is a defect of ours and must not pass unseen. */
  #failed(error: unknown): void {
    this.#socket = undefined;
    this.#ready = undefined;
    if (!(error instanceof SocketError)) throw error;
  }
}

/** Characters of an unreadable frame that are handed on. */
const LONGEST_SAMPLE = 500;

const NOT_READY: OrderAnswer = {
  kind: 'not_sent',
  category: 'network',
  reason: 'the WebSocket API is not ready',
};
