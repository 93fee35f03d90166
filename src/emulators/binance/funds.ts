import { dec, ZERO, type Decimal } from '../../model/decimal.js';
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

/** Walks the book by base quantity or by quote amount, in whole lots. */
export function walk(book: PublicBook, t: OrderTerms): Walk {
  const levels = book.against(t.side);
  let quantity = ZERO;
  let quote = ZERO;
  for (let n = 0; n < levels.length; n++) {
    const price = dec(levels.price(n));
    const size = dec(levels.size(n));
    let part = size;
    if (t.quantity !== undefined) part = least(size, t.quantity.minus(quantity));
    else if (t.quoteOrderQty !== undefined) {
      const affordable = t.quoteOrderQty
        .minus(quote)
        .div(price)
        .div(t.symbol.step)
        .floor()
        .times(t.symbol.step);
      part = least(size, affordable);
    }
    if (part.lte(0)) break;
    quantity = quantity.plus(part);
    quote = quote.plus(cut(part.times(price)));
    if (part.lt(size)) break;
  }
  return { quantity, quote };
}

const least = (a: Decimal, b: Decimal): Decimal => (a.lt(b) ? a : b);

/** Base quantity of an order: as asked for, or what its quote amount buys or needs now. */
export function baseQuantity(book: PublicBook, t: OrderTerms): Decimal {
  if (t.quantity !== undefined) return t.quantity;
  const { quantity } = walk(book, t);
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
    t.side === 'SELL' ? account.free(base).gte(quantity) : account.free(quote).gte(cost(book, t, quantity));
  if (!enough) throw insufficientBalance();
}

function cost(book: PublicBook, t: OrderTerms, quantity: Decimal): Decimal {
  if (hasLimit(t.type)) return cut((t.price ?? ZERO).times(quantity));
  if (isConditional(t.type)) return cut((t.stopPrice ?? ZERO).times(quantity));
  return t.quoteOrderQty ?? walk(book, t).quote;
}
