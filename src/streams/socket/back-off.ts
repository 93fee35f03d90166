/** Exponential back-off with jitter. All times in milliseconds. */
export interface BackOffOptions {
  /** Longest wait before the second attempt. Default 1000. */
  readonly initial: number;
  /** Growth of the wait per failed attempt. Default 2. */
  readonly factor: number;
  /** The wait never grows beyond this. Default 30,000. */
  readonly max: number;
  /** The wait starts anew only after a connection was ready for so long. Default 60,000. */
  readonly stable: number;
}

/** Milliseconds. Node's timers fire at once when asked to wait longer. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

/**
 * Wait after failed attempt `attempt` (from 1): between half and all of `initial * factor^(attempt - 1)`, at most `max`.
 * Half of the wait is fixed so that no attempt follows at once; the other half spreads clients that failed together.
 */
export function backOff(options: BackOffOptions, attempt: number, random: () => number): number {
  const ceiling = Math.min(options.max, options.initial * options.factor ** Math.min(attempt - 1, 64));
  return Math.min(LONGEST_TIMER, Math.round(ceiling * (0.5 + 0.5 * random())));
}
