import { defineStrategy, type Intent } from 'millrace';
import { filter, map } from 'rxjs';
import { z } from 'zod';

/** Trades at random around the market, with orders that rest and orders that cross, and cancels some of them. */
export default defineStrategy({
  name: 'busy',
  version: '1.0.0',
  params: z.strictObject({}),
  run: ({ quotes$, place, state, random }) => {
    let quotes = 0;
    return quotes$.pipe(
      filter(() => ++quotes % 3 === 0),
      map((quote): readonly Intent[] => {
        const open = state.openOrders();
        const oldest = open[0];
        if (open.length > 6 && oldest !== undefined) return [place.cancel(oldest.orderKey)];
        const side = random() < 0.5 ? 'buy' : 'sell';
        const quantity = (1 + Math.floor(random() * 20)) / 1000;
        if (random() < 0.3) return [place.market({ side, quantity })];
        const limitPrice = (Math.round(quote.bid * 10) + Math.floor((random() - 0.5) * 600)) / 10;
        return [place.limit({ side, quantity, limitPrice })];
      }),
    );
  },
});
