export { journalSink, type JournalContext } from './journal-sink.js';
export type { JournalOptions } from './options.js';
export type { Durability } from './segment-writer.js';
export {
  JOURNAL_SCHEMA,
  type Checkpoint,
  type EndMark,
  type JournalEncoding,
  type JournalHeader,
} from './header.js';
export { FrameEncoder } from './codec/frame-encoder.js';
export { fromJson, isInput, toJson, type RecordedEvent } from './codec/json.js';
export { readJournal } from './reader.js';
export type { Journal, JournalFrame, JournalTail, Place } from './frame.js';
export { catJournal, type CatOptions } from './cat.js';
export { checkFrame, describeDifference, type Difference } from './difference.js';
