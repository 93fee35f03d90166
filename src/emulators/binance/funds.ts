import { dec, Decimal, ZERO } from '../../model/decimal.js';
import { insufficientBalance, rejected } from './errors.js';
import { hasLimit, isConditional, type OrderTerms } from './order.js';
import type { Account } from './account.js';
import type { PublicBook } from './public-book.js';
import { cut } from './settlement.js';

/** What a market order would get from the book as it stands. */
interface Walk {
  readonly quantity: Decimal;
  readonly quote: Decimal;
}

/** What a market order is, as far as walking the book goes. */
type Taker = Pick<OrderTerms, 'symbol' | 'side' | 'quantity' | 'quoteOrderQty' | 'stp'>;

/**
 * Walks the book by base quantity or by quote amount, in whole lots. The account's own orders are left out when its
 * mode keeps them from trading: the order goes past them, to worse prices.
 */
export function walk(account: Account, book: PublicBook, t: Taker): Walk {
  const levels = book.against(t.side);
  const own = t.stp === 'NONE' ? undefined : ownQuantities(account, t);
  let quantity = ZERO;
  let quote = ZERO;
  for (let n = 0; n < levels.length; n++) {
    const price = dec(levels.price(n));
    const size = dec(levels.size(n)).minus(own?.get(price.toNumber()) ?? ZERO);
    const part = Decimal.min(size, wanted(t, price, quantity, quote));
    quantity = quantity.plus(part);
    quote = quote.plus(cut(part.times(price)));
    if (part.lt(size)) break;
  }
  return { quantity, quote };
}

/** Base quantity that is still to be had at a price. */
function wanted(t: Taker, price: Decimal, quantity: Decimal, quote: Decimal): Decimal {
  if (t.quantity !== undefined) return t.quantity.minus(quantity);
  const left = (t.quoteOrderQty ?? ZERO).minus(quote);
  return left.div(price).div(t.symbol.step).floor().times(t.symbol.step);
}

/** The account's resting orders on the other side, by price. */
function ownQuantities(account: Account, t: Taker): ReadonlyMap<number, Decimal> {
  const own = new Map<number, Decimal>();
  for (const o of account.open.values()) {
    if (o.symbol !== t.symbol || o.side === t.side || !o.onBook) continue;
    const price = o.price.toNumber();
    own.set(price, (own.get(price) ?? ZERO).plus(o.leaves));
  }
  return own;
}

/** Base quantity of an order: as asked for, or what its quote amount buys or needs now. */
export function baseQuantity(account: Account, book: PublicBook, t: OrderTerms): Decimal {
  if (t.quantity !== undefined) return t.quantity;
  const { quantity } = walk(account, book, t);
  if (book.against(t.side).length === 0)
    throw rejected('Order book liquidity is less than symbol minimum quantity.');
  if (quantity.lt(t.symbol.rules.minQty))
    throw rejected('Order book liquidity is less than LOT_SIZE filter minimum quantity.');
  return quantity;
}

/** Throws when the account cannot pay for the order. */
export function checkFunds(account: Account, book: PublicBook, t: OrderTerms, quantity: Decimal): void {
  const { base, quote } = t.symbol;
  const enough =
    t.side === 'SELL'
      ? account.free(base).gte(quantity)
      : account.free(quote).gte(cost(account, book, t, quantity));
  if (!enough) throw insufficientBalance();
}

function cost(account: Account, book: PublicBook, t: OrderTerms, quantity: Decimal): Decimal {
  if (hasLimit(t.type)) return cut((t.price ?? ZERO).times(quantity));
  if (isConditional(t.type)) return cut((t.stopPrice ?? ZERO).times(quantity));
  return t.quoteOrderQty ?? walk(account, book, t).quote;
}
