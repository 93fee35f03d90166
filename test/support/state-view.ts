import { ZERO, dec, type Decimal, type DecimalInput } from '../../src/model/decimal.js';
import type { Approved } from '../../src/model/command.js';
import { isClosed, leaves, type Order, type OrderState } from '../../src/model/order.js';
import { InstrumentTable, type InstrumentInput } from '../../src/model/instruments.js';
import type { Side } from '../../src/model/instrument.js';
import type { Intent } from '../../src/model/intent.js';
import { fingerprint, type Position, type StateView } from '../../src/state/view.js';

/** Everything a test can set about one instrument's market. */
export interface TestMarket {
  bid: number;
  ask: number;
  last: number;
  mark: number;
  quoteAt: number;
  tradeAt: number;
  status: 'open' | 'pre_open' | 'auction' | 'halted' | 'closed' | 'unknown';
  regime: string;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const NOW = 1_700_000_000_000_000;

/** A State one can set by hand: flat, unlimited, active, BTCUSDT quoted 99/101 with 100,000 USDT of equity. */
export class TestState implements StateView {
  seq = 1;
  at: number = NOW;
  readonly instruments: InstrumentTable;
  readonly markets: TestMarket[] = [];
  readonly orderList: Order[] = [];
  readonly positionList: Position[] = [];
  readonly approvals: { readonly at: number; readonly account: string; readonly fingerprint: string }[] = [];
  readonly rates = new Map<string, Decimal>();
  readonly limits = new Map<string, Decimal>();
  readonly samples = new Map<number, readonly number[]>();
  readonly cashBy = new Map<string, Decimal>([['USDT', dec(100_000)]]);
  readonly disabled = new Set<string>();
  readonly money: Record<'equity' | 'dayStart' | 'peak' | 'rollingPeak', Decimal | undefined> = {
    equity: dec(100_000),
    dayStart: dec(100_000),
    peak: dec(100_000),
    rollingPeak: dec(100_000),
  };
  readonly control: Writable<StateView['control']> = {
    trading: 'active',
    tradingReason: '',
    recovering: false,
    killed: false,
    latchOver: () => undefined,
    armed: () => true,
    loosened: new Map(),
    strategyEnabled: (strategy) => !this.disabled.has(strategy),
    connection: () => undefined,
    limit: (name) => this.limits.get(name),
  };

  constructor(inputs: readonly InstrumentInput[] = [BTC, ETH]) {
    this.instruments = new InstrumentTable(inputs);
    for (let ix = 0; ix < inputs.length; ix += 1) {
      this.markets.push({
        bid: 99,
        ask: 101,
        last: 100,
        mark: 100,
        quoteAt: NOW,
        tradeAt: NOW,
        status: 'open',
        regime: '',
      });
    }
  }

  marketOf(ix: number): TestMarket {
    const market = this.markets[ix];
    if (market === undefined) throw new RangeError(`no market ${String(ix)}`);
    return market;
  }

  /** Sets a position of the account ''. */
  hold(symbol: string, quantity: DecimalInput, averagePrice: DecimalInput = 100): this {
    const ix = this.instruments.get(symbol)?.ix ?? -1;
    const kept = this.positionList.filter((position) => position.ix !== ix);
    this.positionList.length = 0;
    this.positionList.push(...kept, {
      account: '',
      instrument: symbol,
      ix,
      quantity: dec(quantity),
      averagePrice: dec(averagePrice),
      realizedPnl: ZERO,
      fees: ZERO,
      openedAt: NOW,
    });
    return this;
  }

  /** Adds or replaces an order. */
  put(order: Order): this {
    const at = this.orderList.findIndex((known) => known.orderKey === order.orderKey);
    if (at < 0) this.orderList.push(order);
    else this.orderList[at] = order;
    return this;
  }

  /** What State does with an approval: reserves the order and remembers when. */
  approve(approved: Approved): void {
    const { intent } = approved;
    const known = this.orders.get(intent.orderKey);
    if (intent.action === 'cancel') return;
    this.put({ ...orderOf(intent, approved.riskPrice), filled: known?.filled ?? ZERO });
    this.approvals.push({ at: this.at, account: intent.account, fingerprint: fingerprint(intent) });
  }

  readonly #open = (): Order[] => this.orderList.filter((order) => !isClosed(order.state));

  readonly orders: StateView['orders'] = {
    get: (key) => this.orderList.find((order) => order.orderKey === key),
    byClientOrderId: () => undefined,
    byVenueOrderId: () => undefined,
    open: () => this.#open(),
    openFor: (ix) => this.#open().filter((order) => order.ix === ix),
    openCount: () => this.#open().length,
    openCountFor: (ix) => this.#open().filter((order) => order.ix === ix).length,
    byState: (state) => this.orderList.filter((order) => order.state === state),
    exposed: (account, ix, side) =>
      this.#of(account, ix, side).reduce((sum, order) => sum.plus(leaves(order)), ZERO),
    exposedNotional: (account, ix, side) =>
      this.#of(account, ix, side).reduce(
        (sum, order) => sum.plus(leaves(order).times(order.riskPrice)),
        ZERO,
      ),
  };

