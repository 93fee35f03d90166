import type { Micros } from '../../model/time.js';
import type { FilePort } from '../file-port.js';
import type { JournalEncoding } from './header.js';
import type { Durability } from './segment-writer.js';

export interface JournalOptions {
  /** Folder that holds one folder per session. */
  readonly path: string;
  readonly encoding?: JournalEncoding;
  readonly durability?: Durability;
  /** A new segment begins when the running one holds this many bytes, or covers this much engine time. */
  readonly segmentBytes?: number;
  readonly segmentTime?: Micros;
  /** Bytes that may wait for the disk. Beyond it the sink fails; up to twice as much is still kept, in order. */
  readonly bufferBytes?: number;
  /** Longest time a frame stays in memory, in milliseconds. */
  readonly flushMs?: number;
  /** How long `close` tries to write what is left, in milliseconds. */
  readonly closeMs?: number;
  readonly files?: FilePort;
}
