import type { SafetyAction } from '../../topology/safety-schema.js';

export type ProtectionState = 'ok' | 'warned' | 'fired' | 'acknowledged';

/** One protection as it stands. */
export interface ProtectionStatus {
  readonly name: string;
  readonly state: ProtectionState;
  readonly action: SafetyAction;
  readonly limit: string;
  /** Part of the limit in use: 1 is the limit. NaN: unknown. */
  readonly used: number;
  /** The figures behind it. */
  readonly text: string;
  /** Times it fired in this session. */
  readonly fired: number;
  /** When and why it fired last, ISO 8601 and the figures then; empty when it never did. */
  readonly firedAt: string;
  readonly why: string;
  /** How to get out of it. */
  readonly reset: string;
}

/** What fired, why, and how to reset it: one line. */
export function protectionLine(status: ProtectionStatus): string {
  const { name, state, action, limit, used, text, firedAt, why, reset } = status;
  const share = Number.isNaN(used) ? 'unknown' : `${Math.round(used * 100)} %`;
  if (state === 'ok') return `${name}: ok, ${share} of ${limit}`;
  if (state === 'warned')
    return `${name}: near its limit, ${share} of ${limit}: ${text} (at the limit: ${action})`;
  const note = state === 'acknowledged' ? ', acknowledged' : '';
  return `${name}: FIRED at ${firedAt}${note}: ${why} (limit ${limit}, ${action}); to reset: ${reset}`;
}