  readonly market: StateView['market'] = {
    bid: (ix) => this.marketOf(ix).bid,
    ask: (ix) => this.marketOf(ix).ask,
    bidSize: () => 1,
    askSize: () => 1,
    last: (ix) => this.marketOf(ix).last,
    mark: (ix) => this.marketOf(ix).mark,
    quoteAt: (ix) => this.marketOf(ix).quoteAt,
    tradeAt: (ix) => this.marketOf(ix).tradeAt,
    status: (ix) => this.marketOf(ix).status,
    regime: (ix) => this.marketOf(ix).regime,
  };

  readonly portfolio: StateView['portfolio'] = {
    baseCurrency: 'USDT',
    accounts: () => [''],
    position: (account, ix) => this.positionList.find((p) => p.account === account && p.ix === ix),
    positions: (account) => this.positionList.filter((p) => account === undefined || p.account === account),
    cash: (_account, currency) => this.cashBy.get(currency) ?? ZERO,
    currencies: () => [...this.cashBy.keys()],
    equity: () => this.money.equity,
    equityNumber: () => this.money.equity?.toNumber() ?? Number.NaN,
    startEquity: () => this.money.dayStart,
    realizedPnl: () => ZERO,
    unrealizedPnl: () => ZERO,
    fees: () => ZERO,
    grossExposure: () => undefined,
    netExposure: () => undefined,
    marginUsed: () => undefined,
    dayStartEquity: () => this.money.dayStart,
    peakEquity: () => this.money.peak,
    maxDrawdown: () => 0,
    rollingPeakEquity: () => this.money.rollingPeak,
    rate: (currency) => this.rates.get(currency),
  };

  readonly activity: StateView['activity'] = {
    approvedWithin: (account, window) =>
      this.approvals.filter((a) => a.account === account && a.at > this.at - window).length,
    lastApproved: (print) => this.approvals.findLast((a) => a.fingerprint === print)?.at,
    returns: (ix, n) => (this.samples.get(ix) ?? []).slice(-n),
  };

  #of(account: string, ix: number, side: Side): Order[] {
    return this.#open().filter(
      (order) => order.account === account && order.ix === ix && order.side === side,
    );
  }
}

export const BTC: InstrumentInput = {
  symbol: 'BTCUSDT',
  assetClass: 'crypto_perp',
  base: 'BTC',
  quote: 'USDT',
  tickSize: '0.01',
  lotSize: '0.001',
};

export const ETH: InstrumentInput = { ...BTC, symbol: 'ETHUSDT', base: 'ETH' };

let keys = 0;

export type IntentInput = Partial<Omit<Intent, 'quantity' | 'limitPrice' | 'stopPrice'>> & {
  readonly quantity?: DecimalInput;
  readonly limitPrice?: DecimalInput;
  readonly stopPrice?: DecimalInput;
};

/** A new buy of 1 BTCUSDT at market, unless said otherwise; a limit order when a limit price is given. */
export function intentOf(input: IntentInput = {}): Intent {
  keys += 1;
  const { quantity, limitPrice, stopPrice, ...rest } = input;
  return {
    action: 'new',
    orderKey: `k${String(keys)}`,
    account: '',
    route: '',
    instrument: 'BTCUSDT',
    ix: 0,
    side: 'buy',
    type: limitPrice === undefined ? 'market' : 'limit',
    quantity: dec(quantity ?? 1),
    limitPrice: limitPrice === undefined ? undefined : dec(limitPrice),
    stopPrice: stopPrice === undefined ? undefined : dec(stopPrice),
    trailingOffset: undefined,
    timeInForce: 'gtc',
    expireAt: undefined,
    postOnly: false,
    reduceOnly: false,
    links: undefined,
    strategy: 'ema',
    tag: '',
    reason: '',
    metadata: undefined,
    cause: 1,
    ...rest,
  };
}

/** The order an intent becomes once approved. */
export function orderOf(intent: Intent, riskPrice: DecimalInput = 100, state: OrderState = 'queued'): Order {
  return {
    orderKey: intent.orderKey,
    clientOrderId: '',
    venueOrderId: '',
    broker: '',
    account: intent.account,
    instrument: intent.instrument,
    ix: intent.ix,
    side: intent.side,
    type: intent.type,
    quantity: intent.quantity,
    limitPrice: intent.limitPrice,
    stopPrice: intent.stopPrice,
    trailingOffset: intent.trailingOffset,
    timeInForce: intent.timeInForce,
    expireAt: intent.expireAt,
    postOnly: intent.postOnly,
    reduceOnly: intent.reduceOnly,
    strategy: intent.strategy,
    tag: intent.tag,
    state,
    previous: 'initialized',
    reason: '',
    filled: ZERO,
    averagePrice: ZERO,
    inFlight: undefined,
    riskPrice: dec(riskPrice),
    createdAt: NOW,
    submittedAt: undefined,
    acceptedAt: undefined,
    closedAt: isClosed(state) ? NOW : undefined,
    updatedAt: NOW,
  };
}
