import { z } from 'zod';
import type { Decimal } from '../model/decimal.js';
import type { Micros } from '../model/time.js';
import { decimal, duration } from './fields.js';

/** How our books are compared with those of real brokers. */
export interface ReconcileSettings {
  readonly orders: Micros;
  readonly positions: Micros;
  readonly account: Micros;
  readonly fillsOverlap: Micros;
  readonly unknownOrders: 'adopt' | 'ignore' | 'halt';
  readonly openingPositions: 'adopt' | 'ignore' | 'halt';
  readonly positionTolerance: Decimal;
  readonly balanceTolerance: Readonly<Record<string, Decimal>>;
  readonly onBreak: 'halt' | 'reduce' | 'warn';
  readonly grace: Micros;
  readonly notFoundPolls: number;
  readonly settle: Micros;
  readonly attempts: number;
  readonly timeout: Micros;
  readonly retryInitial: Micros;
  readonly retryMax: Micros;
}

/** The `reconcile:` section as written, with defaults filled in. */
export interface ReconcileConfig {
  readonly orders: Micros;
  readonly positions: Micros;
  readonly account: Micros;
  readonly fills_overlap: Micros;
  readonly unknown_orders: 'adopt' | 'ignore' | 'halt';
  readonly opening_positions: 'adopt' | 'ignore' | 'halt';
  readonly position_tolerance: Decimal;
  readonly balance_tolerance: Readonly<Record<string, Decimal>>;
  readonly on_break: 'halt' | 'reduce' | 'warn';
  readonly grace: Micros;
  readonly not_found_polls: number;
  readonly settle: Micros;
  readonly attempts: number;
  readonly timeout: Micros;
  readonly retry_initial: Micros;
  readonly retry_max: Micros;
}

/** Schema of the `reconcile:` section. */
export const reconcileSchema: z.ZodType<ReconcileConfig, unknown> = z.strictObject({
  orders: duration().prefault('30s').describe('How often open orders and fills are compared.'),
  positions: duration().prefault('60s').describe('How often positions are compared.'),
  account: duration().prefault('30s').describe('How often balances are compared.'),
  fills_overlap: duration()
    .prefault('10m')
    .describe('How far before the newest known fill the venue is asked for fills again.'),
  unknown_orders: z
    .enum(['adopt', 'ignore', 'halt'])
    .default('adopt')
    .describe(
      'An open order of the account that nobody here sent. adopt: it becomes ours, owned by `external`, can be cancelled and counts as exposure. halt: a break.',
    ),
  opening_positions: z
    .enum(['adopt', 'ignore', 'halt'])
    .default('adopt')
    .describe(
      'Positions found when the books are compared for the first time. adopt: they become ours. ignore: they stay apart. Opening balances are always taken as they are.',
    ),
  position_tolerance: decimal().prefault(0).describe('Difference of a position that is no break, in units.'),
  balance_tolerance: z
    .record(z.string().min(1), decimal())
    .default({})
    .describe('Difference of a balance that is no break, by currency: `{ BNB: 0.001 }`.'),
  on_break: z
    .enum(['halt', 'reduce', 'warn'])
    .default('halt')
    .describe(
      'While a difference is open. halt: only cancels leave. reduce: exits too. warn: it is told, and trading goes on.',
    ),
  grace: duration()
    .prefault('5s')
    .describe('Time a venue may need to show a request: younger ones are not judged.'),
  not_found_polls: z
    .int()
    .min(2)
    .default(3)
    .describe('How often, spread over `grace`, the venue must say that it does not know an order.'),
  settle: duration()
    .prefault('250ms')
    .describe('Time after an answer in which nothing of the account may happen; else it is asked again.'),
  attempts: z.int().min(1).default(5).describe('Tries before a comparison counts as failed.'),
  timeout: duration().prefault('10s').describe('How long one query may take.'),
  retry_initial: duration().prefault('1s').describe('Wait after a failed comparison; doubles each time.'),
  retry_max: duration().prefault('30s').describe('Longest such wait.'),
});

export function reconcileSettings(c: ReconcileConfig): ReconcileSettings {
  return {
    orders: c.orders,
    positions: c.positions,
    account: c.account,
    fillsOverlap: c.fills_overlap,
    unknownOrders: c.unknown_orders,
    openingPositions: c.opening_positions,
    positionTolerance: c.position_tolerance,
    balanceTolerance: c.balance_tolerance,
    onBreak: c.on_break,
    grace: c.grace,
    notFoundPolls: c.not_found_polls,
    settle: c.settle,
    attempts: c.attempts,
    timeout: c.timeout,
    retryInitial: c.retry_initial,
    retryMax: c.retry_max,
  };
}
