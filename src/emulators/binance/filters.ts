import { Decimal, dec, ZERO } from '../../model/decimal.js';
import type { Account } from './account.js';
import { filterFailure } from './errors.js';
import { hasLimit, isConditional, type OrderTerms } from './order.js';
import type { SpotSymbol } from './symbol.js';

/** What filters compare with. */
export interface FilterContext {
  readonly account: Account;
  /** Average price of the last minutes; NaN when nothing traded yet. */
  readonly average: number;
  /** Price a market order would meet; NaN when the book is empty. */
  readonly marketPrice: number;
}

/** Throws the venue's filter failure when a new order breaks a rule of its symbol. */
export function checkFilters(t: OrderTerms, quantity: Decimal, context: FilterContext): void {
  const s = t.symbol;
  if (t.price !== undefined) checkPrice(s, t.price);
  if (t.stopPrice !== undefined) checkPrice(s, t.stopPrice);
  if (t.price !== undefined) checkPercentPrice(t, t.price, context.average);
  checkLot(s, quantity, 'LOT_SIZE');
  if (!hasLimit(t.type)) checkLot(s, quantity, 'MARKET_LOT_SIZE');
  checkNotional(t, quantity, context);
  checkTrailing(t);
  checkPosition(t, quantity, context.account);
  checkCounts(t, context.account);
}

function checkPrice(s: SpotSymbol, price: Decimal): void {
  const { minPrice, maxPrice } = s.rules;
  if (outside(price, minPrice, maxPrice) || !price.minus(minPrice).mod(s.tick).isZero())
    throw filterFailure('PRICE_FILTER');
}

export function checkLot(s: SpotSymbol, quantity: Decimal, filter: 'LOT_SIZE' | 'MARKET_LOT_SIZE'): void {
  const r = s.rules;
  const [min, max, step] =
    filter === 'LOT_SIZE'
      ? [r.minQty, r.maxQty, r.stepSize]
      : [r.marketMinQty, r.marketMaxQty, r.marketStepSize];
  const off = !dec(step).isZero() && !quantity.minus(min).mod(step).isZero();
  if (quantity.lte(0) || outside(quantity, min, max) || off) throw filterFailure(filter);
}

function checkNotional(t: OrderTerms, quantity: Decimal, context: FilterContext): void {
  const r = t.symbol.rules;
  const market = !hasLimit(t.type);
  const price = t.price ?? t.stopPrice ?? reference(context);
  if (price === undefined) return;
  const notional = t.quoteOrderQty ?? price.times(quantity);
  const low = !market || r.applyMinToMarket ? r.minNotional : '0';
  const high = !market || r.applyMaxToMarket ? r.maxNotional : '0';
  if (outside(notional, low, high)) throw filterFailure('NOTIONAL');
}

function reference({ average, marketPrice }: FilterContext): Decimal | undefined {
  if (!Number.isNaN(average)) return dec(average);
  return Number.isNaN(marketPrice) ? undefined : dec(marketPrice);
}

function checkPercentPrice(t: OrderTerms, price: Decimal, average: number): void {
  if (Number.isNaN(average)) return;
  const r = t.symbol.rules;
  const [up, down] =
    t.side === 'BUY' ? [r.bidMultiplierUp, r.bidMultiplierDown] : [r.askMultiplierUp, r.askMultiplierDown];
  if (price.gt(dec(up).times(average)) || price.lt(dec(down).times(average)))
    throw filterFailure('PERCENT_PRICE_BY_SIDE');
}

function checkTrailing(t: OrderTerms): void {
  if (t.trailingDelta === undefined) return;
  const { minTrailingDelta, maxTrailingDelta } = t.symbol.rules;
  if (t.trailingDelta < minTrailingDelta || t.trailingDelta > maxTrailingDelta)
    throw filterFailure('TRAILING_DELTA');
}

/** What is held of the base asset and what open buys may add to it. */
function checkPosition(t: OrderTerms, quantity: Decimal, account: Account): void {
  const { maxPosition } = t.symbol.rules;
  if (maxPosition === '' || t.side === 'SELL') return;
  let position = account.total(t.symbol.base).plus(quantity);
  for (const o of account.open.values())
    if (o.symbol === t.symbol && o.side === 'BUY') position = position.plus(o.leaves);
  if (position.gt(maxPosition)) throw filterFailure('MAX_POSITION');
}

function checkCounts(t: OrderTerms, account: Account): void {
  const { maxNumOrders, maxNumAlgoOrders } = t.symbol.rules;
  let orders = 0;
  let algorithmic = 0;
  for (const o of account.open.values()) {
    if (o.symbol !== t.symbol) continue;
    orders++;
    if (o.waiting) algorithmic++;
  }
  if (orders >= maxNumOrders) throw filterFailure('MAX_NUM_ORDERS');
  if (isConditional(t.type) && algorithmic >= maxNumAlgoOrders) throw filterFailure('MAX_NUM_ALGO_ORDERS');
}

/** Bounds of zero do not bind. */
function outside(value: Decimal, low: string, high: string): boolean {
  return value.lt(low) || (!dec(high).eq(ZERO) && value.gt(high));
}
