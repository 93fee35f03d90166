import type { BrokerPosition } from '../../brokers/broker.js';
import { ZERO, dec, type Decimal } from '../../model/decimal.js';
import type { AccountEvent } from '../../model/event.js';
import type { StateView } from '../../state/view.js';

/** A figure of ours beside the venue's. */
export interface Difference {
  readonly subject: 'position' | 'balance';
  /** Symbol or currency. */
  readonly key: string;
  readonly ix: number;
  readonly ours: Decimal;
  readonly theirs: Decimal;
  readonly price: Decimal | undefined;
}

/**
 * Positions of an account, symbol by symbol. Spot coins are left out: they are balances. A symbol that is not in the
 * instrument table has `ix` -1.
 */
export function positionDifferences(
  state: StateView,
  account: string,
  told: readonly BrokerPosition[],
  tolerance: Decimal,
): readonly Difference[] {
  const theirs = new Map<string, BrokerPosition>();
  for (const one of told) if (one.account === account) theirs.set(one.instrument, one);
  const symbols = new Set(theirs.keys());
  for (const held of state.portfolio.positions(account)) symbols.add(held.instrument);
  const found: Difference[] = [];
  for (const key of symbols) {
    const instrument = state.instruments.get(key);
    if (instrument?.assetClass === 'crypto_spot') continue;
    const ix = instrument?.ix ?? -1;
    const ours = ix < 0 ? ZERO : (state.portfolio.position(account, ix)?.quantity ?? ZERO);
    const one = theirs.get(key);
    const quantity = dec(one?.quantity ?? 0);
    if (!differ(ours, quantity, tolerance)) continue;
    const price = one === undefined || one.averagePrice === '' ? undefined : dec(one.averagePrice);
    found.push({ subject: 'position', key, ix, ours, theirs: quantity, price });
  }
  return found;
}

/** What the account has of each currency: cash, and for spot the coins bought, less fees paid in them. */
export function balanceDifferences(
  state: StateView,
  told: AccountEvent,
  /** `broker`: cash is what the broker says anyway, so only coins are compared. */
  balances: 'derived' | 'broker',
  tolerance: Readonly<Record<string, Decimal>>,
): readonly Difference[] {
  const { account } = told;
  const theirs = new Map(told.balances.map(({ currency, total }) => [currency, total]));
  const coins = new Set<string>();
  for (const instrument of state.instruments.all) {
    if (instrument.assetClass === 'crypto_spot') coins.add(instrument.base);
  }
  const currencies = new Set([...theirs.keys(), ...state.portfolio.currencies(account), ...coins]);
  const found: Difference[] = [];
  for (const key of currencies) {
    if (balances === 'broker' && !coins.has(key)) continue;
    const ours = state.portfolio.owned?.(account, key) ?? state.portfolio.cash(account, key);
    const total = theirs.get(key) ?? ZERO;
    if (differ(ours, total, tolerance[key] ?? ZERO))
      found.push({ subject: 'balance', key, ix: -1, ours, theirs: total, price: undefined });
  }
  return found;
}

function differ(ours: Decimal, theirs: Decimal, tolerance: Decimal): boolean {
  return ours.minus(theirs).abs().gt(tolerance);
}
