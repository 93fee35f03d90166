import { dec, type Decimal } from '../../model/decimal.js';
import { badSymbol } from './errors.js';
import type { Market, MatchingHost } from './matching-host.js';
import type { LevelChanges, MarketPort, SymbolStatus } from './types.js';

/** Lets a simulated or recorded market play on the exchange. `settle` is called after each change. */
export class VenueMarketPort implements MarketPort {
  readonly #host: MatchingHost;
  readonly #settle: () => void;

  constructor(host: MatchingHost, settle: () => void) {
    this.#host = host;
    this.#settle = settle;
  }

  levels(symbol: string, bids: LevelChanges, asks: LevelChanges, snapshot = false): void {
    const m = this.#market(symbol);
    const crossing: (readonly ['BUY' | 'SELL', number, number])[] = [];
    const plainBids = this.#split(m, 'BUY', bids, crossing);
    const plainAsks = this.#split(m, 'SELL', asks, crossing);
    this.#host.levels(m, plainBids, plainAsks, snapshot);
    for (const [side, price, quantity] of crossing) {
      const taken = this.#host.take(m, side, this.#lots(m, quantity), dec(price));
      const rest = dec(quantity).minus(taken);
      const level = rest.gt(0) ? [price, rest.toNumber()] : [price, 0];
      this.#host.levels(m, side === 'BUY' ? level : [], side === 'SELL' ? level : [], false);
    }
    this.#settle();
  }

  take(symbol: string, side: 'BUY' | 'SELL', quantity: number, limit?: number): number {
    const m = this.#market(symbol);
    const lots = this.#lots(m, quantity);
    if (lots.lte(0)) return 0;
    const taken = this.#host.take(m, side, lots, limit === undefined ? undefined : dec(limit));
    this.#settle();
    return taken.toNumber();
  }

  print(symbol: string, price: number, quantity: number, buyerIsMaker: boolean): void {
    const m = this.#market(symbol);
    const rest = dec(quantity).minus(this.#host.print(m, price, quantity, buyerIsMaker));
    if (rest.gt(0)) this.#host.publish(m, dec(price), rest, buyerIsMaker, 'print');
    this.#settle();
  }

  own(symbol: string, side: 'BUY' | 'SELL', price: number): number {
    const m = this.#market(symbol);
    return (
      this.#host.engine
        .book(m.symbol.ix)
        ?.own(side === 'BUY' ? 1 : -1)
        .sizeAt(price) ?? 0
    );
  }

  status(symbol: string, status: SymbolStatus): void {
    const m = this.#market(symbol);
    m.symbol.status = status;
    this.#host.tradable(m, status === 'TRADING');
    m.book.touchAll();
    this.#host.levels(m, [], [], false); // what crossed while nothing could trade trades now
    this.#settle();
  }

  /** Levels that accounts' resting orders would trade with are put into `crossing`, the others are returned. */
  #split(
    m: Market,
    side: 'BUY' | 'SELL',
    changes: LevelChanges,
    crossing: (readonly ['BUY' | 'SELL', number, number])[],
  ): LevelChanges {
    const best = m.book.bestOwn(side === 'BUY' ? 'SELL' : 'BUY');
    if (Number.isNaN(best) || m.symbol.status !== 'TRADING') return changes;
    const plain: number[] = [];
    for (let i = 0; i + 1 < changes.length; i += 2) {
      const price = changes[i] ?? NaN;
      const quantity = changes[i + 1] ?? 0;
      const meets = side === 'BUY' ? price >= best : price <= best;
      if (meets && quantity > 0) {
        crossing.push([side, price, quantity]);
        plain.push(price, 0);
      } else plain.push(price, quantity);
    }
    return plain;
  }

  #lots(m: Market, quantity: number): Decimal {
    const { step } = m.symbol;
    return dec(quantity).div(step).floor().times(step);
  }

  #market(symbol: string): Market {
    const m = this.#host.markets.get(symbol);
    if (m === undefined) throw badSymbol();
    return m;
  }
}
