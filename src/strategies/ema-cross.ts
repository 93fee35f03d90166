import { type Observable, type Subscriber } from 'rxjs';
import { z } from 'zod';
import { ZERO, dec, type Decimal } from '../model/decimal.js';
import type { BarEvent, QuoteEvent, TradeEvent } from '../model/event.js';
import type { Intent } from '../model/intent.js';
import type { StrategyContext } from '../operators/strategy/context.js';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { Stage, stage } from '../streams/operate.js';
import { decimal } from './fields.js';

type Priced = BarEvent | QuoteEvent | TradeEvent;

/** Two exponential averages of one instrument, in plain fields: the whole state of the hot path. */
interface Cross {
  fast: number;
  slow: number;
  count: number;
  /** 1 fast above slow, -1 below, 0 not known yet. */
  side: number;
}

/**
 * Emits an event when the fast average crosses the slow one at it; `side` tells where. One stage, no allocation per
 * event. While an average is young it is the plain mean of its values; the slow period must pass before anything counts.
 */
class CrossStage extends Stage<Priced, Priced> {
  readonly #fast: number;
  readonly #slow: number;
  readonly #slowPeriod: number;
  readonly #crosses: Cross[] = [];
  readonly #sides: number[];

  constructor(out: Subscriber<Priced>, fast: number, slow: number, sides: number[]) {
    super(out);
    this.#fast = 2 / (fast + 1);
    this.#slow = 2 / (slow + 1);
    this.#slowPeriod = slow;
    this.#sides = sides;
  }

  protected override push(event: Priced): void {
    const price =
      event.kind === 'quote' ? (event.bid + event.ask) / 2 : event.kind === 'bar' ? event.close : event.price;
    if (!(price > 0)) return;
    let cross = this.#crosses[event.ix];
    if (cross === undefined) {
      cross = { fast: price, slow: price, count: 0, side: 0 };
      this.#crosses[event.ix] = cross;
    }
    const count = ++cross.count;
    cross.fast += Math.max(this.#fast, 1 / count) * (price - cross.fast);
    cross.slow += Math.max(this.#slow, 1 / count) * (price - cross.slow);
    if (count < this.#slowPeriod) return;
    const gap = cross.fast - cross.slow;
    const side = gap > 0 ? 1 : gap < 0 ? -1 : cross.side;
    if (side === cross.side) return;
    const first = cross.side === 0;
    cross.side = side;
    this.#sides[event.ix] = side;
    if (!first) this.out.next(event);
  }
}

const params = z.strictObject({
  fast: z.int().positive().default(12).describe('Period of the fast average, in events.'),
  slow: z.int().positive().default(26).describe('Period of the slow average, in events.'),
  quantity: decimal().describe('Size of the position to hold, in base units.'),
  mode: z
    .enum(['long_flat', 'long_short'])
    .default('long_flat')
    .describe('What a cross downwards means: be flat, or be short.'),
  on: z
    .enum(['bars', 'quotes', 'trades'])
    .default('bars')
    .describe('What the averages are made of; quotes count by their mid.'),
});

/** Follows the cross of two exponential averages, per instrument: long above, flat or short below. */
export const emaCross: StrategyDefinition = defineStrategy({
  name: 'ema-cross',
  version: '1.0.0',
  summary: 'Long when the fast EMA is above the slow one, else flat or short.',
  params,
  run: (context, { fast, slow, quantity, mode, on }): Observable<readonly Intent[]> => {
    const sides: number[] = [];
    const source: Observable<Priced> =
      on === 'quotes' ? context.quotes$ : on === 'trades' ? context.trades$ : context.bars$;
    const below = mode === 'long_short' ? quantity.neg() : ZERO;
    return source.pipe(
      stage<Priced, Priced>((out) => new CrossStage(out, fast, slow, sides)),
      stage<Priced, readonly Intent[]>((out) => new TargetStage(out, context, sides, quantity, below)),
    );
  },
});

/** Moves the position to where the cross says. */
class TargetStage extends Stage<Priced, readonly Intent[]> {
  readonly #context: StrategyContext;
  readonly #sides: readonly number[];
  readonly #above: Decimal;
  readonly #below: Decimal;

  constructor(
    out: Subscriber<readonly Intent[]>,
    context: StrategyContext,
    sides: readonly number[],
    above: Decimal,
    below: Decimal,
  ) {
    super(out);
    this.#context = context;
    this.#sides = sides;
    this.#above = above;
    this.#below = below;
  }

  protected override push(event: Priced): void {
    const up = this.#sides[event.ix] === 1;
    const intents = this.#context.place.target(dec(up ? this.#above : this.#below), {
      instrument: event.instrument,
      reason: up ? 'fast EMA crossed above slow' : 'fast EMA crossed below slow',
    });
    if (intents.length > 0) this.out.next(intents);
  }
}

export default emaCross;
