import { filter, map, type Observable } from 'rxjs';
import { z } from 'zod';
import type { Intent } from '../model/intent.js';
import { defineStrategy, type StrategyDefinition } from '../operators/strategy/definition.js';
import { decimal } from './fields.js';

const params = z.strictObject({
  exposure: z
    .record(z.string().min(1), decimal())
    .describe('Share of equity to hold by regime, for example `{ bull: 1, neutral: 0.5, bear: 0 }`.'),
  otherwise: decimal().prefault(0).describe('Share of equity in a regime that `exposure` does not name.'),
  buffer: decimal().prefault(0).describe('Share of equity kept as cash, for example 0.0025.'),
});

/**
 * Holds as much of each instrument as the regime allows, and changes it when the regime does. A regime of one instrument
 * moves that instrument, a regime of the market moves all. Needs a `regime` operator among its inputs.
 */
export const regimeSwitch: StrategyDefinition = defineStrategy({
  name: 'regime-switch',
  version: '1.0.0',
  summary: 'Holds a share of equity by market regime.',
  params,
  run: ({ regime$, place, instruments }, { exposure, otherwise, buffer }): Observable<readonly Intent[]> =>
    regime$.pipe(
      map(({ regime, instrument }) => {
        const wanted = exposure[regime] ?? otherwise;
        const reason = `regime ${regime}`;
        return instruments
          .filter(({ symbol }) => instrument === '' || symbol === instrument)
          .flatMap(({ symbol }) =>
            wanted.isZero()
              ? place.target(0, { instrument: symbol, reason })
              : place.setHoldings(wanted, { instrument: symbol, buffer, reason }),
          );
      }),
      filter((intents) => intents.length > 0),
    ),
});
