import type { Observable } from 'rxjs';
import type { Command } from '../model/command.js';
import type {
  AccountEvent,
  BrokerErrorCategory,
  ConnectionEvent,
  DispatchEvent,
  ExecutionEvent,
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
}

export interface BrokerPosition {
  readonly account: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly averagePrice: string;
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

/**
 * One session with a venue, shared by feeds and orders. Everything it learns comes back as events, never as a
 * return value inside a turn. A failed query throws a {@link BrokerError}; it never answers "nothing".
 */
export interface Broker {
  readonly name: string;
  readonly venue: string;
  readonly account: string;
  /** True when no real venue is behind it: allowed in paper and replay. */
  readonly simulated: boolean;
  readonly capabilities: BrokerCapabilities;
  readonly connection$: Observable<ConnectionEvent>;
  market(subscription: MarketSubscription): Observable<MarketEvent>;
  /** Execution reports, fills and balances. */
  readonly executions$: Observable<ExecutionEvent | AccountEvent>;
  /** For the outbox alone. */
  execute(commands$: Observable<BrokerCommand>): Observable<OutcomeEvent>;
  openOrders(): Promise<readonly ExecutionEvent[]>;
  fills(since: Micros): Promise<readonly ExecutionEvent[]>;
  positions(): Promise<readonly BrokerPosition[]>;
  accountState(): Promise<AccountEvent>;
  instruments(): Promise<readonly InstrumentInput[]>;
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
