import type { Random } from '../../../streams/random.js';
import type { MarketPort } from '../types.js';
import type { FlowSymbol } from './flow-book.js';
import { Grid } from './grid.js';

/** Steps until the prices move by a tick. */
const HOLD = 20;
const LEVELS = 10;

/**
 * A market for measurements: every event changes the best bid or ask, so the rate of events is the rate of quotes. Its
 * prices wander by a tick now and then; nobody takes.
 */
export class QuoteFlow {
  readonly symbol: string;
  readonly #port: MarketPort;
  readonly #random: Random;
  readonly #ticks: Grid;
  readonly #lots: Grid;
  readonly #size: number;
  #bid: number;
  #last = 0;
  #count = 0;

  constructor({ symbol, price, tick, lot, size }: FlowSymbol, port: MarketPort, random: Random) {
    this.symbol = symbol;
    this.#port = port;
    this.#random = random;
    this.#ticks = new Grid(tick);
    this.#lots = new Grid(lot);
    this.#size = Math.max(2, this.#lots.toUnits(size));
    this.#bid = this.#ticks.toUnits(price);
  }

  fill(): void {
    const [bids, asks]: [number[], number[]] = [[], []];
    for (let n = 0; n < LEVELS; n++) {
      bids.push(this.#ticks.toNumber(this.#bid - n), this.#quantity());
      asks.push(this.#ticks.toNumber(this.#bid + 1 + n), this.#quantity());
    }
    this.#port.levels(this.symbol, bids, asks, true);
  }

  moveTo(price: number): void {
    this.#bid = this.#ticks.toUnits(price);
    this.fill();
  }

  top(): void {
    // what stands at the best prices does not matter here
  }

  traded(): void {
    // a level that was taken is set anew when its turn comes
  }

  step(): void {
    if (++this.#count % HOLD === 0) {
      this.#bid = Math.max(LEVELS + 1, this.#bid + (this.#random.next() < 0.5 ? -1 : 1));
      this.fill();
      return;
    }
    if (this.#random.next() < 0.5) {
      this.#port.levels(this.symbol, [this.#ticks.toNumber(this.#bid), this.#quantity()], []);
    } else {
      this.#port.levels(this.symbol, [], [this.#ticks.toNumber(this.#bid + 1), this.#quantity()]);
    }
  }

  /** Never the same twice in a row: each event is a change. */
  #quantity(): number {
    let lots = 1 + this.#random.below(this.#size * 2);
    if (lots === this.#last) lots++;
    this.#last = lots;
    return this.#lots.toNumber(lots);
  }
}
