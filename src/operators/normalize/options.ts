import type { InstrumentTable } from '../../model/instruments.js';
import type { MarketEvent } from '../../model/event.js';
import type { Micros } from '../../model/time.js';

/** Why an event was dropped. */
export type DropReason =
  | 'backup'
  | 'unknown_instrument'
  | 'non_positive'
  | 'crossed'
  | 'out_of_order'
  | 'duplicate'
  | 'stale'
  | 'outlier';

/** Every filter is off unless it is given. */
export interface NormalizeFilters {
  /** Trades with an id seen among the last 256 of the instrument; quotes and bars that repeat the last one whole. */
  readonly duplicates?: boolean;
  /** Venue time before that of the last event of the same kind and instrument. */
  readonly outOfOrder?: boolean;
  /** Quotes with bid above ask. */
  readonly crossed?: boolean;
  /** Prices that are not above zero, negative sizes, and prices that are no number at all. */
  readonly nonPositive?: boolean;
  /** Older than this at arrival, by venue time. */
  readonly stale?: Micros;
  /** Further from the last accepted price than `fraction`; after `confirm` (default 3) in a row the new level is believed. */
  readonly outlier?: { readonly fraction: number; readonly confirm?: number };
}

export interface NormalizeOptions {
  /** Sources by preference: a later one is used for an instrument only while all earlier ones are silent on it. */
  readonly prefer?: readonly string[];
  /** How long a preferred source may be silent on an instrument before the next one is used. Default 5 s. */
  readonly staleAfter?: Micros;
  /** Venue symbol -> symbol of the instrument table. */
  readonly map?: Readonly<Record<string, string>>;
  /** Needed for `map`; negative prices are then allowed where the instrument allows them. */
  readonly instruments?: InstrumentTable;
  readonly filters?: NormalizeFilters;
  readonly onDropped?: (event: MarketEvent, reason: DropReason) => void;
  /** Drops by reason are counted into this object. */
  readonly counts?: Partial<Record<DropReason, number>>;
}
