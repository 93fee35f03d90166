import { filter, map, merge, take, type Observable } from 'rxjs';
import { z } from 'zod';
import {
  defineStrategy,
  type StrategyDefinition,
  type StrategyOutput,
} from '../operators/strategy/definition.js';
import { decimal } from './fields.js';

const params = z.strictObject({
  side: z.enum(['buy', 'sell']).default('buy').describe('Side of the entry.'),
  quantity: decimal().describe('Quantity of entry and stop.'),
  offset: decimal().describe(
    'Added to the fill price for the stop price; negative puts the stop below the fill.',
  ),
});

/** Enters at market on the first bar; each fill of the entry is protected by a stop at fill price plus offset. */
export const stopOnFill: StrategyDefinition = defineStrategy({
  name: 'stop-on-fill',
  version: '1.0.0',
  summary: 'Enters at market and places a stop at a distance from each fill.',
  params,
  run: ({ bars$, fills$, place }, { side, quantity, offset }): Observable<StrategyOutput> => {
    const exit = side === 'buy' ? 'sell' : 'buy';
    const enter$ = bars$.pipe(
      take(1),
      map(() => place.market({ side, quantity, reason: 'first bar' })),
    );
    const protect$ = fills$.pipe(
      filter((event) => event.side === side),
      map((event) =>
        place.stop({
          side: exit,
          quantity: event.fill.quantity,
          stopPrice: event.fill.price.plus(offset),
          instrument: event.instrument,
          reason: 'stop for the fill',
        }),
      ),
    );
    return merge(protect$, enter$);
  },
});
