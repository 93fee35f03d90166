import { filter, map, scan, type Observable } from 'rxjs';
import { z } from 'zod';
import { defineStrategy, type StrategyDefinition } from '../../../src/operators/strategy/definition.js';
import type { Intent } from '../../../src/model/intent.js';

const params = z.strictObject({
  quantity: z.number().positive().describe('Size of the trade.'),
  enter: z.int().positive().describe('Bar it buys on, from 1.'),
  leave: z.int().positive().describe('Bar it sells on.'),
});

/** Buys on one bar and sells on a later one. */
const inAndOut: StrategyDefinition = defineStrategy({
  name: 'in-and-out',
  version: '1.0.0',
  params,
  run: ({ bars$, place }, { quantity, enter, leave }): Observable<Intent> =>
    bars$.pipe(
      scan((n) => n + 1, 0),
      filter((n) => n === enter || n === leave),
      map((n) => place.market({ side: n === enter ? 'buy' : 'sell', quantity })),
    ),
});

export default inAndOut;
