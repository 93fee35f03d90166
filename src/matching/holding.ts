import { Decimal, ZERO } from '../model/decimal.js';
import type { Instrument } from '../model/instrument.js';

/** Position of one instrument in one account, and what its open orders add to it. */
export class Holding {
  /** Signed. */
  quantity: Decimal = ZERO;
  /** Average entry price; zero when flat. */
  averagePrice: Decimal = ZERO;
  /** Open quantity of each side. */
  buys: Decimal = ZERO;
  sells: Decimal = ZERO;
  /** Money open orders reserve. */
  reserved: Decimal = ZERO;

  /** Largest position the open orders, and these more, could lead to. */
  exposure(moreBuys: Decimal, moreSells: Decimal): Decimal {
    return Decimal.max(
      this.quantity.plus(this.buys).plus(moreBuys).abs(),
      this.quantity.minus(this.sells).minus(moreSells).abs(),
    );
  }
}

/** True when only profit and loss are settled in cash (perpetuals, futures); false when the asset itself is paid for. */
export function settlesInProfit({ assetClass }: Instrument): boolean {
  return assetClass === 'crypto_perp' || assetClass === 'future';
}

/** Currency an instrument's money moves in: what the asset is paid with, or what profit and loss settle in. */
export function cashCurrency(instrument: Instrument): string {
  return settlesInProfit(instrument) ? instrument.settle : instrument.quote;
}

/** Books a fill of a signed quantity at average cost; returns the change of cash before fees. */
export function applyFill(
  h: Holding,
  instrument: Instrument,
  inProfit: boolean,
  quantity: Decimal,
  price: Decimal,
): Decimal {
  const before = h.quantity;
  const after = before.plus(quantity);
  const reduces = !before.isZero() && before.isNegative() !== quantity.isNegative();
  const closed = reduces ? Decimal.min(before.abs(), quantity.abs()) : ZERO;
  const realized = price
    .minus(h.averagePrice)
    .times(closed)
    .times(before.isNegative() ? -1 : 1)
    .times(instrument.multiplier);
  if (!reduces)
    h.averagePrice = before.abs().times(h.averagePrice).plus(quantity.abs().times(price)).div(after.abs());
  else if (after.isZero()) h.averagePrice = ZERO;
  else if (after.isNegative() !== before.isNegative()) h.averagePrice = price;
  h.quantity = after;
  return inProfit ? realized : quantity.times(price).times(instrument.multiplier).negated();
}
