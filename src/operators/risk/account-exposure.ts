import { Decimal, ZERO, dec } from '../../model/decimal.js';
import type { Instrument, Side } from '../../model/instrument.js';
import type { Intent } from '../../model/intent.js';
import { deny, finite, type CheckContext, type Denial } from './check.js';
import { reserved } from './exposure.js';
import { toBase } from './money.js';

/** What one instrument may come to in base currency, if only its buys or only its sells fill. */
export interface Exposure {
  readonly instrument: Instrument;
  /** Signed value after every working buy, and after every working sell. */
  readonly long: Decimal;
  readonly short: Decimal;
  /** Largest absolute value on the way: now, after the buys, after the sells. */
  readonly gross: Decimal;
}

interface SideSum {
  quantity: Decimal;
  notional: Decimal;
  highest: Decimal;
}

interface Sums {
  readonly instrument: Instrument;
  position: Decimal;
  readonly buy: SideSum;
  readonly sell: SideSum;
}

/**
 * Exposures of the intent's account by instrument index, with the intent in the place of its own order. Denies when
 * a position has no mark, an order no price, or a currency no rate. Cost: the account's positions and open orders.
 */
export function accountExposures(intent: Intent, ctx: CheckContext): ReadonlyMap<number, Exposure> | Denial {
  const { state } = ctx;
  const sums = new Map<number, Sums>();
  for (const position of state.portfolio.positions(intent.account)) {
    if (position.quantity.isZero()) continue;
    const sum = sumOf(sums, position.ix, ctx);
    if (sum === undefined) return deny('INSTRUMENT_UNKNOWN', { instrument: position.instrument });
    sum.position = finite(position.quantity, 'position');
  }
  for (const order of state.orders.open()) {
    if (order.account !== intent.account || order.orderKey === intent.orderKey) continue;
    const quantity = reserved(order, state);
    if (quantity.isZero()) continue;
    const sum = sumOf(sums, order.ix, ctx);
    if (sum === undefined) return deny('INSTRUMENT_UNKNOWN', { instrument: order.instrument });
    // An order that never passed our risk (found at the venue) has no risk price; its own price is next best.
    const known = order.riskPrice.isZero() ? (order.limitPrice ?? order.stopPrice) : order.riskPrice;
    const price = known ?? markOf(order.ix, ctx);
    if (price === undefined)
      return deny('NO_REFERENCE_PRICE', { order_key: order.orderKey, instrument: order.instrument });
    add(sum, order.side, quantity, price);
  }
  const own = sumOf(sums, ctx.instrument.ix, ctx);
  if (own === undefined || ctx.price === undefined)
    return deny('NO_REFERENCE_PRICE', { instrument: intent.instrument });
  add(own, intent.side, ctx.quantity, ctx.price.value);
  const result = new Map<number, Exposure>();
  for (const [ix, sum] of sums) {
    const exposure = exposureOf(sum, ctx);
    if ('ok' in exposure) return exposure;
    result.set(ix, exposure);
  }
  return result;
}

function sumOf(sums: Map<number, Sums>, ix: number, ctx: CheckContext): Sums | undefined {
  const known = sums.get(ix);
  if (known !== undefined) return known;
  const instrument = ctx.state.instruments.at(ix);
  if (instrument === undefined) return undefined;
  const empty = (): SideSum => ({ quantity: ZERO, notional: ZERO, highest: ZERO });
  const sum = { instrument, position: ZERO, buy: empty(), sell: empty() };
  sums.set(ix, sum);
  return sum;
}

function add(sum: Sums, side: Side, quantity: Decimal, price: Decimal): void {
  const of = sum[side];
  const worth = finite(price, 'price').abs();
  of.quantity = of.quantity.plus(finite(quantity, 'quantity'));
  of.notional = of.notional.plus(quantity.times(worth));
  of.highest = Decimal.max(of.highest, worth);
}

function markOf(ix: number, ctx: CheckContext): Decimal | undefined {
  const mark = ctx.state.market.mark(ix);
  return Number.isFinite(mark) ? dec(mark).abs() : undefined;
}

function exposureOf(sum: Sums, ctx: CheckContext): Exposure | Denial {
  const { instrument, position, buy, sell } = sum;
  const mark = markOf(instrument.ix, ctx);
  if (mark === undefined && !position.isZero())
    return deny('NO_REFERENCE_PRICE', { instrument: instrument.symbol });
  const now = mark === undefined ? ZERO : position.times(mark);
  const worth = mark ?? ZERO;
  const long = position.gte(0) ? now.plus(buy.notional) : turned(position.neg(), buy, worth);
  const short = position.lte(0) ? now.minus(sell.notional) : turned(position, sell, worth).neg();
  const inBase = (value: Decimal): Decimal | Denial =>
    toBase(value.times(instrument.multiplier), instrument.quote, ctx.state.portfolio);
  const [a, b, c] = [inBase(long), inBase(short), inBase(now)];
  if ('ok' in a) return a;
  if ('ok' in b) return b;
  if ('ok' in c) return c;
  return { instrument, long: a, short: b, gross: Decimal.max(a.abs(), b.abs(), c.abs()) };
}

/** Orders against a position close it first; only what is left of them opens the other side, at the highest price. */
function turned(against: Decimal, side: SideSum, mark: Decimal): Decimal {
  const left = side.quantity.minus(against);
  return left.gt(0) ? left.times(side.highest) : left.times(mark);
}

/** Sum of one figure over the account. */
export function total(
  exposures: ReadonlyMap<number, Exposure>,
  figure: (exposure: Exposure) => Decimal,
): Decimal {
  let sum = ZERO;
  for (const exposure of exposures.values()) sum = sum.plus(figure(exposure));
  return finite(sum, 'exposure');
}
