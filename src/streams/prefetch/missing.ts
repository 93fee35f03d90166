import type { Micros } from '../../model/time.js';

/** A stretch of time [from, to) without bars, on bar starts. */
export interface MissingBars {
  readonly from: Micros;
  readonly to: Micros;
}

/** Start of the first bar that begins at or after `at`. */
export function nextStart(at: Micros, every: Micros): Micros {
  return Math.ceil(at / every) * every;
}

/**
 * Where bars are missing between `from` and `to`, given the starts of those that are there (ascending). Bars of length
 * `every` begin at multiples of it.
 */
export function missingBars(
  starts: readonly Micros[],
  from: Micros,
  to: Micros,
  every: Micros,
): MissingBars[] {
  const missing: MissingBars[] = [];
  let next = nextStart(from, every);
  for (const start of starts) {
    if (start < next) continue;
    if (start >= to) break;
    if (start > next) missing.push({ from: next, to: start });
    next = start + every;
  }
  const end = Math.floor(to / every) * every;
  if (end > next) missing.push({ from: next, to: end });
  return missing;
}
