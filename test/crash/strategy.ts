import { defineStrategy, type Intent } from 'millrace';
import { filter, map } from 'rxjs';
import { z } from 'zod';

/** Trades at random around the market: orders that rest, orders that cross, replacements and cancels. */
export default defineStrategy({
  name: 'busy',
  version: '1.0.0',
  params: z.strictObject({}),
  run: ({ quotes$, place, state, random, instrument }) => {
    let quotes = 0;
    return quotes$.pipe(
      filter(() => ++quotes % 3 === 0),
      map((quote): readonly Intent[] => {
        const { tickSize, lotSize } = instrument(quote.instrument);
        const open = state.openOrders(quote.instrument).filter(({ state: at }) => at !== 'pending_cancel');
        const oldest = open[0];
        const flat = state.position(quote.instrument).lte(0);
        const side = random() < (flat ? 0.9 : 0.5) ? 'buy' : 'sell';
        const value = 20 + random() * 2000;
        const quantity = lotSize.times(Math.floor(value / quote.bid / lotSize.toNumber()));
        const away = (random() - 0.4) * 0.001 * quote.bid * (side === 'buy' ? -1 : 1);
        const limitPrice = tickSize.times(Math.round((quote.bid + away) / tickSize.toNumber()));
        const dice = random();
        if (oldest !== undefined && (open.length > 4 || dice < 0.2)) return [place.cancel(oldest.orderKey)];
        if (oldest !== undefined && oldest.side === side && dice < 0.4)
          return [place.replace(oldest.orderKey, dice < 0.3 ? { limitPrice } : { quantity, limitPrice })];
        if (dice > 0.7) return [place.market({ side, quantity })];
        return [place.limit({ side, quantity, limitPrice })];
      }),
    );
  },
});
