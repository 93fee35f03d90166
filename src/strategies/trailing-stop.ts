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
  quantity: decimal().describe('Quantity of entry and exit.'),
  entry_trail: decimal().describe('Distance of the entry’s trailing stop from the market, in price.'),
  exit_trail: decimal().describe('Distance of the exit’s trailing stop from the market, in price.'),
});

/** Enters by a trailing stop placed on the first bar; when it has filled whole, leaves by another one. */
export const trailingStop: StrategyDefinition = defineStrategy({
  name: 'trailing-stop',
  version: '1.0.0',
  summary: 'Enters and leaves by trailing stops.',
  params,
  run: (
    { bars$, orders$, place },
    { side, quantity, entry_trail: entry, exit_trail: exit },
  ): Observable<StrategyOutput> => {
    let key = '';
    const enter$ = bars$.pipe(
      take(1),
      map(() => {
        const intent = place.trailingStop({ side, quantity, offset: entry, reason: 'first bar' });
        key = intent.orderKey;
        return intent;
      }),
    );
    const leave$ = orders$.pipe(
      filter((order) => order.orderKey === key && order.state === 'filled'),
      take(1),
      map((order) =>
        place.trailingStop({
          side: side === 'buy' ? 'sell' : 'buy',
          quantity,
          offset: exit,
          instrument: order.instrument,
          reason: 'entry filled',
        }),
      ),
    );
    return merge(leave$, enter$);
  },
});
