import { decimal, defineStrategy } from 'millrace';
import { filter, map } from 'rxjs';
import { z } from 'zod';

/**
 * Buys when a bar closes above its open and it holds nothing, with a target and a stop. The `manage` operator behind it
 * keeps the two sized by what the entry fills, and takes one away as the other fills.
 */
export default defineStrategy({
  name: 'bracket',
  version: '1.0.0',
  params: z.object({ quantity: decimal(), target: z.number().positive(), stop: z.number().positive() }),
  run: ({ bars$, place, state }, { quantity, target, stop }) =>
    bars$.pipe(
      filter(({ open, close }) => close > open && state.position().isZero()),
      map(({ close }) =>
        place.bracket({
          side: 'buy',
          quantity,
          takeProfit: Math.round(close + target),
          stopLoss: { stopPrice: Math.round(close - stop) },
        }),
      ),
    ),
});
