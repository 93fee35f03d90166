import { SocketError } from '../../streams/socket/socket-error.js';
import type { SocketHandler, SocketLink } from '../../streams/socket/socket.js';
import type { SyncedClock } from './clock.js';
import { CODES } from './error-codes.js';
import { banLeft } from './error-text.js';
import { BinanceError, fromSocket, readError, venueError, type VenueError } from './errors.js';
import { logonParams, plainParams, requestFrame, sessionParams, SignedParams } from './frames.js';
import type { RequestLimits } from './limits.js';
import type { BinanceOptions } from './options.js';
import { PendingOrder, PendingRead, type Pending, type WsAnswer } from './pending.js';
import type { Signer } from './sign.js';
import { WEIGHTS } from './weights.js';
import type { OrderAnswer, Params, Security } from './wire.js';

export interface SessionDeps {
  readonly options: BinanceOptions;
  readonly signer: Signer | undefined;
  readonly limits: RequestLimits;
  readonly clock: SyncedClock;
  readonly monotonic: () => number;
  /** Subscribe to user data after authentication. */
  readonly userData: boolean;
  readonly onReady: (session: WsSession) => void;
  readonly onEvent: (session: WsSession, event: unknown) => void;
  /** User data stopped or came back although the socket is up. */
  readonly onUserData: (session: WsSession, live: boolean, reason: string) => void;
  readonly onClosed: (session: WsSession) => void;
  /** A frame that belongs to nothing. */
  readonly onStray: (kind: 'late' | 'unassigned') => void;
  /** A frame that cannot be read: it may have been an answer, which is waited for, or a user event, which is lost. */
  readonly onUnreadable: (session: WsSession, text: string) => void;
}

/** How often time-outs are looked for, as a share of the shortest; no timer is made per request. */
const SWEEPS = 20;

/** One WebSocket API connection: log on, subscribe, match answers to requests, hand on events. */
export class WsSession implements SocketHandler {
  readonly link: SocketLink;
  readonly #deps: SessionDeps;
  readonly #pending = new Map<number, Pending>();
  #signed: SignedParams | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #lastId = 0;
  #loggedOn = false;
  #resubscribing = false;

  constructor(link: SocketLink, deps: SessionDeps) {
    this.link = link;
    this.#deps = deps;
  }

