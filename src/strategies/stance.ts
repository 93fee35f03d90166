import { filter, map, type Observable } from 'rxjs';
import { z } from 'zod';
import type { BarEvent } from '../model/event.js';
import type { Intent } from '../model/intent.js';
import type { StrategyContext } from '../operators/strategy/context.js';
import { decimal } from './fields.js';
import { holdings, sizing } from './holdings.js';

/** Where to stand after a bar: long 1, flat 0, short -1, and why; undefined: as before. */
export type Stance = { readonly side: 1 | 0 | -1; readonly reason: string } | undefined;
/** Judges the bars of one instrument, in order. */
export type Judge = (bar: BarEvent) => Stance;

/** Parameters of strategies that stand on one side of each instrument. */
export const stanceParams: {
  readonly quantity: z.ZodOptional<ReturnType<typeof decimal>>;
  readonly mode: z.ZodDefault<z.ZodEnum<{ long_flat: 'long_flat'; long_short: 'long_short' }>>;
} & typeof holdings = {
  quantity: decimal().optional().describe('Size of the position to hold, in base units.'),
  ...holdings,
  mode: z
    .enum(['long_flat', 'long_short'])
    .default('long_flat')
    .describe('What the signal downwards means: be flat, or be short.'),
};

/**
 * Brings each instrument to where its own judge says, whenever that changes. Short becomes flat in mode `long_flat`.
 *
 * ```
 * bars:    b--b--b--b--|
 * judge:   +--+--0--0--     + long, 0 flat
 * intents: B-----S-----|    B buy, S sell
 * ```
 */
export function takeStances(
  { bars$, place }: Pick<StrategyContext, 'bars$' | 'place'>,
  params: Parameters<typeof sizing>[1] & { readonly mode: 'long_flat' | 'long_short' },
  judge: () => Judge,
): Observable<readonly Intent[]> {
  const size = sizing(place, params);
  const judges: (Judge | undefined)[] = [];
  const sides: (1 | 0 | -1 | undefined)[] = [];
  return bars$.pipe(
    map((bar) => {
      const stance = (judges[bar.ix] ??= judge())(bar);
      if (stance === undefined) return [];
      const side = stance.side === -1 && params.mode === 'long_flat' ? 0 : stance.side;
      if (side === (sides[bar.ix] ?? 0)) return [];
      sides[bar.ix] = side;
      return size(bar.instrument, side, stance.reason);
    }),
    filter((intents) => intents.length > 0),
  );
}
