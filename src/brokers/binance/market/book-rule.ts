import type { BookEvent } from '../../../model/event.js';

/** How a change stands to a book at update id `last`. */
export type Fit = 'follows' | 'overlaps' | 'old' | 'gap';

/**
 * Binance's rule for a local book. Spot: a change must contain `last + 1` (`first <= last + 1 <= last of the change`);
 * the documented test of the first one (`first <= last <= ...`) fails on real sessions where the first change starts
 * right behind the snapshot. USD-M (`prev` told): the first change after a snapshot must contain the snapshot's id or
 * name it as `prev`; later ones must name the change before. A change that begins earlier than it must overlaps: it is
 * right as well, since sizes are absolute.
 *
 * @param linked a change was applied since the snapshot
 */
export function fitOf(event: BookEvent, last: number, linked: boolean): Fit {
  const futures = event.prev !== 0;
  if (futures && !linked) {
    if (event.last < last) return 'old';
    return event.first <= last || event.prev === last ? 'follows' : 'gap';
  }
  if (event.last <= last) return 'old';
  const before = futures ? event.prev : event.first - 1;
  if (before === last) return 'follows';
  if (before > last) return 'gap';
  return linked ? 'overlaps' : 'follows';
}

/** The id a change must follow on, for messages: `[expected, received]`. */
export function seam(event: BookEvent, last: number): readonly [expected: number, received: number] {
  return event.prev !== 0 ? [last, event.prev] : [last + 1, event.first];
}

/** True when the snapshot is older than what was kept: nothing in `kept` can follow it. */
export function tooOld(snapshot: BookEvent, kept: readonly BookEvent[]): boolean {
  const first = kept.find((event) => fitOf(event, snapshot.last, false) !== 'old');
  return first !== undefined && fitOf(first, snapshot.last, false) === 'gap';
}