  opened(): void {
    const { timeouts } = this.#deps.options;
    this.#deps.limits.spend(WEIGHTS[this.#deps.options.market].connect);
    const every = Math.max(5, Math.min(timeouts.order, timeouts.request) / SWEEPS);
    this.#sweep = setInterval(() => this.#expire(), every);
    this.#start().then(
      () => {
        if (!this.link.open) return;
        this.#deps.onReady(this);
        this.link.ready();
      },
      (error: unknown) => this.link.fail(socketError(error)),
    );
  }

  message(data: Buffer): void {
    const text = data.toString('utf8');
    let frame: unknown;
    try {
      frame = JSON.parse(text);
    } catch {
      // told below
    }
    if (typeof frame !== 'object' || frame === null) this.#deps.onUnreadable(this, text);
    else if ('event' in frame) this.#event(frame.event);
    else this.#answer(frame as Readonly<Record<string, unknown>>);
  }

  closed(error: SocketError | undefined): void {
    clearInterval(this.#sweep);
    this.#deps.onClosed(this);
    const cause = fromSocket(error ?? new SocketError('network', 'the connection was closed on our side'));
    const lost = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of lost) this.#settled(pending);
    const thrown: unknown[] = [];
    for (const pending of lost) {
      try {
        pending.lost(cause);
      } catch (failure) {
        thrown.push(failure); // the others must learn of it all the same
      }
    }
    if (thrown.length > 0) throw thrown[0];
  }

  busy(): boolean {
    return this.#pending.size > 0;
  }

  /** Sends a read now. Rejects with a {@link BinanceError}. */
  request(method: string, params: Params, security: Security, weight: number): Promise<unknown> {
    return this.#ask(method, this.#params(params, security), weight);
  }

  /** Sends an order now. False: the socket is not open and nothing left. `counts`: it is in the order count. */
  order(method: string, params: Params, counts: boolean, done: (answer: OrderAnswer) => void): boolean {
    const { clock, options, monotonic } = this.#deps;
    const id = ++this.#lastId;
    const frame = requestFrame(id, method, this.#params(params, 'signed'));
    if (!this.link.send(frame)) return false;
    this.#pending.set(
      id,
      new PendingOrder(method, counts, clock.now(), monotonic() + options.timeouts.order, done),
    );
    return true;
  }

  #params(params: Params, security: Security): string {
    const { signer, clock, options } = this.#deps;
    if (security === 'none') return plainParams(params, undefined);
    if (signer === undefined)
      throw new BinanceError('auth', 'this request needs an API key: give the broker credentials', false);
    if (security === 'key') return plainParams(params, this.#loggedOn ? undefined : signer.apiKey);
    if (this.#loggedOn) return sessionParams(params, clock.now(), options.recvWindow);
    this.#signed ??= new SignedParams(signer, options.recvWindow);
    return this.#signed.build(params, clock.now());
  }

  #ask(method: string, params: string, weight: number): Promise<unknown> {
    const { clock, options, monotonic } = this.#deps;
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      if (!this.link.send(requestFrame(id, method, params))) {
        reject(new BinanceError('network', 'the WebSocket API is not connected', true));
        return;
      }
      const late = (waited: number): BinanceError =>
        new BinanceError('timeout', `Binance did not answer ${method} within ${waited} ms`, true);
      const deadline = monotonic() + options.timeouts.request;
      this.#pending.set(id, new PendingRead(method, weight, clock.now(), deadline, resolve, reject, late));
    });
  }

  async #start(): Promise<void> {
    const { signer, userData, clock } = this.#deps;
    if (signer === undefined) return;
    if (!clock.synced) await clock.sync();
    if (signer.type === 'ed25519') {
      await this.#timed(() => this.#logon('session.logon', signer));
      this.#loggedOn = true;
    }
    if (userData) await this.#subscribe(signer);
  }

  async #subscribe(signer: Signer): Promise<void> {
    try {
      await this.#timed(() =>
        signer.type === 'ed25519'
          ? this.#ask('userDataStream.subscribe', '', WEIGHTS.spot.subscribe)
          : this.#logon('userDataStream.subscribe.signature', signer),
      );
    } catch (error) {
      if (!(error instanceof BinanceError && error.code === CODES.SUBSCRIPTION_ACTIVE)) throw error;
    }
  }

  #logon(method: string, signer: Signer): Promise<unknown> {
    const { clock, options, limits } = this.#deps;
    limits.spend(WEIGHTS.spot.session);
    return this.#ask(method, logonParams(signer, clock.now(), options.recvWindow), WEIGHTS.spot.session);
  }

  /** Once more with a fresh clock when the venue says that our time is off. */
  async #timed(ask: () => Promise<unknown>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      if (!(error instanceof BinanceError && error.code === CODES.TIMESTAMP)) throw error;
      await this.#deps.clock.sync();
      await ask();
    }
  }

  #event(event: unknown): void {
    const kind = typeof event === 'object' && event !== null && 'e' in event ? event.e : undefined;
    if (kind === 'serverShutdown') this.link.rotate('the venue announced a shutdown');
    this.#deps.onEvent(this, event);
    if (kind === 'eventStreamTerminated') this.#resubscribe();
  }

  /** The venue ended the user data stream but left the socket open. */
  #resubscribe(): void {
    const { signer, userData, onUserData } = this.#deps;
    if (signer === undefined || !userData || this.#resubscribing) return;
    this.#resubscribing = true;
    onUserData(this, false, 'the venue ended the user data stream; subscribing again');
    this.#subscribe(signer).then(
      () => {
        this.#resubscribing = false;
        onUserData(this, true, 'user data subscribed again; events in between were missed');
      },
      (error: unknown) => this.link.fail(socketError(error)),
    );
  }

  #answer(frame: Readonly<Record<string, unknown>>): void {
    const { id, status } = frame;
    const error = venueError(frame['error']);
    if (typeof id !== 'number' || typeof status !== 'number') {
      this.#unassigned(typeof status === 'number' ? status : 0, error);
      return;
    }
    const pending = this.#pending.get(id);
    const wait = this.#told(error);
    if (pending !== undefined) this.#settled(pending);
    this.#learn(frame['rateLimits'], pending, status, error?.code ?? 0, wait);
    if (pending === undefined) {
      this.#deps.onStray('late');
      return;
    }
    this.#pending.delete(id);
    if (error?.code === CODES.TIMESTAMP && pending instanceof PendingOrder)
      this.#deps.clock.sync().catch(() => undefined); // counted by the clock
    const answer: WsAnswer = { status, result: frame['result'], error, retryAfter: wait };
    pending.answered(answer);
  }

  #learn(
    rateLimits: unknown,
    pending: Pending | undefined,
    status: number,
    code: number,
    wait: number,
  ): void {
    const { limits } = this.#deps;
    if (rateLimits !== undefined && pending !== undefined)
      limits.fromRateLimits(rateLimits, pending.sentAt, pending.weight);
    if (status > 399) limits.refused(status, code, wait);
  }

  /** Milliseconds the venue asks to wait: as data, or in words. */
  #told(error: VenueError | undefined): number {
    return error === undefined
      ? 0
      : Math.max(retryAfter(error), banLeft(error.message, this.#deps.clock.now()));
  }

  /** An error that belongs to no request: above all a key that was revoked in mid-session. */
  #unassigned(status: number, error: VenueError | undefined): void {
    this.#deps.onStray('unassigned');
    if (error === undefined) return;
    const failure = readError(status, error, this.#told(error));
    if (failure.category === 'auth') this.link.fail(socketError(failure));
    else if (failure.category === 'rate_limit')
      this.#deps.limits.refused(status, error.code, failure.retryAfter);
  }

  /** Before the venue's count is read: from now on the order is in it. */
  #settled(pending: Pending): void {
    if (pending.counts) this.#deps.limits.orders.settled();
  }

  #expire(): void {
    const now = this.#deps.monotonic();
    const { timeouts } = this.#deps.options;
    for (const [id, pending] of this.#pending) {
      if (pending.deadline > now) continue;
      this.#pending.delete(id);
      this.#settled(pending);
      pending.timedOut(pending instanceof PendingOrder ? timeouts.order : timeouts.request);
    }
  }
}

/** 429 and 418 carry `{serverTime, retryAfter}`, both in milliseconds since the epoch. */
function retryAfter(error: VenueError): number {
  if (typeof error.data !== 'object' || error.data === null) return 0;
  const { serverTime, retryAfter: until } = error.data as { serverTime?: unknown; retryAfter?: unknown };
  return typeof serverTime === 'number' && typeof until === 'number' ? Math.max(0, until - serverTime) : 0;
}

/** Why a connection could not be made ready. Only a refused key or signature is final. */
function socketError(error: unknown): SocketError {
  if (!(error instanceof BinanceError)) throw error;
  return new SocketError(error.category, error.message, error.retryAfter, error.httpStatus);
}
