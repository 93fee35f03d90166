import type { Micros } from '../../model/time.js';
import type { Transport, JournalEntry, Audit } from './audit-types.js';
import type { AccountConfig, KeyConfig } from './config.js';
import type {
  TimeUnit,
  UserEvent,
  PublicTrade,
  PublicTop,
  PublicEvent,
  DepthSnapshot,
  Kline,
} from './event-types.js';

export type * from './audit-types.js';
export type * from './event-types.js';

/**
 * The seams of the emulated exchange. The core (accounts, orders, matching, limits, operations) stands behind
 * {@link Exchange}; servers (REST, WebSocket API, streams) and the market that plays on it know only these types.
 */

/** The venue's clock. Skew shifts it against the clock of the machine. */
export interface ExchangeClock {
  /** Integer microseconds since the epoch, skew included; never goes back by itself. */
  micros(): Micros;
  /** Integer milliseconds since the epoch, skew included. */
  millis(): number;
  /** Milliseconds the venue is ahead of the machine. */
  skewMs: number;
}

// ---- requests ---------------------------------------------------------------------------------------------------

/** Parameters by name, all as text: numbers and booleans of JSON as written, arrays as JSON text. */
export type Params = Readonly<Record<string, string>>;

/** One request, whatever it came through. */
export interface ApiRequest {
  readonly transport: Transport;
  readonly operation: Operation;
  readonly params: Params;
  /** What the signature was computed over, `signature` itself left out: see `restPayload` and `wsPayload`. */
  readonly payload: string;
  /** REST: the `X-MBX-APIKEY` header. WebSocket API: `params.apiKey`. */
  readonly apiKey: string | undefined;
  /** Set on a WebSocket API connection that logged on: key and signature are not asked for again. */
  readonly session: Caller | undefined;
  readonly ip: string;
  readonly timeUnit: TimeUnit;
}

/** Who asks. `account` is undefined for public operations. */
export interface Caller {
  readonly accountId: string | undefined;
  readonly apiKey: string | undefined;
  readonly ip: string;
  readonly transport: Transport;
  readonly timeUnit: TimeUnit;
  /** Arrival of the request by the venue's clock. */
  readonly at: Micros;
}

/** none: public. key: with an API key. signed: key, timestamp and signature. */
export type Security = 'none' | 'key' | 'signed';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One call of the venue; the REST router and the WebSocket API dispatch to the same ones. */
export interface Operation {
  /** The WebSocket API's method name (`order.place`, `depth`); for calls only REST has, a name in the same style. */
  readonly name: string;
  readonly rest: { readonly method: HttpMethod; readonly path: string } | undefined;
  /** False: REST only. */
  readonly ws: boolean;
  readonly security: Security;
  /** `trade`: needs a key that may trade. */
  readonly permission: 'read' | 'trade';
  /** Request weight of these parameters. */
  weight(params: Params): number;
  /** How much it adds to the account's order count before it runs. */
  orderCount(params: Params): number;
  /** Its weight is given back when it succeeds: orders and cancels. */
  readonly freeOnSuccess?: boolean;
  /** Body of the answer. Throws an {@link ApiError}. Synchronous: the order of calls is the order of events. */
  run(params: Params, caller: Caller): unknown;
}

/** Used and allowed of one window, as `rateLimits` of the WebSocket API and the headers of REST tell it. */
export interface LimitState {
  readonly rateLimitType: 'REQUEST_WEIGHT' | 'ORDERS' | 'RAW_REQUESTS' | 'CONNECTIONS';
  readonly interval: 'SECOND' | 'MINUTE' | 'HOUR' | 'DAY';
  readonly intervalNum: number;
  readonly limit: number;
  readonly count: number;
}

/** An answer before it is written to a transport. */
export interface ApiResponse {
  /** HTTP status; `status` of the WebSocket API. */
  readonly status: number;
  /** The result; for errors `{ code, msg, data? }`. */
  readonly body: unknown;
  /** Limits of the caller after this request: weight always, orders when the request touched them. */
  readonly limits: readonly LimitState[];
  /** Seconds, with 429 and 418. */
  readonly retryAfter: number | undefined;
}

/** How a handled request ends: with an answer, or (by a fault) without one. */
export type Outcome =
  | { readonly kind: 'answer'; readonly response: ApiResponse }
  /** The transport says nothing; `close`: and drops the connection. */
  | { readonly kind: 'silence'; readonly close: boolean };

// ---- faults -----------------------------------------------------------------------------------------------------

/** What a fault does to one request. `execute: false` only counts before the operation. */
export interface FaultAction {
  /** Wait before going on (before the operation, or before the answer). */
  readonly delayMs?: number;
  /** Say this instead. Before the operation: it does not run. After: it has run. */
  readonly answer?: { readonly status: number; readonly body: unknown; readonly retryAfter?: number };
  /** Say nothing. Before the operation: it does not run. After: it has run and the answer is lost. */
  readonly silence?: 'keep' | 'close';
}

