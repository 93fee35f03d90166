import { decimal, defineStrategy } from 'millrace';
import { distinctUntilChanged, filter, map } from 'rxjs';
import { z } from 'zod';

/** Buys when a bar closes above its open, sells when it closes below; acts only when the direction changes. */
export default defineStrategy({
  name: 'first',
  version: '1.0.0',
  params: z.object({ quantity: decimal() }),
  run: ({ bars$, place }, { quantity }) =>
    bars$.pipe(
      map((bar) => Math.sign(bar.close - bar.open)),
      filter((direction) => direction !== 0),
      distinctUntilChanged(),
      map((direction) => place.market({ side: direction > 0 ? 'buy' : 'sell', quantity })),
    ),
});
