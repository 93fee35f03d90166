import { filter, map, merge, type Observable } from 'rxjs';
import { z } from 'zod';
import { dec, type Decimal } from '../../../src/model/decimal.js';
import type { Instrument } from '../../../src/model/instrument.js';
import type { Intent } from '../../../src/model/intent.js';
import type { StrategyContext } from '../../../src/operators/strategy/context.js';
import { defineStrategy, type StrategyDefinition } from '../../../src/operators/strategy/definition.js';

const pick = <T>(random: () => number, list: readonly T[]): T | undefined =>
  list[Math.floor(random() * list.length)];

const onTick = (instrument: Instrument, price: number): Decimal =>
  dec(Math.max(1, Math.round(price / instrument.tickSize.toNumber()))).times(instrument.tickSize);

/** One random wish: new, replace, cancel or flatten, of whatever order is open. */
function wish({ place, state, random, instruments }: StrategyContext): readonly Intent[] {
  const instrument = pick(random, instruments);
  if (instrument === undefined) return [];
  const last = state.view.market.last(instrument.ix);
  const around = (width: number): Decimal => onTick(instrument, last * (1 + (random() - 0.5) * width));
  const lots = (most: number): Decimal => instrument.lotSize.times(1 + Math.floor(random() * most));
  const open = state.openOrders();
  const order = pick(random, open);
  const dice = random();
  if (dice < 0.28 && order !== undefined && order.type !== 'market') {
    return [
      place.replace(order.orderKey, {
        quantity: random() < 0.7 ? order.filled.plus(lots(8)) : lots(8),
        ...(order.limitPrice === undefined ? {} : { limitPrice: around(0.01) }),
      }),
    ];
  }
  if (dice < 0.46 && order !== undefined) return [place.cancel(order.orderKey)];
  if (dice < 0.49) return place.flatten(instrument.symbol);
  if (dice < 0.52)
    return place.target(lots(6).times(random() < 0.5 ? -1 : 1), { instrument: instrument.symbol });
  if (Number.isNaN(last)) return [];
  const base = {
    instrument: instrument.symbol,
    side: random() < 0.5 ? ('buy' as const) : ('sell' as const),
    quantity: lots(8),
  };
  const timeInForce = pick(random, ['gtc', 'ioc', 'day', 'fok'] as const) ?? 'gtc';
  if (dice < 0.64) return [place.market({ ...base, reduceOnly: random() < 0.3 })];
  if (dice < 0.7) return [place.stop({ ...base, stopPrice: around(0.01) })];
  if (dice < 0.74) return [place.stopLimit({ ...base, stopPrice: around(0.01), limitPrice: around(0.01) })];
  if (dice < 0.77)
    return [place.trailingStop({ ...base, offset: instrument.tickSize.times(5), stopPrice: around(0.01) })];
  const limit = place.limit({ ...base, limitPrice: around(0.006), timeInForce });
  if (dice < 0.82)
    return [{ ...limit, timeInForce: 'gtd', expireAt: state.view.at + Math.floor(random() * 8_000_000) }];
  // In one turn: a new order and its cancel, or a cancel and something else.
  if (dice < 0.86) return [limit, { ...limit, action: 'cancel' }];
  if (dice < 0.9) return [limit, { ...limit, action: 'replace', quantity: lots(8) }];
  return [limit];
}

/** Acts at random on market data and on its own orders' changes, several times a turn. */
export const chaos: StrategyDefinition = defineStrategy({
  name: 'chaos',
  version: '1.0.0',
  params: z.strictObject({ activity: z.number().default(0.4) }),
  run: (context, { activity }): Observable<readonly Intent[]> =>
    merge(context.trades$, context.quotes$, context.orders$).pipe(
      filter((event) => context.random() < ('kind' in event ? activity : activity / 4)),
      map(() => {
        const intents = [...wish(context)];
        while (context.random() < 0.2) intents.push(...wish(context));
        return intents;
      }),
      filter((intents) => intents.length > 0),
    ),
});
