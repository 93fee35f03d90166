import { placeText, type JournalTail } from '../../sinks/journal/frame.js';
import type { FilePort } from '../../sinks/file-port.js';
import { readJournal, type Journal } from '../../sinks/journal/index.js';

/**
 * Cuts what a crash left behind the last whole turn, so that the next life begins at a record's end. A segment of which
 * not even the header is whole is removed. Returns what was cut in words, or undefined. Call it after the frames were
 * read to the end.
 */
export function cutTorn(files: FilePort, journal: Journal, tail: JournalTail): string | undefined {
  const { torn } = tail;
  const last = journal.segments.at(-1);
  if (torn !== undefined) {
    const file = files.open(torn.place.file);
    try {
      file.truncate(file.size() - torn.bytes);
      file.sync();
    } finally {
      file.close();
    }
  }
  if (last !== undefined && journal.segments.length > 1 && !hasHeader(last)) files.remove(last);
  return torn === undefined
    ? undefined
    : `${torn.bytes} bytes behind turn ${tail.seq} were cut at ${placeText(torn.place)}: ${torn.reason}`;
}

function hasHeader(segment: string): boolean {
  try {
    return readJournal(segment).header.segment > 0;
  } catch {
    return false;
  }
}
