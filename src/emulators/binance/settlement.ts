import { Decimal, ZERO } from '../../model/decimal.js';
import type { Account } from './account.js';
import type { SpotOrder } from './order.js';
import { hasLimit } from './order.js';

/** Money is kept to 8 decimals; what is smaller is cut off. */
export function cut(value: Decimal): Decimal {
  return value.toDecimalPlaces(8, Decimal.ROUND_DOWN);
}

/** What `quantity` of the order binds: quote for buys at its limit (or stop), base for sells; market orders bind nothing. */
export function bound(o: SpotOrder, quantity: Decimal): { readonly asset: string; readonly amount: Decimal } {
  if (o.side === 'SELL') return { asset: o.symbol.base, amount: o.type === 'MARKET' ? ZERO : quantity };
  const price = hasLimit(o.type) ? o.price : (o.stopPrice ?? ZERO);
  return { asset: o.symbol.quote, amount: o.type === 'MARKET' ? ZERO : cut(price.times(quantity)) };
}

/** Binds what the order needs from now on; frees what it no longer needs. */
export function rebind(o: SpotOrder, quantity: Decimal): void {
  const { asset, amount } = bound(o, quantity);
  const change = amount.minus(o.locked);
  o.lockedAsset = asset;
  o.locked = amount;
  if (!change.isZero()) o.account.lock(asset, change);
}

/** Frees all the order binds. */
export function unbind(o: SpotOrder): void {
  if (o.locked.isZero()) return;
  o.account.lock(o.lockedAsset, o.locked.negated());
  o.locked = ZERO;
}

export interface Settled {
  readonly quote: Decimal;
  readonly commission: Decimal;
  readonly commissionAsset: string;
}

/** Moves the money of one fill. The commission is taken from what is received: base on buys, quote on sells. */
export function settle(o: SpotOrder, quantity: Decimal, price: Decimal, maker: boolean): Settled {
  const account: Account = o.account;
  const quote = cut(quantity.times(price));
  const rate = maker ? account.maker : account.taker;
  const buying = o.side === 'BUY';
  const received = buying ? quantity : quote;
  const commission = cut(received.times(rate));
  if (o.locked.gt(0)) rebind(o, o.leaves);
  account.credit(buying ? o.symbol.quote : o.symbol.base, (buying ? quote : quantity).negated());
  account.credit(buying ? o.symbol.base : o.symbol.quote, received.minus(commission));
  return { quote, commission, commissionAsset: buying ? o.symbol.base : o.symbol.quote };
}
