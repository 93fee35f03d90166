import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { MillraceError } from '../../model/reason.js';
import { damaged } from './damage.js';
import type { Journal, JournalFrame, JournalTail, MutableFrame, Place, SegmentItem } from './frame.js';
import type { EndMark, JournalHeader } from './header.js';
import { readBinary } from './read-binary.js';
import { readJsonl } from './read-jsonl.js';

export const SEGMENT: RegExp = /^\d{6,}\.(mlj|jsonl)$/;

/**
 * A journal: one segment file, or the folder of a session. Reads as it is iterated, holding one buffer and the frames
 * the caller keeps. Throws INVALID_CONFIGURATION when there is no journal at `path`, JOURNAL_DAMAGED for a bad record.
 */
export function readJournal(path: string): Journal {
  const segments = segmentsOf(path);
  const header = headerOf(segments);
  let tail: JournalTail | undefined;
  return {
    path,
    header,
    segments,
    frames: () => framesOf(segments, header, (found) => (tail = found)),
    get tail() {
      return tail;
    },
  };
}

function segmentsOf(path: string): readonly string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined)
    throw new MillraceError(
      'INVALID_CONFIGURATION',
      `there is no journal at ${path}`,
      'give a session folder or a segment file',
    );
  if (!stats.isDirectory()) return [path];
  const names = readdirSync(path).sort();
  const segments = names.filter((name) => SEGMENT.test(name));
  if (segments.length > 0) return segments.map((name) => join(path, name));
  const help =
    names.length === 0
      ? 'the folder is empty'
      : `name one of the sessions in it: ${names.slice(-5).join(', ')}`;
  throw new MillraceError('INVALID_CONFIGURATION', `${path} holds no journal segments`, help);
}

function itemsOf(path: string, last: boolean): Generator<SegmentItem> {
  return path.endsWith('.jsonl') ? readJsonl(path, last) : readBinary(path, last);
}

function headerOf(segments: readonly string[]): JournalHeader {
  for (const path of segments) {
    for (const item of itemsOf(path, segments.length === 1)) {
      if (item.type === 'header') return item.header;
      break;
    }
    break;
  }
  throw new MillraceError(
    'JOURNAL_DAMAGED',
    `${segments[0] ?? 'the journal'} has no complete header`,
    'the session ended before its journal began; there is nothing to replay',
  );
}

function placeOf(file: string, item: SegmentItem): Place {
  return item.type === 'frame' ? item.frame.place : { file, record: 1, position: 1, unit: 'byte' };
}

function* framesOf(
  segments: readonly string[],
  first: JournalHeader,
  ended: (tail: JournalTail) => void,
): Generator<JournalFrame> {
  let end: EndMark | undefined;
  let torn: JournalTail['torn'];
  let seq = first.after;
  let { life } = first;
  let begins: JournalHeader | undefined;
  for (let i = 0; i < segments.length; i++) {
    const path = segments[i] ?? '';
    const last = i === segments.length - 1;
    let header: JournalHeader | undefined;
    // A checkpoint follows its frame, so each frame waits for the record behind it; also when that record is bad.
    let waiting: MutableFrame | undefined;
    try {
      for (const item of itemsOf(path, last)) {
        if (item.type === 'torn') {
          torn = { place: item.place, bytes: item.bytes, reason: item.reason };
          continue;
        }
        if (item.type === 'header') {
          if (header !== undefined) throw damaged(placeOf(path, item), seq, 'a second header');
          header = item.header;
          if (
            header.session !== first.session ||
            header.segment !== first.segment + i ||
            header.after !== seq
          ) {
            throw damaged(
              placeOf(path, item),
              seq,
              `expected segment ${first.segment + i} of session ${first.session} after turn ${seq}, found segment ${header.segment} of ${header.session} after turn ${header.after}`,
            );
          }
          if (header.life !== life) begins = header;
          life = header.life;
          continue;
        }
        if (header === undefined) throw damaged(placeOf(path, item), seq, 'a record in front of the header');
        if (end !== undefined)
          throw damaged(placeOf(path, item), seq, 'a record behind the end of the session');
        if (item.type === 'end') end = item.end;
        else if (item.type === 'checkpoint') {
          if (item.checkpoint.seq !== seq)
            throw damaged(item.place, seq, `a checkpoint of turn ${item.checkpoint.seq}`);
          if (waiting !== undefined) waiting.checkpoint = item.checkpoint;
        } else {
          const found = item.frame.input.seq;
          if (found !== seq + 1)
            throw damaged(
              item.frame.place,
              seq,
              `expected turn ${seq + 1}, found ${found}: turns are missing or repeated`,
            );
          if (waiting !== undefined) yield waiting;
          waiting = item.frame;
          waiting.begins = begins;
          begins = undefined;
          seq = found;
        }
      }
    } catch (error) {
      if (waiting !== undefined) yield waiting;
      throw error;
    }
    if (waiting !== undefined) yield waiting;
    if (header === undefined && torn === undefined && !last)
      throw damaged({ file: path, record: 1, position: 0, unit: 'byte' }, seq, 'the segment is empty');
  }
  ended({ clean: end !== undefined, torn, seq, digest: end?.digest });
}
