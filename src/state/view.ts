import type { Decimal } from '../model/decimal.js';
import type { ConnectionState, ExecutionEvent } from '../model/event.js';
import type { InstrumentStatus, Side } from '../model/instrument.js';
import type { InstrumentTable } from '../model/instruments.js';
import type { Intent } from '../model/intent.js';
import type { InFlight, Order, OrderState } from '../model/order.js';
import type { Micros } from '../model/time.js';
import type { Latch } from './latches.js';
import type { EmulatedView } from './emulated-view.js';
import type { QueueState } from './queue.js';
import type { ReadinessView } from './readiness.js';

/**
 * What operators, strategies and checks may read of State. Only reducers write.
 * Values are live: read them inside a turn, do not keep references across turns.
 */
export interface StateView {
  readonly seq: number;
  readonly at: Micros;
  readonly instruments: InstrumentTable;
  readonly market: MarketView;
  readonly orders: OrdersView;
  readonly portfolio: PortfolioView;
  readonly control: ControlView;
  readonly activity: ActivityView;
  /** Which real brokers take commands now. A view without it has none. */
  readonly readiness?: ReadinessView;
  /** What the throttles keep in State. Theirs alone; a view without it makes a throttle keep its own. */
  readonly queue?: QueueState;
  /** Orders that live here and not at a venue. A view without it has none, and nothing can be emulated on it. */
  readonly emulated?: EmulatedView;
}

/** Top of book and last trade by instrument index. NaN where nothing is known; times are 0 then. */
export interface MarketView {
  bid(ix: number): number;
  ask(ix: number): number;
  bidSize(ix: number): number;
  askSize(ix: number): number;
  last(ix: number): number;
  /** Price positions are marked at: by configuration last, mid, bid/ask or bar close; NaN when unknown. */
  mark(ix: number): number;
  /** Engine time of the newest quote (or book top), and of the newest trade or bar. */
  quoteAt(ix: number): Micros;
  tradeAt(ix: number): Micros;
  status(ix: number): InstrumentStatus;
  /** Current regime of the instrument, else of the market, else ''. */
  regime(ix: number): string;
}

export interface OrdersView {
  get(orderKey: string): Order | undefined;
  byClientOrderId(clientOrderId: string): Order | undefined;
  /** Venues may number the orders of each instrument anew: name it where it is known. */
  byVenueOrderId(broker: string, venueOrderId: string, instrument?: string): Order | undefined;
  /** True when this fill report was counted before, by its execution id. */
  fillKnown?(report: ExecutionEvent): boolean;
  /** Requests of an order without a definitive answer: new or replace, and cancel. */
  requestsOf?(orderKey: string): readonly InFlight[];
  /** Quantity of an order that was inferred and whose own fills were not told yet. */
  inferredOf?(orderKey: string): Decimal;
  /** Orders that are not closed (queued and unknown ones included), oldest first. */
  open(): Iterable<Order>;
  openFor(ix: number): Iterable<Order>;
  openCount(): number;
  openCountFor(ix: number): number;
  byState(state: OrderState): readonly Order[];
  /**
   * Signed quantity still exposed to the market beside the position: leaves of every open, queued, in-flight and
   * just-approved order of one side, as a positive quantity.
   */
  exposed(account: string, ix: number, side: Side): Decimal;
  /** Sum over open orders of leaves times risk price times multiplier, in quote currency: resting notional by account. */
  exposedNotional(account: string, ix: number, side: Side): Decimal;
  /** The part of {@link exposed} that one order holds. Without it: the larger of leaves and an in-flight replacement. */
  exposureOf?(orderKey: string): Decimal;
}

export interface Position {
  readonly account: string;
  readonly instrument: string;
  readonly ix: number;
  /** Signed: below zero is short. */
  readonly quantity: Decimal;
  /** Average entry price; zero when flat. */
  readonly averagePrice: Decimal;
  readonly realizedPnl: Decimal;
  readonly fees: Decimal;
  readonly openedAt: Micros;
}

/** Money by account. A value that needs a price or an exchange rate nobody gave is `undefined`, never zero. */
export interface PortfolioView {
  readonly baseCurrency: string;
  accounts(): readonly string[];
  position(account: string, ix: number): Position | undefined;
  positions(account?: string): readonly Position[];
  cash(account: string, currency: string): Decimal;
  /** Cash, and the spot positions whose base it is: what the account has of a currency. */
  owned?(account: string, currency: string): Decimal;
  currencies(account: string): readonly string[];
  /** Cash plus marked positions, in base currency. */
  equity(account?: string): Decimal | undefined;
  /** Same in floating point, kept incrementally; NaN when unknown. For screens and metrics. */
  equityNumber(account?: string): number;
  startEquity(account?: string): Decimal | undefined;
  realizedPnl(account?: string): Decimal;
  unrealizedPnl(account?: string): Decimal | undefined;
  fees(account?: string): Decimal;
  /** Sum of absolute, and of signed, marked position values, in base currency. */
  grossExposure(account?: string): Decimal | undefined;
  netExposure(account?: string): Decimal | undefined;
  /** Initial margin the positions bind, in base currency. */
  marginUsed(account?: string): Decimal | undefined;
  /** Equity at the last daily roll; survives restarts with State. */
  dayStartEquity(account?: string): Decimal | undefined;
  peakEquity(account?: string): Decimal | undefined;
  /** Largest fall from a peak so far, as a fraction. */
  maxDrawdown(account?: string): number;
  /** Highest equity inside the rolling-loss window. */
  rollingPeakEquity(account?: string): Decimal | undefined;
  /** Exchange rate into base currency, or undefined. */
  rate(currency: string): Decimal | undefined;
}

export type TradingState = 'active' | 'reducing' | 'halted';

export interface ControlView {
  readonly trading: TradingState;
  /** Code and words of the halt; empty while active. */
  readonly tradingReason: string;
  readonly recovering: boolean;
  /** Everything is killed; see {@link latchOver} for smaller scopes. */
  readonly killed: boolean;
  /** The kill latch that holds back new and replace intents of an account and strategy, if one does. */
  latchOver(account: string, strategy: string): Latch | undefined;
  /** Every kill latch that holds. */
  latches?(): readonly Latch[];
  /** False: a live account that was not armed; its new and replace intents wait for `arm`. */
  armed(account: string): boolean;
  strategyEnabled(strategy: string): boolean;
  connection(name: string): ConnectionState | undefined;
  /** A limit changed at run time by a control event. */
  limit(name: string): Decimal | undefined;
  /** Limits an admin raised: these stand in place of the configured ones. */
  readonly loosened: ReadonlyMap<string, Decimal>;
}

/** What happened lately, for rate and duplicate checks and for the throttle. Times are engine time. */
export interface ActivityView {
  /** Approved new and replace intents with `at` in (now - window, now]; window at most one minute. */
  approvedWithin(account: string, windowMicros: Micros): number;
  /** Engine time an intent with the same fingerprint was last approved, or undefined. */
  lastApproved(fingerprint: string): Micros | undefined;
  /** Returns of mark prices for correlation, newest last: one sample per closed bar; at most `n`. */
  returns(ix: number, n: number): readonly number[];
}

/** Same fingerprint = same wish: symbol, side, type, TIF, quantity, prices, strategy. */
export function fingerprint(intent: Intent): string {
  const i = intent;
  return `${i.account}|${i.instrument}|${i.side}|${i.type}|${i.timeInForce}|${i.quantity.toString()}|${i.limitPrice?.toString() ?? ''}|${i.stopPrice?.toString() ?? ''}|${i.strategy}|${i.tag}`;
}
