import type { Observable } from 'rxjs';
import type { ConnectionState } from '../../model/event.js';

/** What the parts of the adapter ask of its wire: one REST client, one WebSocket API session, one clock. */

/** Values as sent: decimals as text, never in exponent notation. Undefined ones are left out. */
export type Params = Readonly<Record<string, string | number | boolean | undefined>>;

/** none: public. key: with the API key. signed: with key, timestamp and signature. */
export type Security = 'none' | 'key' | 'signed';

/**
 * Share of the request budget: cancels and queries that decide about money (`risk`) go first and have a reserve that
 * market data (`market`) and routine queries (`routine`) cannot use up.
 */
export type Lane = 'risk' | 'routine' | 'market';

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its prefix, for example `/api/v3/depth`. */
  readonly path: string;
  readonly params?: Params;
  readonly security: Security;
  /** Request weight by the venue's table. */
  readonly weight: number;
  readonly lane: Lane;
}

export interface BinanceRest {
  /** The parsed answer. Throws a `BinanceError`. A request that may have been carried out is never repeated. */
  call(request: RestRequest): Promise<unknown>;
  /** Like `call`, at once: no pacing stands before it. For orders only; refused locally while the venue told us to wait. */
  order(request: RestRequest): Promise<OrderAnswer>;
}

/**
 * What became of one order request. `answer`: the venue answered definitively, with its result or its error.
 * `not_sent`: it surely did not leave, or the venue says it was not carried out for a reason that is no verdict about
 * the order. `unknown`: everything else; it is resolved by query and never sent again blindly.
 */
export type OrderAnswer =
  | { readonly kind: 'answer'; readonly result: unknown }
  | { readonly kind: 'refused'; readonly code: number; readonly message: string; readonly data: unknown }
  | {
      readonly kind: 'not_sent';
      readonly category: 'network' | 'rate_limit' | 'auth' | 'unavailable';
      readonly reason: string;
    }
  | {
      readonly kind: 'unknown';
      readonly category: 'timeout' | 'network' | 'unavailable' | 'schema';
      readonly reason: string;
    };

export interface WsApiRequest {
  /** For example `order.place`. */
  readonly method: string;
  readonly params?: Params;
  readonly security: Security;
  readonly weight: number;
  readonly lane: Lane;
}

/** A state of a connection, told as it changes. */
export interface LinkStatus {
  readonly state: ConnectionState;
  readonly attempt: number;
  readonly reason: string;
}

/** The WebSocket API: requests, and the user data events that come over the same connection. */
export interface BinanceWsApi {
  /** Replays the present status. `ready`: authenticated and, when asked to, subscribed to user data. */
  readonly status$: Observable<LinkStatus>;
  /**
   * User data events (`event` of `{subscriptionId, event}`), each once also while two connections overlap; not parsed
   * yet. A frame that cannot be read comes as its text: it may have been one.
   */
  readonly events$: Observable<unknown>;
  open(): void;
  close(): void;
  /** Gives the connection up, as if it had been lost; another one is opened. */
  drop(reason: string): void;
  /** Throws a `BinanceError`. */
  call(request: WsApiRequest): Promise<unknown>;
  /**
   * Sends an order request now: one synchronous write, no promise, no pacing. `done` is called exactly once: `unknown`
   * after the time-out, or when the socket is lost after the write.
   */
  order(method: string, params: Params, done: (answer: OrderAnswer) => void): void;
}

/** The venue's clock as we know it. */
export interface VenueClock {
  /** Venue time now, in integer milliseconds, for `timestamp`. */
  now(): number;
  /** Venue minus local clock, milliseconds. */
  readonly offset: number;
  /** Asks the venue; keeps the sample with the smallest round trip. */
  sync(): Promise<void>;
}
