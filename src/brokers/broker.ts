import type { Observable } from 'rxjs';
import type { Command } from '../model/command.js';
import type {
  AccountEvent,
  BarEvent,
  BrokerErrorCategory,
  ConnectionEvent,
  DispatchEvent,
  ExecutionEvent,
  GapEvent,
  MarketEvent,
  OutcomeEvent,
} from '../model/event.js';
import type { OrderType, TimeInForce } from '../model/instrument.js';
import type { InstrumentInput } from '../model/instruments.js';
import type { Order } from '../model/order.js';
import type { Micros } from '../model/time.js';

/** One request to a venue: the approved command, its write-ahead record, and the order as State knows it. */
export interface BrokerCommand {
  readonly command: Command;
  readonly dispatch: DispatchEvent;
  readonly order: Order;
}

export interface MarketSubscription {
  readonly source: string;
  readonly instruments: readonly string[];
  readonly emit: readonly MarketEvent['kind'][];
  /** Length of bars, where bars are asked for. Default one minute. */
  readonly every?: Micros;
}

export interface BrokerPosition {
  readonly account: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly averagePrice: string;
}

/** Which fills are wanted: those of these instruments at or after `since` (venue time). */
export interface FillsQuery {
  readonly since: Micros;
  readonly instruments: readonly string[];
}

/** One order, by whichever id is known (the other is empty). */
export interface OrderQuery {
  readonly instrument: string;
  readonly clientOrderId: string;
  readonly venueOrderId: string;
}

/** Stored bars of one instrument with `start` in [from, to). */
export interface HistoryRequest {
  readonly source: string;
  readonly instrument: string;
  readonly every: Micros;
  readonly from: Micros;
  readonly to: Micros;
  /** Called with the share done, 0 to 1. */
  readonly onProgress?: (done: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * How to cancel every open order of the account from another thread with a session of its own, when this one hangs.
 * Plain data: `module` exports `cancelEverything(options): Promise<PanicReport>`.
 */
export interface PanicTask {
  readonly module: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface PanicReport {
  readonly cancelled: number;
  /** True only when the venue said afterwards that no order is open. */
  readonly verified: boolean;
  readonly reason: string;
}

/** What account and key may do, as far as the venue tells; undefined: it does not. */
export interface BrokerPermissions {
  /** The account may trade at all. */
  readonly canTrade: boolean;
  readonly accountType: string;
  /** The key may place orders. */
  readonly keyCanTrade: boolean | undefined;
  /** The key may move money out. A trading key should not. */
  readonly keyCanWithdraw: boolean | undefined;
  /** The key works from listed addresses only. A trading key should. */
  readonly ipRestricted: boolean | undefined;
  /** Commission as fractions of the value, decimal text. */
  readonly fees?: { readonly maker: string; readonly taker: string } | undefined;
}

export interface RateLimit {
  readonly count: number;
  readonly per: Micros;
}

export interface BrokerCapabilities {
  readonly orderTypes: Readonly<Partial<Record<OrderType, readonly TimeInForce[]>>>;
  readonly fractional: boolean;
  readonly short: boolean;
  readonly amend: boolean;
  readonly batch: boolean;
  readonly rateLimits: {
    readonly orders: readonly RateLimit[];
    readonly cancels: readonly RateLimit[];
    readonly messages: readonly RateLimit[];
  };
}

/** One figure of a broker session. Counters only grow; gauges go both ways. */
export interface BrokerFigure {
  /** Metric name without prefix, such as `request_weight_used`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * One session with a venue, shared by feeds and orders. Everything it learns comes back as events, never as a
 * return value inside a turn. A failed query throws a {@link BrokerError}; it never answers "nothing".
 */
export interface Broker {
  readonly name: string;
  readonly venue: string;
  readonly account: string;
  /** True when no real venue is behind it: allowed in paper and replay, and never reconciled. */
  readonly simulated: boolean;
  readonly capabilities: BrokerCapabilities;
  /**
   * How long after it was sent the venue may still take a request: until then "not found" is no answer. Absent: the
   * grace of the reconciliation counts.
   */
  readonly requestLife?: Micros;
  /**
   * The session under the broker's name, its parts under `name/part`. `ready`: authenticated, subscribed, missed fills
   * emitted. Each step of connecting, resyncing and rotating is an event with its reason.
   */
  readonly connection$: Observable<ConnectionEvent>;
  /** What was missed shows as `gap`. */
  market(subscription: MarketSubscription): Observable<MarketEvent | GapEvent>;
  /** Execution reports, fills and balances. */
  readonly executions$: Observable<ExecutionEvent | AccountEvent>;
  /** For the outbox alone. */
  execute(commands$: Observable<BrokerCommand>): Observable<OutcomeEvent>;
  /** One report per open order of the account, also those nobody here sent. */
  openOrders(): Promise<readonly ExecutionEvent[]>;
  /** One order; undefined only when the venue says that it does not know it. */
  order(query: OrderQuery): Promise<ExecutionEvent | undefined>;
  fills(query: FillsQuery): Promise<readonly ExecutionEvent[]>;
  positions(): Promise<readonly BrokerPosition[]>;
  accountState(): Promise<AccountEvent>;
  instruments(): Promise<readonly InstrumentInput[]>;
  /** Stored bars, for warm-up and for filling gaps; absent where the venue has none. */
  history?(request: HistoryRequest): Observable<BarEvent>;
  panic?(): PanicTask;
  /** What account and key may do: for checks before a run, on an open session. */
  permissions?(): Promise<BrokerPermissions>;
  /** Where the venue has such a timer: it cancels every open order unless this is called again in time. */
  cancelAfter?(time: Micros): Promise<void>;
  /** Figures for metrics and `status`: request weights used, reconnects, retries, lost messages. */
  figures?(): readonly BrokerFigure[];
  serverTime(): Promise<Micros>;
  open(): Promise<void>;
  close(): Promise<void>;
}

export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly category: BrokerErrorCategory;
  readonly retrySafe: boolean;

  constructor(category: BrokerErrorCategory, message: string, retrySafe: boolean, options?: ErrorOptions) {
    super(message, options);
    this.category = category;
    this.retrySafe = retrySafe;
  }
}
