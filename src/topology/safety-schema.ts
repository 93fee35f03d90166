import { z } from 'zod';
import type { Decimal } from '../model/decimal.js';
import type { Micros } from '../model/time.js';
import type { Money } from '../model/units.js';
import { duration, fraction, loss } from './fields.js';

export type SafetyAction = 'warn' | 'reduce' | 'halt' | 'kill';

/** What every protection has beside its limit. */
export interface ProtectionSettings {
  readonly action: SafetyAction;
  /** How long the limit must be passed before it fires. */
  readonly confirm: Micros;
}

export interface SafetySettings {
  readonly arming: { readonly remember: Micros };
  readonly watchdog: {
    readonly enabled?: boolean | undefined;
    readonly stall: Micros;
    readonly warn: Micros;
  };
  readonly daily_loss?: (ProtectionSettings & { readonly limit: Money | Decimal }) | undefined;
  readonly drawdown?: (ProtectionSettings & { readonly limit: Decimal }) | undefined;
  readonly rolling_loss?:
    (ProtectionSettings & { readonly limit: Money | Decimal; readonly window: Micros }) | undefined;
  readonly rejections?:
    (ProtectionSettings & { readonly limit: number; readonly window: Micros }) | undefined;
  readonly stale_feed?:
    | (ProtectionSettings & {
        readonly limit: Micros;
        readonly feeds: Readonly<Record<string, Micros>>;
        readonly resume: 'manual' | 'auto';
        readonly after: Micros;
      })
    | undefined;
  readonly reconcile_failures?: (ProtectionSettings & { readonly limit: number }) | undefined;
  readonly journal_failure?: { readonly action: 'halt' | 'kill' } | undefined;
  readonly clock_skew?: (ProtectionSettings & { readonly limit: Micros; readonly every: Micros }) | undefined;
  readonly operator?: (ProtectionSettings & { readonly limit: Micros }) | undefined;
  readonly cancel_on_disconnect?: { readonly after: Micros } | undefined;
}

/** Limit and the common fields of one protection. */
const protection = <S extends z.ZodRawShape>(
  fields: S,
  action: SafetyAction,
): z.ZodObject<S & { action: z.ZodDefault<z.ZodEnum>; confirm: z.ZodType<Micros> }> =>
  z.strictObject({
    ...fields,
    action: z
      .enum(['warn', 'reduce', 'halt', 'kill'])
      .default(action)
      .describe('What happens at the limit; a warning comes at 80 % of it.'),
    confirm: duration()
      .prefault('0s')
      .describe('How long the limit must be passed before it fires; 0s: at once.'),
  });

const schema = z.strictObject({
  arming: z
    .strictObject({
      remember: duration()
        .prefault('3m')
        .describe('How long after it was last seen running an armed session may restart armed.'),
    })
    .prefault({})
    .describe('Live accounts start disarmed; `arm` lets new orders out.'),
  watchdog: z
    .strictObject({
      enabled: z.boolean().optional().describe('Default: on in mode live.'),
      stall: duration()
        .prefault('5s')
        .describe(
          'A main thread that hangs for so long is killed from a thread of its own: latched, orders cancelled.',
        ),
      warn: duration().prefault('500ms').describe('Shorter stalls from here on are logged.'),
    })
    .prefault({})
    .describe('Watches that the engine’s thread goes on.'),
  daily_loss: protection({ limit: loss().describe('Loss since the daily roll.') }, 'halt')
    .optional()
    .describe('Loss of the day.'),
  drawdown: protection({ limit: fraction().describe('Fall from peak equity, as a part of it.') }, 'halt')
    .optional()
    .describe('Fall from the highest equity so far, also of earlier sessions.'),
  rolling_loss: protection(
    {
      limit: loss().describe('Fall from the highest equity inside the window.'),
      window: duration()
        .prefault('1h')
        .describe(
          'Length of the window. State keeps one: with a `rolling_loss` in risk limits the longer one counts.',
        ),
    },
    'halt',
  )
    .optional()
    .describe('Loss inside a moving window.'),
  rejections: protection(
    {
      limit: z.int().min(1).describe('Rejected orders and replacements inside the window.'),
      window: duration().prefault('1m').describe('Length of the window.'),
    },
    'halt',
  )
    .optional()
    .describe('A storm of rejections by the venue.'),
  stale_feed: protection(
    {
      limit: duration().describe('Longest silence of a feed and instrument while its session is open.'),
      feeds: z
        .record(z.string().min(1), duration())
        .default({})
        .describe('Other limits by source name; 0s: that source is not watched.'),
      resume: z
        .enum(['manual', 'auto'])
        .default('manual')
        .describe('auto: trading resumes by itself after `after` of good data, if this is what stopped it.'),
      after: duration().prefault('30s').describe('How long data must be good before `auto` resumes.'),
    },
    'reduce',
  )
    .optional()
    .describe('Feeds that went quiet, each instrument for itself. For live sources.'),
  reconcile_failures: protection(
    { limit: z.int().min(1).describe('Failed reconciliations of a broker in a row.') },
    'halt',
  )
    .optional()
    .describe('Books that cannot be compared, or do not agree.'),
  journal_failure: z
    .strictObject({
      action: z
        .enum(['halt', 'kill'])
        .default('halt')
        .describe('A required journal that cannot write halts in any case.'),
    })
    .optional()
    .describe('A journal that cannot write.'),
  clock_skew: protection(
    {
      limit: duration().describe('Largest difference between our clock and the venue’s.'),
      every: duration().prefault('1m').describe('How often the venue is asked.'),
    },
    'warn',
  )
    .optional()
    .describe('Clock of this machine against that of each real broker.'),
  operator: protection(
    { limit: duration().describe('Longest time without a sign of the operator.') },
    'reduce',
  )
    .optional()
    .describe('Dead man’s switch: every control action and every heartbeat is a sign of life.'),
  cancel_on_disconnect: z
    .strictObject({
      after: duration()
        .prefault('60s')
        .describe('The venue cancels all open orders when it has not heard from us for so long.'),
    })
    .optional()
    .describe('Where the venue has such a timer, it is kept wound up while the session runs.'),
});

export const safetySchema: z.ZodType<SafetySettings> = schema as unknown as z.ZodType<SafetySettings>;

/** What holds where nothing is written. */
export const SAFETY_DEFAULTS: SafetySettings = safetySchema.parse({});
