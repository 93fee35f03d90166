import { filter, map, type Observable } from 'rxjs';
import { z } from 'zod';
import { dec, type Decimal } from '../model/decimal.js';
import type { Side } from '../model/instrument.js';
import type { Intent } from '../model/intent.js';
import { isClosed } from '../model/order.js';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { decimal } from './fields.js';

const params = z.strictObject({
  instrument: z.string().min(1).optional().describe('Symbol; default: the only instrument.'),
  quantity: decimal().describe('Quantity quoted on each side.'),
  half_spread: decimal().describe('Distance of each quote from the middle, in price.'),
  max_position: decimal().describe(
    'Position, long or short, beyond which the side that would enlarge it is taken away.',
  ),
  skew: decimal()
    .prefault(0)
    .describe('How far both quotes move against the position when it is at its maximum, in price.'),
  requote: decimal()
    .prefault(0)
    .describe('How far a price must move before its order is replaced, in price.'),
});

/**
 * Quotes both sides around the middle of the market with post-only orders, leaning against its position: what it holds
 * too much of it offers more cheaply. At the maximum position it quotes one side only. Without a two-sided market it takes
 * its quotes away. A side whose request is still on its way is left alone.
 */
export const marketMaker: StrategyDefinition = defineStrategy({
  name: 'market-maker',
  version: '1.0.0',
  summary: 'Quotes both sides around the middle, leaning against its position.',
  params,
  run: (
    context,
    { instrument, quantity, half_spread: half, max_position: most, skew, requote },
  ): Observable<readonly Intent[]> => {
    const { place, state, quotes$ } = context;
    const { symbol, ix, tickSize } = context.instrument(instrument);
    const keys: Record<Side, string> = { buy: '', sell: '' };

    const quote = (side: Side, price: Decimal | undefined): readonly Intent[] => {
      const order = state.order(keys[side]);
      const works = order !== undefined && !isClosed(order.state);
      if (works && order.inFlight !== undefined) return [];
      if (price === undefined) return works ? [place.cancel(order.orderKey, 'no quote on this side')] : [];
      if (!works) {
        const intent = place.limit({ side, quantity, instrument: symbol, limitPrice: price, postOnly: true });
        keys[side] = intent.orderKey;
        return [intent];
      }
      const moved = order.limitPrice?.minus(price).abs();
      if (moved === undefined || moved.isZero() || moved.lte(requote)) return [];
      return [place.replace(order.orderKey, { limitPrice: price })];
    };

    return quotes$.pipe(
      filter((event) => event.ix === ix),
      map(({ bid, ask }) => {
        if (!(bid > 0 && ask > bid)) return [...quote('buy', undefined), ...quote('sell', undefined)];
        const position = state.position(symbol);
        const lean = most.isZero() ? dec(0) : skew.times(position).div(most);
        const middle = dec((bid + ask) / 2).minus(lean);
        const onTick = (price: Decimal, round: 'floor' | 'ceil'): Decimal =>
          price.div(tickSize)[round]().times(tickSize);
        const buy = onTick(middle.minus(half), 'floor');
        const sell = onTick(middle.plus(half), 'ceil');
        return [
          ...quote('buy', position.plus(quantity).gt(most) || buy.gte(ask) ? undefined : buy),
          ...quote('sell', position.minus(quantity).lt(most.neg()) || sell.lte(bid) ? undefined : sell),
        ];
      }),
      filter((intents) => intents.length > 0),
    );
  },
});
