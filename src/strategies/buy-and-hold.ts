import { filter, map, merge, type Observable } from 'rxjs';
import { z } from 'zod';
import type { Intent } from '../model/intent.js';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { decimal } from './fields.js';

const params = z.strictObject({
  fraction: decimal()
    .prefault(1)
    .describe('Share of equity to invest in each instrument; below zero sells short.'),
  buffer: decimal().prefault(0).describe('Share of equity kept as cash, for example 0.0025.'),
  fee_per_unit: decimal().prefault(0).describe('Fee per unit expected when sizing.'),
  fee_minimum: decimal().prefault(0).describe('Least fee of an order expected when sizing.'),
});

/** Buys each instrument once, as soon as it has a price, and holds. */
export const buyAndHold: StrategyDefinition = defineStrategy({
  name: 'buy-and-hold',
  version: '1.0.0',
  summary: 'Invests a share of equity in each instrument at its first price, and holds.',
  params,
  run: (
    { bars$, trades$, quotes$, place },
    { fraction, buffer, fee_per_unit: perUnit, fee_minimum: minimum },
  ): Observable<readonly Intent[]> => {
    const bought: boolean[] = [];
    return merge(bars$, trades$, quotes$).pipe(
      filter((event) => bought[event.ix] !== true),
      map((event) => {
        const intents = place.setHoldings(fraction, {
          instrument: event.instrument,
          buffer,
          fee: { perUnit, minimum },
          reason: 'first price',
        });
        bought[event.ix] = intents.length > 0;
        return intents;
      }),
      filter((intents) => intents.length > 0),
    );
  },
});
