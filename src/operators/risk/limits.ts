import { Decimal, dec } from '../../model/decimal.js';
import type { Micros } from '../../model/time.js';
import type { Money } from '../../model/units.js';
import { finite, type CheckContext } from './check.js';

/**
 * Limits of one account. The names are those of the topology, of denials and of control events, so that one word
 * means one limit everywhere. A limit left out is off. Fractions are of 1: 20 % is 0.2.
 */
export interface InstrumentLimits {
  /** Largest absolute position in base units, working orders of that side included. */
  readonly max_position?: Decimal | undefined;
  /** Largest position value as a fraction of equity, working orders included. */
  readonly max_position_percent?: Decimal | undefined;
  readonly max_order_quantity?: Decimal | undefined;
  readonly max_order_value?: Money | undefined;
  readonly max_open_orders_per_instrument?: number | undefined;
  /** Largest distance of a price from the market, as a fraction of it. */
  readonly price_collar?: Decimal | undefined;
  /** Oldest market price an order may be decided on. */
  readonly stale_quote?: Micros | undefined;
  readonly duplicate_window?: Micros | undefined;
  readonly self_trade?: 'deny' | 'allow' | undefined;
  readonly short?: 'allow' | 'deny' | undefined;
  /** `ignore`: orders may leave while the session is closed; the venue keeps them for the open. Default `require`. */
  readonly session?: 'require' | 'ignore' | undefined;
}

export interface RiskLimits extends InstrumentLimits {
  readonly max_daily_loss?: Money | undefined;
  readonly max_daily_loss_percent?: Decimal | undefined;
  readonly max_drawdown?: Decimal | undefined;
  /** Loss from the highest equity inside the window; State keeps that window. */
  readonly rolling_loss?: { readonly amount: Money; readonly window: Micros } | undefined;
  readonly max_gross_exposure?: Money | undefined;
  readonly max_net_exposure?: Money | undefined;
  /** Gross exposure over equity. */
  readonly max_leverage?: Decimal | undefined;
  readonly max_open_orders?: number | undefined;
  readonly max_orders_per_second?: number | undefined;
  readonly max_orders_per_minute?: number | undefined;
  /** `require`: buys must be covered by cash in the quote currency. */
  readonly cash?: 'require' | 'ignore' | undefined;
  /** `require`: initial margin of positions and working orders must fit in equity. */
  readonly margin?: 'require' | 'ignore' | undefined;
  /** Sector to the largest fraction of equity; `unknown` is for instruments without one. */
  readonly sectors?: Readonly<Record<string, Decimal>> | undefined;
  readonly industries?: Readonly<Record<string, Decimal>> | undefined;
  /** Symbol to sector, over what the instrument says. */
  readonly sector_map?: Readonly<Record<string, string>> | undefined;
  readonly industry_map?: Readonly<Record<string, string>> | undefined;
  readonly correlation?: CorrelationLimit | undefined;
  /** Limits of single instruments over the general ones, by symbol. */
  readonly instruments?: Readonly<Record<string, InstrumentLimits>> | undefined;
}

export interface CorrelationLimit {
  /** Returns compared; fewer known returns count as fully correlated. */
  readonly window: number;
  /** From this absolute correlation on, two instruments count as one. */
  readonly max_correlation: Decimal;
  /** Largest value of such a pair as a fraction of equity. */
  readonly max_pair_exposure: Decimal;
}

/** What a regime changes. The overlay named `unknown` holds while no regime is known. */
export interface RegimeOverlay {
  readonly allow_new_exposure?: boolean | undefined;
  readonly max_order_notional?: Money | undefined;
  readonly max_position_pct?: Decimal | undefined;
  readonly allow_market_orders?: boolean | undefined;
  /** Immediate-or-cancel and fill-or-kill. */
  readonly allow_aggressive_tif?: boolean | undefined;
  /** Further limits, checked beside the general ones. */
  readonly limits?: Omit<RiskLimits, 'instruments'> | undefined;
}

/** The general limits with those of one instrument over them. */
export function limitsFor(limits: RiskLimits, symbol: string): RiskLimits {
  const own =
    limits.instruments !== undefined && Object.hasOwn(limits.instruments, symbol)
      ? limits.instruments[symbol]
      : undefined;
  if (own === undefined) return limits;
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...limits, ...given };
}

type Named<T> = {
  [K in keyof RiskLimits]-?: NonNullable<RiskLimits[K]> extends T ? K : never;
}[keyof RiskLimits];

/** Limit tightened by a control event, for the instrument (`max_position.BTCUSDT`) or for all (`max_position`). */
function tightened(ctx: CheckContext, name: string): Decimal | undefined {
  const control = ctx.state.control;
  return smaller(control.limit(name), control.limit(`${name}.${ctx.instrument.symbol}`), name);
}

function smaller(a: Decimal | undefined, b: Decimal | undefined, name: string): Decimal | undefined {
  if (a === undefined) return b === undefined ? undefined : finite(b, name);
  if (b === undefined) return finite(a, name);
  return Decimal.min(finite(a, name), finite(b, name));
}

/** A plain limit in force: configured or tightened at run time, whichever is smaller. */
export function decimalLimit(ctx: CheckContext, name: Named<Decimal>): Decimal | undefined {
  return smaller(ctx.limits[name], tightened(ctx, name), name);
}

export function countLimit(ctx: CheckContext, name: Named<number>): number | undefined {
  const configured = ctx.limits[name];
  const changed = tightened(ctx, name);
  if (changed === undefined && (configured === undefined || Number.isFinite(configured))) return configured;
  return smaller(configured === undefined ? undefined : dec(configured), changed, name)?.toNumber();
}

/** A money limit in force. A run-time value is in the configured limit's currency, else in the base currency. */
export function moneyLimit(ctx: CheckContext, name: Named<Money>): Money | undefined {
  const configured = ctx.limits[name];
  const amount = smaller(configured?.amount, tightened(ctx, name), name);
  if (amount === undefined) return undefined;
  return { amount, currency: configured?.currency ?? ctx.state.portfolio.baseCurrency };
}

/** The rolling loss in force: amount as {@link moneyLimit} says, under the name `rolling_loss`. */
export function rollingLossLimit(ctx: CheckContext): Money | undefined {
  const configured = ctx.limits.rolling_loss?.amount;
  const amount = smaller(configured?.amount, tightened(ctx, 'rolling_loss'), 'rolling_loss');
  if (amount === undefined) return undefined;
  return { amount, currency: configured?.currency ?? ctx.state.portfolio.baseCurrency };
}
