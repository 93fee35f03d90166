import type { OperatorFunction } from 'rxjs';
import type { Event } from '../../model/record.js';
import { stage } from '../../streams/operate.js';
import { CountBars } from './count-bars.js';
import { checkBars, type BarsOptions } from './options.js';
import { TimeBars } from './time-bars.js';

export type { BarsFrom, BarsOptions } from './options.js';

/**
 * Trades or quotes of any number of instruments -> bars. Bars that come in (from a provider) pass through.
 *
 * ```
 * in:            t1-t2-----t3--------|
 * every 5 ms:    -----b(t1,t2)---b(t3)--|     closed at their end by an event-time deadline
 * ticks: 2       ---b(t1,t2)-----------|
 * ```
 *
 * A time bar covers venue times [start, start + every), is labelled by its start and has its end in `ts`. It closes
 * when engine time, or the venue time of its own instrument, passes its end plus `lateness`; what comes later goes to
 * `onLate` and into no bar. Live, set `lateness` above the delay of the feed. One deadline serves all instruments, and
 * there is none while no bar is open.
 *
 * Volume is the sum of trade sizes; of bid and ask bars it is the last size of the side, of mid bars 0. With
 * `from: quote` a bid and an ask bar come together; a side without a quote of its own repeats its last close.
 *
 * An error passes at once and drops open bars; completion drops them too, unless `partial`. Memory: one open bar an
 * instrument, and one more for each `every` inside `lateness`.
 *
 * @throws MillraceError INVALID_CONFIGURATION when the options do not describe one kind of bar.
 */
export function bars(options: BarsOptions): OperatorFunction<Event, Event> {
  checkBars(options);
  const { every, scheduler } = options;
  if (every === undefined || scheduler === undefined)
    return stage<Event, Event>((out) => new CountBars(out, options));
  return stage<Event, Event>((out) => new TimeBars(out, options, every, scheduler));
}
