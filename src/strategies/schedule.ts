import { filter, map, merge, switchMap, take, type Observable } from 'rxjs';
import { z } from 'zod';
import { ZERO, type Decimal } from '../model/decimal.js';
import type { Intent } from '../model/intent.js';
import { isClosed, leaves, type Order } from '../model/order.js';
import type { StrategyContext } from '../operators/strategy/context.js';
import { decimal } from './fields.js';

type Amount = ReturnType<typeof decimal>;

/** Parameters of execution strategies: what to trade, and how patient to be. */
export const scheduleParams: {
  readonly side: z.ZodEnum<{ buy: 'buy'; sell: 'sell' }>;
  readonly quantity: Amount;
  readonly instrument: z.ZodOptional<z.ZodString>;
  readonly seconds: z.ZodNumber;
  readonly offset: z.ZodOptional<Amount>;
} = {
  side: z.enum(['buy', 'sell']).describe('Side of the whole order.'),
  quantity: decimal().describe('Quantity of the whole order.'),
  instrument: z.string().min(1).optional().describe('Symbol; default: the only instrument.'),
  seconds: z.number().positive().describe('Time to work the order over, in seconds.'),
  offset: decimal()
    .optional()
    .describe('Limit beyond the far side of the quote, in price; without it slices are market orders.'),
};

export interface Schedule {
  readonly side: 'buy' | 'sell';
  readonly quantity: Decimal;
  readonly instrument?: string | undefined;
  readonly seconds: number;
  readonly offset?: Decimal | undefined;
}

/**
 * Works an order in slices at equal distances in time, from the first price on. `shares[i]` is the part that should be
 * done by slice i (rising; the last one is 1). Each slice orders what is behind schedule, that is neither filled nor
 * working, so a slice that was denied, cancelled or filled in part is made up for by the next one. A limit order that
 * still rests is replaced, never cancelled and sent anew: so it cannot fill twice. Quantities are cut to the lot.
 *
 * ```
 * market:  p-----------------
 * slices:  1---2---3---4|       seconds / slices apart
 * ```
 */
export function workSchedule(
  context: StrategyContext,
  order: Schedule,
  shares: readonly number[],
): Observable<readonly Intent[]> {
  const { state, place } = context;
  const { symbol, ix, lotSize, tickSize } = context.instrument(order.instrument);
  const keys: string[] = [];

  const limitPrice = (): Decimal | undefined => {
    const { market } = state.view;
    const far = order.side === 'buy' ? market.ask(ix) : market.bid(ix);
    if (order.offset === undefined || !(far > 0)) return undefined;
    const limit = order.side === 'buy' ? order.offset.plus(far) : order.offset.neg().plus(far);
    return limit.div(tickSize).round().times(tickSize);
  };

  const slice = (index: number): readonly Intent[] => {
    const share = shares[index] ?? 1;
    const due = index === shares.length - 1 ? order.quantity : order.quantity.times(share);
    let elsewhere = ZERO;
    let resting: Order | undefined;
    for (const key of keys) {
      const known = state.order(key);
      if (known === undefined) continue;
      if (isClosed(known.state)) elsewhere = elsewhere.plus(known.filled);
      else if (known.type === 'limit') resting = known;
      else elsewhere = elsewhere.plus(known.filled).plus(leaves(known));
    }
    const quantity = due.minus(elsewhere).div(lotSize).floor().times(lotSize);
    const limit = limitPrice();
    const reason = `slice ${index + 1} of ${shares.length}`;
    if (resting !== undefined) {
      const same = limit === undefined || resting.limitPrice?.eq(limit) === true;
      if (quantity.lte(resting.filled) || (same && quantity.eq(resting.quantity))) return [];
      return [
        place.replace(resting.orderKey, {
          quantity,
          ...(limit === undefined ? {} : { limitPrice: limit }),
          reason,
        }),
      ];
    }
    if (!quantity.gt(0)) return [];
    const request = { side: order.side, quantity, instrument: symbol, reason };
    const intent =
      limit === undefined ? place.market(request) : place.limit({ ...request, limitPrice: limit });
    keys.push(intent.orderKey);
    return [intent];
  };

  return merge(context.quotes$, context.trades$, context.bars$).pipe(
    filter((event) => event.ix === ix),
    take(1),
    switchMap(() => context.timer(0, (order.seconds * 1000) / shares.length)),
    take(shares.length),
    map(slice),
    filter((intents) => intents.length > 0),
  );
}
