import { defineStrategy, type Intent, type QuoteEvent } from 'millrace';
import { filter, map } from 'rxjs';
import { z } from 'zod';

/** Steps of price and quantity of the pairs that are traded, and a usual quantity in steps. */
const PAIRS: Readonly<
  Record<string, { readonly tick: number; readonly lot: number; readonly size: number }>
> = {
  BTCUSDT: { tick: 0.01, lot: 0.00001, size: 200 },
  ETHUSDT: { tick: 0.01, lot: 0.0001, size: 400 },
  SOLUSDT: { tick: 0.01, lot: 0.001, size: 600 },
};

const text = (steps: number, step: number): string => {
  const digits = Math.max(0, Math.round(-Math.log10(step)));
  return (steps / 10 ** digits).toFixed(digits);
};

/**
 * Every kind of order, replace and cancel at random, from the seed: orders that cross and orders that rest, some that
 * the venue will refuse, cancels of orders that are being cancelled already.
 */
export default defineStrategy({
  name: 'busy',
  version: '1.0.0',
  params: z.strictObject({
    every: z.int().positive().describe('Quotes between two decisions.'),
    most: z.int().positive().describe('Open orders of one pair, about.'),
  }),
  run: ({ quotes$, place, state, random }, params) => {
    let quotes = 0;
    const dice = (n: number): number => Math.floor(random() * n);
    const decide = (quote: QuoteEvent): readonly Intent[] => {
      const { instrument, bid, ask } = quote;
      const pair = PAIRS[instrument];
      if (pair === undefined || !(bid > 0 && ask > bid)) return [];
      const { tick, lot, size } = pair;
      const open = state.openOrders(instrument);
      const some = open[dice(open.length)];
      const act = random();
      if (some !== undefined && (open.length >= params.most || act < 0.15)) {
        if (some.state === 'pending_cancel' && act > 0.02) return [];
        const cancel = place.cancel(some.orderKey);
        return act < 0.03 ? [cancel, place.cancel(some.orderKey)] : [cancel];
      }
      const quantity = text(size + dice(size * 3), lot);
      const mid = Math.round((bid + ask) / 2 / tick);
      const away = (basisPoints: number): string => text(Math.round(mid * (1 + basisPoints / 10_000)), tick);
      if (some !== undefined && some.state !== 'pending_cancel' && act < 0.35) {
        if (act < 0.25) {
          const less = some.quantity.times(0.5).div(lot).floor().times(lot).toFixed();
          return Number(less) > Number(some.filled) ? [place.replace(some.orderKey, { quantity: less })] : [];
        }
        if (some.limitPrice === undefined) return [];
        const sign = some.side === 'buy' ? -1 : 1;
        return [place.replace(some.orderKey, { limitPrice: away(sign * dice(30)), quantity })];
      }
      const side = random() < 0.5 ? ('buy' as const) : ('sell' as const);
      /** With a positive distance the price rests, with a negative one it crosses. */
      const sign = side === 'buy' ? -1 : 1;
      const kind = random();
      const request = { instrument, side, quantity };
      if (kind < 0.15) return [place.market(request)];
      if (kind < 0.45) return [place.limit({ ...request, limitPrice: away(sign * dice(15)) })];
      if (kind < 0.55) return [place.limit({ ...request, limitPrice: away(-sign * dice(10)) })];
      if (kind < 0.63)
        return [place.limit({ ...request, limitPrice: away(-sign * dice(5)), timeInForce: 'ioc' })];
      if (kind < 0.7)
        return [place.limit({ ...request, limitPrice: away(-sign * dice(5)), timeInForce: 'fok' })];
      if (kind < 0.8)
        return [place.limit({ ...request, limitPrice: away(sign * (dice(12) - 1)), postOnly: true })];
      const stopPrice = away(-sign * (1 + dice(20)));
      if (kind < 0.87) return [place.stop({ ...request, stopPrice })];
      if (kind < 0.93)
        return [place.stopLimit({ ...request, stopPrice, limitPrice: away(-sign * (5 + dice(30))) })];
      if (kind < 0.96)
        return [
          place.stop({
            ...request,
            stopPrice: away(sign * (1 + dice(20))),
            metadata: { trigger: 'take_profit' },
          }),
        ];
      return [place.trailingStop({ ...request, offset: 10 + dice(40), unit: 'bps' })];
    };
    return quotes$.pipe(
      filter(() => ++quotes % params.every === 0),
      map((quote) => [...decide(quote), ...decide(quote)]),
    );
  },
});
