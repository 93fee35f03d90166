import { z } from 'zod';
import type { Micros } from '../model/time.js';
import { duration } from './fields.js';

/** What a run does with what an earlier run of the topology left in its journal. */
export interface RecoverySettings {
  /** `auto`: live goes on, paper and replay begin anew unless `run --resume` is given. */
  readonly resume: 'auto' | 'always' | 'never' | 'require';
  readonly snapshotEvery: Micros;
  readonly snapshotEvents: number;
  readonly keepSnapshots: number;
}

export interface WrittenRecovery {
  readonly resume: RecoverySettings['resume'];
  readonly snapshot_every: Micros;
  readonly snapshot_events: number;
  readonly keep_snapshots: number;
}

export const recoverySchema: z.ZodType<WrittenRecovery> = z.strictObject({
  resume: z
    .enum(['auto', 'always', 'never', 'require'])
    .default('auto')
    .describe(
      'Whether a run goes on from what the journal holds of the run before: auto (live does, paper and replay do with `run --resume`), always, never, or require (a run without a past is refused).',
    ),
  snapshot_every: duration()
    .prefault('5m')
    .describe('State is written beside the journal at least this often, of wall time.'),
  snapshot_events: z
    .int()
    .min(1_000)
    .default(100_000)
    .describe('State is written beside the journal after so many events.'),
  keep_snapshots: z.int().min(1).max(1_000).default(3).describe('How many of these are kept.'),
});

export function recoverySettings(written: WrittenRecovery): RecoverySettings {
  return {
    resume: written.resume,
    snapshotEvery: written.snapshot_every,
    snapshotEvents: written.snapshot_events,
    keepSnapshots: written.keep_snapshots,
  };
}
