import { filter, map, type Observable } from 'rxjs';
import { z } from 'zod';
import { defineStrategy, type StrategyDefinition } from '../../../src/operators/strategy/definition.js';
import type { Intent } from '../../../src/model/intent.js';

const params = z.strictObject({
  quantity: z.number().positive().describe('Size of each order.'),
  below: z.number().positive().describe('Distance below the first close, as a fraction.'),
});

const DAY = 86_400_000_000;

/** On the first bar of every (UTC) day bids below its close, good for the day. */
const morningLimit: StrategyDefinition = defineStrategy({
  name: 'morning-limit',
  version: '1.0.0',
  params,
  run: ({ bars$, place }, { quantity, below }): Observable<Intent> => {
    let day = 0;
    return bars$.pipe(
      filter((bar) => Math.floor(bar.start / DAY) > day),
      map((bar) => {
        day = Math.floor(bar.start / DAY);
        const limitPrice = (bar.close * (1 - below)).toFixed(4);
        return place.limit({ side: 'buy', quantity, limitPrice, timeInForce: 'day' });
      }),
    );
  },
});

export default morningLimit;
