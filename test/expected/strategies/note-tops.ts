import { ignoreElements, tap, type Observable } from 'rxjs';
import { z } from 'zod';
import { defineStrategy, type StrategyDefinition } from '../../../src/operators/strategy/definition.js';
import type { Intent } from '../../../src/model/intent.js';

/** Trades nothing: writes the best levels of every book into the journal, with the update id they belong to. */
const noteTops: StrategyDefinition = defineStrategy({
  name: 'note-tops',
  version: '1.0.0',
  params: z.strictObject({}),
  run: ({ books$, mark }): Observable<Intent> =>
    books$.pipe(
      tap(({ last, bids, asks }) =>
        mark('top', { note: [last, bids[0], bids[1], asks[0], asks[1]].join(' ') }),
      ),
      ignoreElements(),
    ),
});

export default noteTops;
