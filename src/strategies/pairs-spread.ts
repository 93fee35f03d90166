import { filter, map, type Observable } from 'rxjs';
import { z } from 'zod';
import type { Intent } from '../model/intent.js';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { decimal } from './fields.js';
import { Window } from './indicators/indicator.js';

const params = z
  .strictObject({
    first: z.string().min(1).describe('Symbol of the first leg.'),
    second: z.string().min(1).describe('Symbol of the second leg.'),
    ratio: decimal().prefault(1).describe('Units of the second leg for one of the first: the hedge ratio.'),
    quantity: decimal().describe('Position of the first leg.'),
    window: z.int().min(2).default(60).describe('Bars the mean and deviation of the spread are taken from.'),
    entry: z.number().positive().default(2).describe('Standard deviations from the mean at which to enter.'),
    exit: z.number().min(0).default(0.5).describe('Standard deviations from the mean at which to leave.'),
    stop: z
      .number()
      .positive()
      .optional()
      .describe('Standard deviations at which to give up; the pair then waits for `exit`.'),
  })
  .refine(({ exit, entry }) => exit < entry, 'exit must be below entry')
  .refine(({ stop, entry }) => stop === undefined || stop > entry, 'stop must be above entry')
  .refine(({ first, second }) => first !== second, 'first and second must differ');

/** What the spread is held as: 1 long (first bought, second sold), -1 short, 0 not. */
type Held = 1 | 0 | -1;

/**
 * Trades the spread `first - ratio x second` back to its mean: sells it when it is dear, buys it when it is cheap, by its
 * distance from the mean in standard deviations. Both legs must have a bar of the same start before it is judged.
 */
export const pairsSpread: StrategyDefinition = defineStrategy({
  name: 'pairs-spread',
  version: '1.0.0',
  summary: 'Trades the spread of two instruments back to its mean.',
  params,
  run: (
    context,
    { first, second, ratio, quantity, window, entry, exit, stop },
  ): Observable<readonly Intent[]> => {
    const { bars$, place } = context;
    const one = context.instrument(first);
    const two = context.instrument(second);
    const hedge = quantity.times(ratio).div(two.lotSize).round().times(two.lotSize);
    const spreads = new Window(window);
    const beta = ratio.toNumber();
    const last = { one: NaN, oneAt: NaN, two: NaN, twoAt: NaN };
    let held: Held = 0;
    let stopped = false;

    /** Distance of the newest spread from the mean before it; NaN until the window is full. */
    const score = (): number => {
      const spread = last.one - beta * last.two;
      const full = spreads.full;
      const mean = spreads.sum / window;
      let squares = 0;
      for (let i = 0; i < spreads.count; i++) squares += (spreads.at(i) - mean) ** 2;
      spreads.push(spread);
      const deviation = Math.sqrt(squares / window);
      return full && deviation > 0 ? (spread - mean) / deviation : NaN;
    };

    const decide = (z: number): Held => {
      if (Math.abs(z) <= exit) stopped = false;
      if (held !== 0 && stop !== undefined && Math.abs(z) >= stop && Math.sign(z) === -held) stopped = true;
      if (stopped) return 0;
      if (z >= entry) return -1;
      if (z <= -entry) return 1;
      return held !== 0 && held * z >= -exit ? 0 : held;
    };

    return bars$.pipe(
      map((bar) => {
        if (bar.ix === one.ix) [last.one, last.oneAt] = [bar.close, bar.start];
        else if (bar.ix === two.ix) [last.two, last.twoAt] = [bar.close, bar.start];
        else return [];
        if (last.oneAt !== last.twoAt) return [];
        const z = score();
        if (Number.isNaN(z)) return [];
        const wanted = decide(z);
        if (wanted === held) return [];
        held = wanted;
        const reason = `spread at ${z.toFixed(2)} deviations`;
        return [
          ...place.target(quantity.times(held), { instrument: first, reason }),
          ...place.target(hedge.times(-held), { instrument: second, reason }),
        ];
      }),
      filter((intents) => intents.length > 0),
    );
  },
});
