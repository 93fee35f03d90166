import { filter, map, merge, type Observable } from 'rxjs';
import { z } from 'zod';
import type { Intent } from '../model/intent.js';
import type { StrategyContext } from '../operators/strategy/context.js';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';

const share = (what: string): z.ZodOptional<z.ZodNumber> => z.number().positive().optional().describe(what);

const params = z
  .strictObject({
    stop_loss: share(
      'Loss at which a position is closed, as a share of its average price, for example 0.02.',
    ),
    take_profit: share('Profit at which a position is closed, as a share of its average price.'),
    trailing: share('Fall from the best price since entry at which it is closed, as a share of that price.'),
  })
  .refine(
    ({ stop_loss: stop, take_profit: take, trailing }) =>
      [stop, take, trailing].some((one) => one !== undefined),
    'give at least one of stop_loss, take_profit and trailing',
  );

/** One position under guard. */
interface Watch {
  /** Average price it was entered at; another one is another position. */
  entry: number;
  long: boolean;
  best: number;
}

/**
 * Closes the positions of its account at a loss, a profit or a fall from the best price, whoever opened them. It sees
 * each price its inputs bring: quotes at the side the position would close at, trades, closes of bars. It asks again at
 * every price until the position is gone or its own order for that works.
 */
export const guard: StrategyDefinition = defineStrategy({
  name: 'guard',
  version: '1.0.0',
  summary: 'Closes positions at a stop loss, a take profit or a trailing stop.',
  params,
  run: (context, params): Observable<readonly Intent[]> => {
    const watches: (Watch | undefined)[] = [];
    return prices(context).pipe(
      map(({ instrument, ix, closing }) => {
        const quantity = context.state.position(instrument);
        if (quantity.isZero()) {
          watches[ix] = undefined;
          return [];
        }
        const long = quantity.gt(0);
        const price = closing(long);
        if (!(price > 0)) return [];
        const entry = context.state.averagePrice(instrument).toNumber();
        const watch = fresh(watches[ix], entry, long, price);
        watches[ix] = watch;
        const reason = verdict(watch, price, params);
        return reason === undefined ? [] : context.place.target(0, { instrument, reason });
      }),
      filter((intents) => intents.length > 0),
    );
  },
});

interface Price {
  readonly instrument: string;
  readonly ix: number;
  /** What closing a long (or short) position would bring. */
  readonly closing: (long: boolean) => number;
}

function prices({ bars$, trades$, quotes$ }: StrategyContext): Observable<Price> {
  return merge(
    bars$.pipe(map(({ instrument, ix, close }) => ({ instrument, ix, closing: () => close }))),
    trades$.pipe(map(({ instrument, ix, price }) => ({ instrument, ix, closing: () => price }))),
    quotes$.pipe(
      map(({ instrument, ix, bid, ask }) => ({
        instrument,
        ix,
        closing: (long: boolean) => (long ? bid : ask),
      })),
    ),
  );
}

function fresh(watch: Watch | undefined, entry: number, long: boolean, price: number): Watch {
  if (watch === undefined || watch.long !== long)
    return { entry, long, best: long ? Math.max(entry, price) : Math.min(entry, price) };
  watch.entry = entry;
  watch.best = long ? Math.max(watch.best, price) : Math.min(watch.best, price);
  return watch;
}

function verdict(
  { entry, long, best }: Watch,
  price: number,
  limits: z.output<typeof params>,
): string | undefined {
  const sign = long ? 1 : -1;
  const gain = (sign * (price - entry)) / entry;
  const fall = (sign * (best - price)) / best;
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  if (limits.stop_loss !== undefined && gain <= -limits.stop_loss) return `stop loss: ${percent(gain)}`;
  if (limits.take_profit !== undefined && gain >= limits.take_profit) return `take profit: ${percent(gain)}`;
  if (limits.trailing !== undefined && fall >= limits.trailing)
    return `trailing stop: ${percent(-fall)} from the best price`;
  return undefined;
}
