import { dec, ONE, ZERO, type Decimal, type DecimalInput } from '../../model/decimal.js';
import { isoMicros } from '../../model/time.js';
import type { Order } from '../../model/order.js';
import type { Engine } from '../engine.js';
import { unrealized } from '../summary.js';
import type { SystemHealth } from './health.js';
import { setupOf, type DashboardSetup } from './setup.js';
import { ratios, type EquityPoint, type FillSummary, type Tally } from './tally.js';

/** Money is decimal text in base currency unless it says otherwise; null: a price or rate is missing. */
type Money = string | null;

export interface OrderSummary {
  readonly id: string;
  readonly symbol: string;
  readonly side: string;
  readonly type: string;
  readonly quantity: string;
  readonly filledQuantity: string;
  readonly limitPrice: string | null;
  readonly stopPrice: string | null;
  readonly avgFillPrice: string;
  readonly status: string;
  readonly updatedAt: string;
}

export interface Dashboard {
  readonly timestamp: string;
  readonly setup: DashboardSetup;
  readonly headline: {
    readonly equity: Money;
    readonly cash: Readonly<Record<string, string>>;
    readonly buyingPower: Money;
    readonly dailyPnl: Money;
    /** Fraction of equity at the start. */
    readonly totalReturn: number | null;
    readonly maxDrawdown: number;
    readonly sharpeRatio: number | null;
    readonly sortinoRatio: number | null;
    readonly winRate: number | null;
    readonly profitFactor: number | null;
  };
  readonly account: {
    readonly initialMargin: Money;
    readonly maintenanceMargin: Money;
    readonly availableFunds: Money;
    readonly marginExcess: Money;
    readonly marginCall: boolean;
    readonly stopOut: boolean;
  };
  readonly execution: {
    readonly fillCount: number;
    readonly openOrderCount: number;
    readonly positionCount: number;
    readonly totalCommission: string;
    readonly totalTransactionCost: string;
    readonly totalCost: string;
    readonly makerFillRatio: number | null;
  };
  readonly regime: { readonly name: string; readonly confidence: number };
  readonly telemetry: {
    readonly cpuUsagePct: number;
    readonly memoryMb: number;
    readonly eventLoopLatencyMs: number;
  };
  readonly venueSummary: readonly {
    readonly venue: string;
    readonly fillCount: number;
    readonly orderCount: number;
    readonly parentOrderCount: number;
    readonly splitFillCount: number;
    readonly signedQuantity: string;
    readonly absoluteQuantity: string;
    readonly notional: string;
    readonly commission: string;
    readonly transactionCost: string;
    readonly totalCost: string;
    readonly avgSlippageBps: number | null;
    readonly makerFillRatio: number | null;
  }[];
  readonly equityCurve: readonly EquityPoint[];
  readonly positions: readonly {
    readonly account: string;
    readonly symbol: string;
    readonly quantity: string;
    readonly averagePrice: string;
    readonly mark: number | null;
    /** In the currency of the instrument. */
    readonly unrealizedPnl: Money;
    readonly realizedPnl: string;
  }[];
  readonly openOrders: readonly OrderSummary[];
  readonly quoteSummary: readonly {
    readonly symbol: string;
    readonly timestamp: string;
    readonly bid: number | null;
    readonly ask: number | null;
    readonly bidSize: number;
    readonly askSize: number;
  }[];
  readonly recentFills: readonly FillSummary[];
  /** Newest last; the same one twice in a row is told once. */
  readonly alerts: readonly string[];
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
const money = (value: Decimal | undefined): Money => value?.toString() ?? null;
const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

export function orderSummary(order: Order): OrderSummary {
  return {
    id: order.orderKey,
    symbol: order.instrument,
    side: order.side,
    type: order.type,
    quantity: order.quantity.toString(),
    filledQuantity: order.filled.toString(),
    limitPrice: money(order.limitPrice),
    stopPrice: money(order.stopPrice),
    avgFillPrice: order.averagePrice.toString(),
    status: order.state,
    updatedAt: isoMicros(order.updatedAt),
  };
}

/** Everything a dashboard shows, as plain values. Outside turns. */
export function dashboardOf(
  engine: Engine,
  tally: Tally,
  health: SystemHealth,
  regime: { readonly name: string; readonly confidence: number },
): Dashboard {
  const { portfolio, market, instruments, orders } = engine.state;
  const equity = portfolio.equity();
  const start = portfolio.startEquity();
  const day = portfolio.dayStartEquity();
  const margin = marginOf(engine);
  const { sharpe, sortino } = ratios(tally.curve);
  const venues = [...tally.venues];
  const fills = venues.reduce((sum, [, { fills }]) => sum + fills, 0);
  const makers = venues.reduce((sum, [, { makers }]) => sum + makers, 0);
  const slippage = venues.reduce((sum, [, venue]) => sum.plus(venue.slippage), ZERO);
  const positions = portfolio.positions().filter(({ quantity }) => !quantity.isZero());
  const free = margin === undefined ? undefined : equity?.minus(margin.initial);
  return {
    timestamp: isoMicros(engine.sequencer.at),
    setup: setupOf(
      engine.topology,
      instruments.all.map(({ symbol }) => symbol),
    ),
    headline: {
      equity: money(equity),
      cash: cashOf(engine),
      buyingPower: money(buyingPower(engine)),
      dailyPnl: equity === undefined || day === undefined ? null : equity.minus(day).toString(),
      totalReturn:
        equity === undefined || start === undefined || start.isZero()
          ? null
          : equity.minus(start).div(start).toNumber(),
      maxDrawdown: portfolio.maxDrawdown(),
      sharpeRatio: finite(sharpe),
      sortinoRatio: finite(sortino),
      winRate: share(tally.wins, tally.wins + tally.losses),
      profitFactor: tally.lost.gt(0) ? tally.gained.div(tally.lost).toNumber() : null,
    },
    account: {
      initialMargin: money(margin?.initial),
      maintenanceMargin: money(margin?.maintenance),
      availableFunds: money(free),
      marginExcess: money(margin === undefined ? undefined : equity?.minus(margin.maintenance)),
      marginCall: free?.isNegative() ?? false,
      stopOut: margin !== undefined && equity !== undefined && equity.lt(margin.maintenance),
    },
    execution: {
      fillCount: fills,
      openOrderCount: orders.openCount(),
      positionCount: positions.length,
      totalCommission: portfolio.fees().toString(),
      totalTransactionCost: slippage.toString(),
      totalCost: portfolio.fees().plus(slippage).toString(),
      makerFillRatio: share(makers, fills),
    },
    regime,
    telemetry: {
      cpuUsagePct: health.cpuUsagePct,
      memoryMb: health.memoryMb,
      eventLoopLatencyMs: health.eventLoopLatencyMs,
    },
    venueSummary: venues.map(([venue, one]) => ({
      venue,
      fillCount: one.fills,
      orderCount: one.orders,
      parentOrderCount: one.parents.size,
      splitFillCount: one.splits,
      signedQuantity: one.signed.toString(),
      absoluteQuantity: one.absolute.toString(),
      notional: one.notional.toString(),
      commission: one.commission.toString(),
      transactionCost: one.slippage.toString(),
      totalCost: one.commission.plus(one.slippage).toString(),
      avgSlippageBps: share(one.bps, one.priced),
      makerFillRatio: share(one.makers, one.fills),
    })),
    equityCurve: [...tally.curve],
    positions: positions.map((position) => ({
      account: position.account,
      symbol: position.instrument,
      quantity: position.quantity.toString(),
      averagePrice: position.averagePrice.toString(),
      mark: finite(market.mark(position.ix)),
      unrealizedPnl: money(unrealized(engine, position)),
      realizedPnl: position.realizedPnl.toString(),
    })),
    openOrders: [...orders.open()].map(orderSummary),
    quoteSummary: instruments.all
      .filter(({ ix }) => market.quoteAt(ix) > 0)
      .map(({ symbol, ix }) => ({
        symbol,
        timestamp: isoMicros(market.quoteAt(ix)),
        bid: finite(market.bid(ix)),
        ask: finite(market.ask(ix)),
        bidSize: market.bidSize(ix),
        askSize: market.askSize(ix),
      })),
    recentFills: [...tally.fills],
    alerts: [...tally.alerts],
  };
}

/** Cash of all accounts by currency. */
function cashOf(engine: Engine): Readonly<Record<string, string>> {
  const { portfolio } = engine.state;
  const cash = new Map<string, Decimal>();
  for (const account of portfolio.accounts())
    for (const currency of portfolio.currencies(account))
      cash.set(currency, (cash.get(currency) ?? ZERO).plus(portfolio.cash(account, currency)));
  return Object.fromEntries([...cash].map(([currency, value]) => [currency, value.toString()]));
}

/** What positions bind, and what they must keep, in base currency. */
function marginOf(engine: Engine): { readonly initial: Decimal; readonly maintenance: Decimal } | undefined {
  const { portfolio, instruments, market } = engine.state;
  const initial = portfolio.marginUsed();
  if (initial === undefined) return undefined;
  let maintenance = ZERO;
  for (const { account, ix, quantity } of portfolio.positions()) {
    if (quantity.isZero()) continue;
    const instrument = instruments.at(ix);
    const mark = market.mark(ix);
    const rate = instrument === undefined ? undefined : portfolio.rate(instrument.settle);
    if (instrument === undefined || rate === undefined || !Number.isFinite(mark)) return undefined;
    const notional = quantity.abs().times(dec(mark)).times(instrument.multiplier).times(rate);
    maintenance = maintenance.plus(
      notional.times(instrument.maintenanceMargin).div(leverageOf(engine, account)),
    );
  }
  return { initial, maintenance };
}

function leverageOf(engine: Engine, account: string): Decimal {
  const { portfolio, brokers } = engine.topology;
  const written = portfolio.accounts.find(({ name }) => name === account)?.leverage;
  if (written !== undefined) return written;
  const broker = brokers.find(({ name, config }) => (config['account'] ?? name) === account);
  const leverage = broker?.config['leverage'];
  return leverage === undefined ? ONE : dec(leverage as DecimalInput);
}

/** Free equity of every account times its leverage. */
export function buyingPower(engine: Engine): Decimal | undefined {
  const { portfolio } = engine.state;
  let power = ZERO;
  for (const account of portfolio.accounts()) {
    const equity = portfolio.equity(account);
    const used = portfolio.marginUsed(account);
    if (equity === undefined || used === undefined) return undefined;
    const free = equity.minus(used);
    if (free.gt(0)) power = power.plus(free.times(leverageOf(engine, account)));
  }
  return power;
}
