import { z } from 'zod';
import { MICROS_PER_DAY, MICROS_PER_HOUR, MICROS_PER_MINUTE, MICROS_PER_SECOND } from '../../../model/time.js';
import { BrokerError, type RateLimit } from '../../broker.js';

/** What the venue lets be done with orders of one symbol, besides the filters that are in the instrument. */
export interface SymbolRules {
  readonly symbol: string;
  /** The venue's order types, for example `STOP_LOSS_LIMIT`. */
  readonly orderTypes: ReadonlySet<string>;
  readonly trailingStop: boolean;
  readonly cancelReplace: boolean;
  readonly amend: boolean;
}

/** The parts of `exchangeInfo` that are about orders. */
export interface OrderRules {
  readonly symbols: ReadonlyMap<string, SymbolRules>;
  /** Orders of the account in a time. */
  readonly orderLimits: readonly RateLimit[];
}

const INTERVALS = {
  SECOND: MICROS_PER_SECOND,
  MINUTE: MICROS_PER_MINUTE,
  HOUR: MICROS_PER_HOUR,
  DAY: MICROS_PER_DAY,
} as const;

const schema = z.object({
  rateLimits: z.array(
    z.object({
      rateLimitType: z.string(),
      interval: z.enum(['SECOND', 'MINUTE', 'HOUR', 'DAY']),
      intervalNum: z.int().positive(),
      limit: z.int().positive(),
    }),
  ),
  symbols: z.array(
    z.object({
      symbol: z.string().min(1),
      orderTypes: z.array(z.string()),
      allowTrailingStop: z.boolean().default(false),
      cancelReplaceAllowed: z.boolean().default(false),
      amendAllowed: z.boolean().default(false),
    }),
  ),
});

/** Reads an answer of `exchangeInfo`. What it does not say is allowed is not. */
export function parseOrderRules(value: unknown): OrderRules {
  const result = schema.safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0];
    const message = `Binance sent exchange information that is not usable at ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
    throw new BrokerError('schema', message, true);
  }
  const symbols = new Map<string, SymbolRules>();
  for (const s of result.data.symbols)
    symbols.set(s.symbol, {
      symbol: s.symbol,
      orderTypes: new Set(s.orderTypes),
      trailingStop: s.allowTrailingStop,
      cancelReplace: s.cancelReplaceAllowed,
      amend: s.amendAllowed,
    });
  const orderLimits = result.data.rateLimits
    .filter(({ rateLimitType }) => rateLimitType === 'ORDERS')
    .map(({ limit, interval, intervalNum }) => ({ count: limit, per: INTERVALS[interval] * intervalNum }));
  return { symbols, orderLimits };
}
