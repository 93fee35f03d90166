import { type Observable, type Subscriber } from 'rxjs';
import { z } from 'zod';
import type { BarEvent, QuoteEvent, TradeEvent } from '../model/event.js';
import type { Intent } from '../model/intent.js';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { Stage, stage } from '../streams/operate.js';
import { decimal } from './fields.js';
import { hasOneSize, holdings, ONE_SIZE, sizing, type Sizing } from './holdings.js';

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
 * event. An average begins as the mean of its first period, or with `seed: first` at its first value; the slow period must
 * pass before anything counts.
 */
class CrossStage extends Stage<Priced, Priced> {
  readonly #fast: number;
  readonly #slow: number;
  readonly #slowPeriod: number;
  /** So many values are averaged plainly before the weights hold; 0: none. */
  readonly #fastMean: number;
  readonly #slowMean: number;
  readonly #atOnce: boolean;
  readonly #crosses: Cross[] = [];
  readonly #sides: number[];

  constructor(out: Subscriber<Priced>, { fast, slow, seed, start }: CrossOptions, sides: number[]) {
    super(out);
    this.#fast = 2 / (fast + 1);
    this.#slow = 2 / (slow + 1);
    this.#slowPeriod = slow;
    this.#fastMean = seed === 'mean' ? fast : 0;
    this.#slowMean = seed === 'mean' ? slow : 0;
    this.#atOnce = start === 'side';
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
    cross.fast += (count <= this.#fastMean ? 1 / count : this.#fast) * (price - cross.fast);
    cross.slow += (count <= this.#slowMean ? 1 / count : this.#slow) * (price - cross.slow);
    if (count < this.#slowPeriod) return;
    const gap = cross.fast - cross.slow;
    const side = gap > 0 ? 1 : gap < 0 ? -1 : cross.side;
    if (side === cross.side) return;
    const first = cross.side === 0;
    cross.side = side;
    this.#sides[event.ix] = side;
    if (!first || this.#atOnce) this.out.next(event);
  }
}

interface CrossOptions {
  readonly fast: number;
  readonly slow: number;
  readonly seed: 'mean' | 'first';
  readonly start: 'cross' | 'side';
}

const params = z
  .strictObject({
    fast: z.int().positive().default(12).describe('Period of the fast average, in events.'),
    slow: z.int().positive().default(26).describe('Period of the slow average, in events.'),
    seed: z
      .enum(['mean', 'first'])
      .default('mean')
      .describe('How an average begins: as the mean of its first period, or at its first value.'),
    start: z
      .enum(['cross', 'side'])
      .default('cross')
      .describe('When it first acts: at the first cross, or as soon as the averages have a side.'),
    quantity: decimal().optional().describe('Size of the position to hold, in base units.'),
    ...holdings,
    mode: z
      .enum(['long_flat', 'long_short'])
      .default('long_flat')
      .describe('What a cross downwards means: be flat, or be short.'),
    on: z
      .enum(['bars', 'quotes', 'trades'])
      .default('bars')
      .describe('What the averages are made of; quotes count by their mid.'),
  })
  .refine(hasOneSize, ONE_SIZE);

/** Follows the cross of two exponential averages, per instrument: long above, flat or short below. */
export const emaCross: StrategyDefinition = defineStrategy({
  name: 'ema-cross',
  version: '1.0.0',
  summary: 'Long when the fast EMA is above the slow one, else flat or short.',
  params,
  run: (context, params): Observable<readonly Intent[]> => {
    const { mode, on } = params;
    const size = sizing(context.place, params);
    const sides: number[] = [];
    const source: Observable<Priced> =
      on === 'quotes' ? context.quotes$ : on === 'trades' ? context.trades$ : context.bars$;
    const below = mode === 'long_short' ? -1 : 0;
    return source.pipe(
      stage<Priced, Priced>((out) => new CrossStage(out, params, sides)),
      stage<Priced, readonly Intent[]>((out) => new TargetStage(out, size, sides, below)),
    );
  },
});

/** Moves the position to where the cross says. */
class TargetStage extends Stage<Priced, readonly Intent[]> {
  readonly #size: Sizing;
  readonly #sides: readonly number[];
  readonly #below: 0 | -1;

  constructor(out: Subscriber<readonly Intent[]>, size: Sizing, sides: readonly number[], below: 0 | -1) {
    super(out);
    this.#size = size;
    this.#sides = sides;
    this.#below = below;
  }

  protected override push(event: Priced): void {
    const up = this.#sides[event.ix] === 1;
    const reason = up ? 'fast EMA crossed above slow' : 'fast EMA crossed below slow';
    const intents = this.#size(event.instrument, up ? 1 : this.#below, reason);
    if (intents.length > 0) this.out.next(intents);
  }
}
