import type { InstrumentTable } from '../../../model/instruments.js';
import type { Micros } from '../../../model/time.js';
import type { ReportBadData } from '../../../streams/source.js';
import type { ClassifyHandshake } from '../../../streams/socket/socket-error.js';
import type { BinanceOptions } from '../options.js';
import type { BinanceRest, LinkStatus, VenueClock } from '../wire.js';

/** Told as a part of the feed changes: `market` (a socket: `market`, `market/2`) or `market/btcusdt@depth` (a stream). */
export type ReportStatus = (part: string, status: LinkStatus) => void;

/** What the market feed needs of its surroundings. */
export interface MarketFeedDeps {
  readonly options: BinanceOptions;
  readonly rest: BinanceRest;
  readonly instruments: InstrumentTable;
  readonly status: ReportStatus;
  readonly bad: ReportBadData;
  /** Receive time for messages that carry none, and for gaps. */
  readonly wall: () => Micros;
  /** Tells whether a bar is closed. */
  readonly clock: Pick<VenueClock, 'now'>;
  /** Numbers in [0, 1) for jitter. */
  readonly random: () => number;
  /** Asked before every connection attempt: 0, or milliseconds to wait. */
  readonly admit: () => number;
  /** What a refused handshake means. */
  readonly classify: ClassifyHandshake;
}
