export { journalSink, type JournalContext } from './journal-sink.js';
export type { JournalOptions } from './options.js';
export type { JournalEncoding, JournalHeader } from './header.js';
export { FrameEncoder } from './codec/frame-encoder.js';
export { fromJson, toJson, type RecordedEvent } from './codec/json.js';
export { readJournal, SEGMENT } from './reader.js';
export type { Journal, JournalFrame } from './frame.js';
export { catJournal } from './cat.js';
export { checkFrame, type Difference } from './difference.js';