/** The one place faults come in. All members are optional; undefined means no fault. */
export interface FaultPoint {
  /** The request arrived; nothing is checked yet. */
  before?(request: ApiRequest): FaultAction | undefined;
  /** The operation has run (or was refused); its answer is not yet written. */
  after?(request: ApiRequest, response: ApiResponse): FaultAction | undefined;
}

// ---- the market that plays on the exchange ----------------------------------------------------------------------

/** `[price, quantity, price, quantity, ...]`; quantity 0 removes a level. */
export type LevelChanges = readonly number[];

/**
 * How a simulated or recorded market reaches the matching engine. The market's quantity at each price is its own;
 * accounts' orders stand beside it in the public book, and go first at the same price.
 */
export interface MarketPort {
  /** Sets the market's own quantity at prices. Accounts' orders it crosses are filled. `snapshot` replaces all levels. */
  levels(symbol: string, bids: LevelChanges, asks: LevelChanges, snapshot?: boolean): void;
  /**
   * An order of the market that takes: it walks accounts' orders and the market's own levels up to `limit` and what it
   * does not find is dropped. Returns the quantity taken. For seeded order flow.
   */
  take(symbol: string, side: 'BUY' | 'SELL', quantity: number, limit?: number): number;
  /**
   * A trade that happened elsewhere (a recorded capture): fills accounts' orders that it reaches up to its quantity,
   * and is published with what is left. The market's levels are not changed: the capture's own depth does that.
   */
  print(symbol: string, price: number, quantity: number, buyerIsMaker: boolean): void;
  /** The market's own quantity at a price now: what it set, less what was taken from it. 0 where it has none. */
  own(symbol: string, side: 'BUY' | 'SELL', price: number): number;
  /** TRADING, HALT, BREAK, END_OF_DAY or CANCEL_ONLY. */
  status(symbol: string, status: SymbolStatus): void;
}

export type SymbolStatus = 'TRADING' | 'END_OF_DAY' | 'HALT' | 'BREAK' | 'CANCEL_ONLY';

// ---- the exchange -------------------------------------------------------------------------------------------------

export interface Exchange {
  readonly clock: ExchangeClock;
  readonly symbols: readonly string[];
  readonly accountIds: readonly string[];
  readonly operations: ReadonlyMap<string, Operation>;
  readonly market: MarketPort;
  readonly audit: Audit;
  /** May be replaced at any time. */
  faults: FaultPoint;
  /** For how long after it was placed an order is not found by queries (-2013): a fault of the venue. 0: never. */
  orderVisibilityMs: number;

  /**
   * Limits, authentication, faults, the operation, the journal. `done` is called once, synchronously unless a fault
   * delays. Never throws.
   */
  handle(request: ApiRequest, done: (outcome: Outcome) => void): void;
  /**
   * The check of key, time stamp and signature alone, for `session.logon` and `userDataStream.subscribe.signature`.
   * Throws an `ApiError`.
   */
  authenticate(request: Omit<ApiRequest, 'operation'>, security: Security): Caller;
  /** Adds weight outside an operation (connecting: 2). Returns what the caller has used, or throws an `ApiError` (429, 418). */
  charge(ip: string, weight: number): readonly LimitState[];

  /** Events of all accounts in the order they happened; called synchronously. Returns the way to stop. */
  onUserEvent(listener: (accountId: string, event: UserEvent) => void): () => void;
  /** Public market events in order; called synchronously after each change. Returns the way to stop. */
  onMarket(listener: (event: PublicEvent) => void): () => void;

  depth(symbol: string, limit: number): DepthSnapshot;
  top(symbol: string): PublicTop;
  /** Newest last; throws an `ApiError` for an unknown symbol. */
  recentTrades(symbol: string, limit: number): readonly PublicTrade[];
  /** Candles before the exchange started, oldest first, of one interval; for warm-up. */
  seedKlines(symbol: string, interval: string, klines: readonly Kline[]): void;
  /** The candle of now, also when nothing has traded in it. `interval` as Binance writes it. */
  currentKline(symbol: string, interval: string): Kline | undefined;

  journal(): readonly JournalEntry[];
  /** Changes a balance from outside, as a deposit or (negative) withdrawal; tells it by `balanceUpdate`. */
  deposit(accountId: string, asset: string, amount: string): void;
  /** Throws RangeError when the id or a key is taken. */
  addAccount(account: AccountConfig): void;
  /** Throws RangeError when the account is unknown or the key is taken. */
  addKey(accountId: string, key: KeyConfig): void;
  /** Ends the API key: later requests answer -2015, user data streams end. */
  revokeKey(apiKey: string): void;
  onKeyRevoked(listener: (apiKey: string) => void): () => void;
}
