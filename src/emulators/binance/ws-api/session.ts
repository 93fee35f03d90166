import { ApiError } from '../api-error.js';
import type { Connection } from '../net/connection.js';
import { wireTime } from '../text.js';
import type { Caller, ExchangeClock, Operation, Params } from '../types.js';

/** Subscriptions of one connection in its life. */
const MOST_SUBSCRIPTIONS = 65_535;
const MOST_ACTIVE = 1_000;

export interface UserSubscription {
  readonly id: number;
  readonly accountId: string;
  readonly apiKey: string;
  /** Made by the session, and ends with it. */
  readonly bySession: boolean;
}

interface LogOn {
  readonly caller: Caller;
  readonly apiKey: string;
  readonly accountId: string;
  readonly since: number;
}

/** One connection of the WebSocket API: who logged on, and which user data streams it gets. */
export class WsSession {
  readonly connection: Connection;
  readonly subscriptions: Map<number, UserSubscription> = new Map<number, UserSubscription>();
  readonly operations: ReadonlyMap<string, Operation>;
  returnRateLimits: boolean;
  /** Events that wait for the answer of the request that caused them. */
  waiting: (() => void)[] | undefined;
  readonly #clock: ExchangeClock;
  readonly #since: number;
  readonly #ended: (session: WsSession, subscription: UserSubscription) => void;
  #logOn: LogOn | undefined;
  #ids = 0;

  /** `ended` is told of every subscription that ends by a request. */
  constructor(
    connection: Connection,
    clock: ExchangeClock,
    returnRateLimits: boolean,
    ended: (session: WsSession, subscription: UserSubscription) => void,
  ) {
    this.connection = connection;
    this.returnRateLimits = returnRateLimits;
    this.#clock = clock;
    this.#since = clock.micros();
    this.#ended = ended;
    this.operations = new Map(
      [
        this.#operation('session.logon', 'signed', (params, caller) => this.#logon(params, caller)),
        this.#operation('session.status', 'none', () => this.#status()),
        this.#operation('session.logout', 'none', () => this.#logout()),
        this.#operation('session.subscriptions', 'none', () =>
          [...this.subscriptions.keys()].map((subscriptionId) => ({ subscriptionId })),
        ),
        this.#operation('userDataStream.subscribe', 'none', () => this.#subscribeSession()),
        this.#operation('userDataStream.subscribe.signature', 'signed', (_, { accountId, apiKey }) =>
          this.#subscribe(accountId ?? '', apiKey ?? '', false),
        ),
        this.#operation('userDataStream.unsubscribe', 'none', (params) => this.#unsubscribe(params)),
      ].map((operation) => [operation.name, operation]),
    );
  }

  /** Set once the connection logged on. */
  get caller(): Caller | undefined {
    return this.#logOn?.caller;
  }

  get apiKey(): string | undefined {
    return this.#logOn?.apiKey;
  }

  /** The key is no longer valid: the session and its subscriptions end. Returns true when the session had used it. */
  revoked(apiKey: string): boolean {
    for (const subscription of [...this.subscriptions.values()])
      if (subscription.apiKey === apiKey) this.end(subscription);
    if (this.#logOn?.apiKey !== apiKey) return false;
    this.#logOn = undefined;
    return true;
  }

  end(subscription: UserSubscription): void {
    if (this.subscriptions.delete(subscription.id)) this.#ended(this, subscription);
  }

  #operation(
    name: string,
    security: Operation['security'],
    run: (params: Params, caller: Caller) => unknown,
  ): Operation {
    return {
      name,
      rest: undefined,
      ws: true,
      security,
      permission: 'read',
      weight: () => 2,
      orderCount: () => 0,
      run,
    };
  }

  #logon(params: Params, caller: Caller): unknown {
    if (/^[0-9a-fA-F]{64}$/.test(params['signature'] ?? ''))
      throw new ApiError(400, -4056, 'HMAC_SHA256 API key is not supported.');
    const { accountId, apiKey } = caller;
    if (accountId === undefined || apiKey === undefined) throw denied();
    this.#logOn = { caller, apiKey, accountId, since: this.#clock.micros() };
    return this.#status();
  }

  #status(): unknown {
    const unit = this.connection.timeUnit;
    return {
      apiKey: this.#logOn?.apiKey ?? null,
      authorizedSince: this.#logOn === undefined ? null : wireTime(this.#logOn.since, unit),
      connectedSince: wireTime(this.#since, unit),
      returnRateLimits: this.returnRateLimits,
      serverTime: wireTime(this.#clock.micros(), unit),
      userDataStream: this.subscriptions.size > 0,
    };
  }

  #logout(): unknown {
    for (const subscription of [...this.subscriptions.values()])
      if (subscription.bySession) this.end(subscription);
    this.#logOn = undefined;
    return this.#status();
  }

  #subscribeSession(): unknown {
    if (this.#logOn === undefined) throw denied();
    return this.#subscribe(this.#logOn.accountId, this.#logOn.apiKey, true);
  }

  #subscribe(accountId: string, apiKey: string, bySession: boolean): unknown {
    for (const active of this.subscriptions.values())
      if (active.accountId === accountId)
        throw new ApiError(400, -2035, 'User Data Stream subscription already active.');
    if (this.#ids >= MOST_SUBSCRIPTIONS || this.subscriptions.size >= MOST_ACTIVE)
      throw new ApiError(400, -1191, 'Too many subscriptions on this connection.');
    const id = this.#ids++;
    this.subscriptions.set(id, { id, accountId, apiKey, bySession });
    return { subscriptionId: id };
  }

  #unsubscribe(params: Params): unknown {
    const given = params['subscriptionId'];
    const found = [...this.subscriptions.values()].filter(
      ({ id }) => given === undefined || String(id) === given,
    );
    if (found.length === 0 && given !== undefined)
      throw new ApiError(400, -2036, 'User Data Stream subscription not active.');
    for (const subscription of found) this.end(subscription);
    return {};
  }
}

function denied(): ApiError {
  return new ApiError(401, -2015, 'Invalid API-key, IP, or permissions for action.');
}
