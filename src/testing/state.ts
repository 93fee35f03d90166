import { Decimal, ONE, ZERO, dec, type DecimalInput } from '../model/decimal.js';
import type { InstrumentTable } from '../model/instruments.js';
import { isClosed, type Order, type OrderState } from '../model/order.js';
import type { Event } from '../model/record.js';
import type {
  ActivityView,
  ControlView,
  MarketView,
  OrdersView,
  PortfolioView,
  Position,
  StateView,
} from '../state/view.js';

/**
 * A small State for strategy tests: last prices from the events seen, orders made of the intents seen, positions and
 * cash by the fills seen, in one account and one currency. Not the engine's State: no risk, no margins, no life cycle.
 */
export class TestState implements StateView {
  seq = 0;
  at = 0;
  readonly instruments: InstrumentTable;
  readonly market: MarketView;
  readonly orders: OrdersView;
  readonly portfolio: PortfolioView;
  readonly control: ControlView;
  readonly activity: ActivityView;
  readonly #orders = new Map<string, Order>();
  readonly #positions = new Map<number, Position>();
  readonly #last: number[] = [];
  readonly #bid: number[] = [];
  readonly #ask: number[] = [];
  readonly #disabled = new Set<string>();
  #cash: Decimal;

  constructor(
    instruments: InstrumentTable,
    account = 'test',
    cash: DecimalInput = 100_000,
    currency = 'USD',
  ) {
    this.instruments = instruments;
    this.#cash = dec(cash);
    const open = (ix?: number): Order[] =>
      [...this.#orders.values()].filter((o) => !isClosed(o.state) && (ix === undefined || o.ix === ix));
    const price = (ix: number): number =>
      this.#last[ix] ?? ((this.#bid[ix] ?? NaN) + (this.#ask[ix] ?? NaN)) / 2;
    const value = (p: Position): Decimal | undefined => {
      const mark = price(p.ix);
      return Number.isNaN(mark)
        ? undefined
        : p.quantity.mul(mark).mul(instruments.at(p.ix)?.multiplier ?? ONE);
    };
    const net = (): Decimal | undefined => {
      let sum = ZERO;
      for (const p of this.#positions.values()) {
        const v = p.quantity.isZero() ? ZERO : value(p);
        if (v === undefined) return undefined;
        sum = sum.plus(v);
      }
      return sum;
    };
    const equity = (): Decimal | undefined => net()?.plus(this.#cash);
    this.market = {
      bid: (ix) => this.#bid[ix] ?? NaN,
      ask: (ix) => this.#ask[ix] ?? NaN,
      bidSize: () => NaN,
      askSize: () => NaN,
      last: (ix) => this.#last[ix] ?? NaN,
      mark: price,
      quoteAt: () => 0,
      tradeAt: () => 0,
      status: (ix) => instruments.at(ix)?.status ?? 'unknown',
      regime: () => '',
    };
    this.orders = {
      get: (key) => this.#orders.get(key),
      byClientOrderId: (id) => [...this.#orders.values()].find((o) => o.clientOrderId === id),
      byVenueOrderId: () => undefined,
      open: () => open(),
      openFor: (ix) => open(ix),
      openCount: () => open().length,
      openCountFor: (ix) => open(ix).length,
      byState: (state: OrderState) => [...this.#orders.values()].filter((o) => o.state === state),
      exposed: (_account, ix, side) =>
        open(ix)
          .filter((o) => o.side === side)
          .reduce((sum, o) => sum.plus(o.quantity.minus(o.filled)), ZERO),
      exposedNotional: () => ZERO,
    };
    this.portfolio = {
      baseCurrency: currency,
      accounts: () => [account],
      position: (_account, ix) => this.#positions.get(ix),
      positions: () => [...this.#positions.values()],
      cash: (_account, wanted) => (wanted === currency ? this.#cash : ZERO),
      currencies: () => [currency],
      equity,
      equityNumber: () => equity()?.toNumber() ?? NaN,
      startEquity: () => dec(cash),
      realizedPnl: () => ZERO,
      unrealizedPnl: () => undefined,
      fees: () => [...this.#positions.values()].reduce((sum, p) => sum.plus(p.fees), ZERO),
      grossExposure: () => net()?.abs(),
      netExposure: net,
      marginUsed: () => ZERO,
      dayStartEquity: () => dec(cash),
      peakEquity: equity,
      maxDrawdown: () => 0,
      rollingPeakEquity: equity,
      rate: (wanted) => (wanted === currency ? ONE : undefined),
    };
    this.control = {
      trading: 'active',
      tradingReason: '',
      recovering: false,
      killed: false,
      latchOver: () => undefined,
      armed: () => true,
      loosened: new Map(),
      strategyEnabled: (name) => !this.#disabled.has(name),
      connection: () => undefined,
      limit: () => undefined,
    };
    this.activity = { approvedWithin: () => 0, lastApproved: () => undefined, returns: () => [] };
  }

  setEnabled(strategy: string, enabled: boolean): void {
    if (enabled) this.#disabled.delete(strategy);
    else this.#disabled.add(strategy);
  }

  /** Folds an event in, as the engine does before (inputs) or when (children) it happens. */
  apply(event: Event): void {
    if (event.kind === 'trade') this.#last[event.ix] = event.price;
    else if (event.kind === 'quote') {
      this.#bid[event.ix] = event.bid;
      this.#ask[event.ix] = event.ask;
    } else if (event.kind === 'bar' && (event.basis === 'trade' || event.basis === 'mid'))
      this.#last[event.ix] = event.close;
    else if (event.kind === 'order') this.#orders.set(event.order.orderKey, event.order);
    else if (event.kind === 'intent') this.#intent(event);
    else if (event.kind === 'execution') this.#execution(event);
  }

  #intent({ intent }: Event & { kind: 'intent' }): void {
    const old = this.#orders.get(intent.orderKey);
    const base = { quantity: intent.quantity, limitPrice: intent.limitPrice, stopPrice: intent.stopPrice };
    if (old !== undefined) {
      this.#orders.set(
        old.orderKey,
        intent.action === 'cancel'
          ? { ...old, previous: old.state, state: 'cancelled' }
          : { ...old, ...base },
      );
      return;
    }
    const {
      orderKey,
      account,
      route,
      instrument,
      ix,
      side,
      type,
      trailingOffset,
      timeInForce,
      expireAt,
      postOnly,
      reduceOnly,
      strategy,
      tag,
    } = intent;
    this.#orders.set(orderKey, {
      ...base,
      orderKey,
      account,
      instrument,
      ix,
      side,
      type,
      trailingOffset,
      timeInForce,
      expireAt,
      postOnly,
      reduceOnly,
      strategy,
      tag,
      clientOrderId: orderKey,
      venueOrderId: '',
      broker: route,
      state: 'accepted',
      previous: 'submitted',
      reason: '',
      filled: ZERO,
      averagePrice: ZERO,
      inFlight: undefined,
      riskPrice: ZERO,
      createdAt: this.at,
      submittedAt: this.at,
      acceptedAt: this.at,
      closedAt: undefined,
      updatedAt: this.at,
    });
  }

  #execution(event: Event & { kind: 'execution' }): void {
    const order = this.orders.byClientOrderId(event.clientOrderId);
    const fill = event.fill;
    if (fill !== undefined) {
      const signed = event.side === 'buy' ? fill.quantity : fill.quantity.neg();
      const old = this.#positions.get(event.ix);
      const quantity = (old?.quantity ?? ZERO).plus(signed);
      const multiplier = this.instruments.at(event.ix)?.multiplier ?? ONE;
      this.#cash = this.#cash.minus(signed.mul(fill.price).mul(multiplier)).minus(fill.fee);
      this.#positions.set(event.ix, {
        account: event.account,
        instrument: event.instrument,
        ix: event.ix,
        quantity,
        averagePrice: quantity.isZero() ? ZERO : fill.price,
        realizedPnl: ZERO,
        fees: (old?.fees ?? ZERO).plus(fill.fee),
        openedAt: this.at,
      });
    }
    if (order === undefined) return;
    const filled = order.filled.plus(fill?.quantity ?? ZERO);
    const done = filled.gte(order.quantity);
    const state: OrderState =
      fill !== undefined
        ? done
          ? 'filled'
          : 'partially_filled'
        : event.report === 'cancelled'
          ? 'cancelled'
          : order.state;
    this.#orders.set(order.orderKey, {
      ...order,
      filled,
      state,
      previous: order.state,
      averagePrice: fill?.price ?? order.averagePrice,
    });
  }
}
