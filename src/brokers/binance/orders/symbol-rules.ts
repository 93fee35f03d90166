import { z } from 'zod';
import {
  MICROS_PER_DAY,
  MICROS_PER_HOUR,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
} from '../../../model/time.js';
import type { RateLimit } from '../../broker.js';

/** What the venue lets be done with orders of one symbol, besides the filters that are in the instrument. */
export interface SymbolRules {
  readonly symbol: string;
  /** The venue's order types, for example `STOP_LOSS_LIMIT`. */
  readonly orderTypes: ReadonlySet<string>;
  readonly trailingStop: boolean;
  readonly cancelReplace: boolean;
  readonly amend: boolean;
}

const INTERVALS = {
  SECOND: MICROS_PER_SECOND,
  MINUTE: MICROS_PER_MINUTE,
  HOUR: MICROS_PER_HOUR,
  DAY: MICROS_PER_DAY,
} as const;

const limits = z.object({ rateLimits: z.array(z.unknown()) });
const orderLimit = z.object({
  rateLimitType: z.literal('ORDERS'),
  interval: z.enum(['SECOND', 'MINUTE', 'HOUR', 'DAY']),
  intervalNum: z.int().positive(),
  limit: z.int().positive(),
});

/** How many orders an account may send in a time, by an answer of `exchangeInfo`; empty when it does not tell. */
export function orderLimitsIn(exchangeInfo: unknown): readonly RateLimit[] {
  const parsed = limits.safeParse(exchangeInfo);
  if (!parsed.success) return [];
  return parsed.data.rateLimits.flatMap((value) => {
    const one = orderLimit.safeParse(value);
    if (!one.success) return [];
    const { limit, interval, intervalNum } = one.data;
    return [{ count: limit, per: INTERVALS[interval] * intervalNum }];
  });
}
