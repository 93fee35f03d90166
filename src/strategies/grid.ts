import { filter, map, merge, take, type Observable } from 'rxjs';
import { z } from 'zod';
import type { Decimal } from '../model/decimal.js';
import type { Side } from '../model/instrument.js';
import type { Intent } from '../model/intent.js';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { decimal } from './fields.js';

const params = z.strictObject({
  instrument: z.string().min(1).optional().describe('Symbol; default: the only instrument.'),
  step: decimal().describe('Distance between two levels, in price.'),
  levels: z.int().positive().max(500).default(5).describe('Levels on each side of the centre.'),
  quantity: decimal().describe('Quantity of the order at each level.'),
  centre: decimal().optional().describe('Price in the middle; default: the first price, on a tick.'),
  sides: z
    .enum(['buy', 'both'])
    .default('buy')
    .describe('buy: begins with buys below the centre; both: with sells above it too, from stock or short.'),
});

/**
 * Rests limit orders at equal distances around a centre. A buy that filled is followed by a sell one level higher, a sell
 * by a buy one level lower, so each pair earns the step. Levels are numbered from the centre, below it negative.
 */
export const grid: StrategyDefinition = defineStrategy({
  name: 'grid',
  version: '1.0.0',
  summary: 'Rests buys below and sells above a centre, and earns the step between them.',
  params,
  run: (context, { instrument, step, levels, quantity, centre, sides }): Observable<readonly Intent[]> => {
    const { place, orders$ } = context;
    const { symbol, ix, tickSize } = context.instrument(instrument);
    const levelOf = new Map<string, number>();
    let middle: Decimal | undefined = centre;

    const at = (level: number, side: Side, reason: string): readonly Intent[] => {
      const limitPrice = (middle ?? step).plus(step.times(level)).div(tickSize).round().times(tickSize);
      if (!limitPrice.gt(0)) return [];
      const intent = place.limit({
        side,
        quantity,
        instrument: symbol,
        limitPrice,
        tag: `level ${level}`,
        reason,
      });
      levelOf.set(intent.orderKey, level);
      return [intent];
    };

    const open$ = merge(
      context.trades$.pipe(map((event) => ({ ix: event.ix, price: event.price }))),
      context.bars$.pipe(map((event) => ({ ix: event.ix, price: event.close }))),
      context.quotes$.pipe(map((event) => ({ ix: event.ix, price: (event.bid + event.ask) / 2 }))),
    ).pipe(
      filter((event) => event.ix === ix && event.price > 0),
      take(1),
      map(({ price }) => {
        middle ??= tickSize.times(Math.round(price / tickSize.toNumber()));
        const below = Array.from({ length: levels }, (_, i) => at(-1 - i, 'buy', 'grid opened'));
        const above =
          sides === 'buy' ? [] : Array.from({ length: levels }, (_, i) => at(1 + i, 'sell', 'grid opened'));
        return [...below, ...above].flat();
      }),
    );
    const next$ = orders$.pipe(
      filter((order) => order.state === 'filled' && levelOf.has(order.orderKey)),
      map((order) => {
        const level = levelOf.get(order.orderKey) ?? 0;
        levelOf.delete(order.orderKey);
        return order.side === 'buy'
          ? at(level + 1, 'sell', `bought at level ${level}`)
          : at(level - 1, 'buy', `sold at level ${level}`);
      }),
    );
    return merge(next$, open$).pipe(filter((intents) => intents.length > 0));
  },
});
