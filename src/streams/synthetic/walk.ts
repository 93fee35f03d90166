import { MICROS_PER_DAY, type Micros } from '../../model/time.js';
import type { Random } from '../random.js';

/** What one synthetic instrument is like. */
export interface SyntheticInstrument {
  readonly symbol: string;
  readonly ix: number;
  readonly price: number;
  /** Standard deviation of a day's return, as a fraction. */
  readonly volatility: number;
  /** Mean return of a day, as a fraction. */
  readonly drift: number;
  readonly tick: number;
  /** Smallest size; sizes are multiples of it. */
  readonly lot: number;
  /** Typical size of a trade. */
  readonly size: number;
  /** Spread in ticks while the market is calm. */
  readonly spread: number;
}

/** A price shock: the price moves by a fraction, spread over a time. */
export interface Shock {
  /** Since the start. */
  readonly at: Micros;
  readonly over: Micros;
  readonly move: number;
  /** Index of the instrument in the list; -1: all. */
  readonly target: number;
}

interface Regime {
  readonly volatility: number;
  /** Daily drift in daily standard deviations. */
  readonly trend: number;
  readonly spread: number;
}

const CALM: Regime = { volatility: 0.6, trend: 0, spread: 1 };
const UP: Regime = { volatility: 0.9, trend: 16, spread: 1 };
const DOWN: Regime = { volatility: 1, trend: -16, spread: 1 };
const WILD: Regime = { volatility: 2.2, trend: 0, spread: 3 };
/** What may follow; each entry is equally likely. */
const NEXT: readonly Regime[] = [CALM, UP, UP, DOWN, DOWN, WILD];
/** Part of the way back to the anchor the price is pulled a day. */
const REVERSION = 4;
const FLOOR_TICKS = 4;

/** The price of one instrument: trends, calm and wild times, pulled back to a slowly drifting anchor. */
export class Walk {
  readonly instrument: SyntheticInstrument;
  bidTicks = 0;
  askTicks = 0;
  #mid: number;
  #anchor: number;
  #time: Micros = 0;
  #regime: Regime = CALM;
  #regimeEnd: Micros = 0;
  readonly #regimeLength: Micros;
  readonly #random: Random;
  readonly #shocks: readonly Shock[];

  constructor(
    instrument: SyntheticInstrument,
    shocks: readonly Shock[],
    regimeLength: Micros,
    random: Random,
  ) {
    this.instrument = instrument;
    this.#mid = instrument.price;
    this.#anchor = instrument.price;
    this.#regimeLength = regimeLength;
    this.#random = random;
    this.#shocks = shocks;
    this.#quote();
  }

  /** Chance that the next aggressor buys. */
  get buyers(): number {
    return this.#regime.trend > 0 ? 0.58 : this.#regime.trend < 0 ? 0.42 : 0.5;
  }

  /** Moves the price on to a time since the start. */
  moveTo(time: Micros): void {
    if (time >= this.#regimeEnd) this.#changeRegime(time);
    const days = (time - this.#time) / MICROS_PER_DAY;
    const { volatility, drift } = this.instrument;
    const noise = volatility * this.#regime.volatility * Math.sqrt(days) * this.#random.bell();
    const trend = (drift + this.#regime.trend * volatility) * days;
    const pull = ((this.#anchor - this.#mid) / this.#anchor) * Math.min(REVERSION * days, 1);
    this.#anchor *= 1 + drift * days;
    this.#mid *= Math.max(0.5, 1 + noise + trend + pull + this.#shocked(this.#time, time));
    this.#time = time;
    this.#quote();
  }

  #changeRegime(time: Micros): void {
    this.#regime = NEXT[this.#random.below(NEXT.length)] ?? CALM;
    this.#regimeEnd = time + Math.round(this.#regimeLength * this.#random.between(0.4, 1.6));
  }

  /** The part of all shocks that falls between two times. */
  #shocked(from: Micros, to: Micros): number {
    let move = 0;
    for (const shock of this.#shocks) {
      const overlap = Math.min(to, shock.at + shock.over) - Math.max(from, shock.at);
      if (overlap > 0) move += (shock.move * overlap) / shock.over;
    }
    return move;
  }

  #quote(): void {
    const { tick, spread } = this.instrument;
    const width = Math.max(1, Math.round(spread * this.#regime.spread));
    if (this.#mid < tick * FLOOR_TICKS) this.#mid = tick * FLOOR_TICKS;
    this.bidTicks = Math.max(1, Math.round(this.#mid / tick - width / 2));
    this.askTicks = this.bidTicks + width;
  }
}
