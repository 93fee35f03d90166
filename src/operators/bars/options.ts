import type { SchedulerLike } from 'rxjs';
import type { MarketEvent } from '../../model/event.js';
import type { SessionCalendar } from '../../model/instrument.js';
import { MillraceError } from '../../model/reason.js';
import type { Micros } from '../../model/time.js';

/** What bars are made of; `quote` gives a bid and an ask bar together. */
export type BarsFrom = 'trade' | 'bid' | 'ask' | 'mid' | 'quote';

/** Exactly one of `every`, `ticks`, `volume`, `value`. */
export interface BarsOptions {
  /** Time bars of this length in microseconds. */
  readonly every?: Micros;
  /** A bar every n trades (or quotes). */
  readonly ticks?: number;
  /** A bar every n units traded; the trade that reaches n belongs to the bar whole. */
  readonly volume?: number;
  /** A bar every n of price times size; likewise. */
  readonly value?: number;
  /** Default `trade`. */
  readonly from?: BarsFrom;
  /** How long after its end a time bar waits for events with an earlier venue time. Default 0. */
  readonly lateness?: Micros;
  /** `previous`: a time bar without events repeats the last close, from the first event on. Default `none`. */
  readonly fill?: 'none' | 'previous';
  /** Only events inside the session count; time bars then start at its open. */
  readonly session?: SessionCalendar | ((ix: number) => SessionCalendar | undefined);
  /** Emit the unfinished bars at completion. Default false: an unfinished bar is not a bar. */
  readonly partial?: boolean;
  /** Event-time scheduler; needed for time bars. */
  readonly scheduler?: SchedulerLike;
  /** Told about events that came after their bar was closed. */
  readonly onLate?: (event: MarketEvent) => void;
  /** `source` of the bars. Default `bars`. */
  readonly name?: string;
}

/** Throws INVALID_CONFIGURATION when the options do not describe one kind of bar. */
export function checkBars(options: BarsOptions): void {
  const fail = (message: string, help: string): never => {
    throw new MillraceError('INVALID_CONFIGURATION', message, help);
  };
  const given = (['every', 'ticks', 'volume', 'value'] as const).filter((key) => options[key] !== undefined);
  if (given.length !== 1)
    fail(
      `bars need exactly one of every, ticks, volume, value; got ${given.join(', ') || 'none'}`,
      'write for example every: 1m',
    );
  for (const key of given) {
    if (!((options[key] ?? 0) > 0)) fail(`bars: ${key} must be above zero`, `give ${key} a positive value`);
  }
  if ((options.volume ?? options.value) !== undefined && (options.from ?? 'trade') !== 'trade') {
    fail('volume and value bars are made of trades', 'remove from, or use ticks or every');
  }
  if (options.every !== undefined && options.scheduler === undefined) {
    fail('time bars need an event-time scheduler', 'pass scheduler: context.scheduler');
  }
}

export function calendarOf(options: BarsOptions, ix: number): SessionCalendar | undefined {
  return typeof options.session === 'function' ? options.session(ix) : options.session;
}
