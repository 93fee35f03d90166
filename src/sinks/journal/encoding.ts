import type { Event } from '../../model/record.js';
import { appendJsonRecord, type FrameEncoder } from './codec/frame-encoder.js';
import { appendLine, LineEncoder, open } from './codec/json-text.js';
import { MAGIC, RECORD } from './codec/layout.js';
import type { WordBuffer } from './codec/word-buffer.js';
import { WordHash } from './codec/word-hash.js';
import {
  checkpointShape,
  endShape,
  headerShape,
  type Checkpoint,
  type EndMark,
  type JournalHeader,
} from './header.js';

/** How records become bytes of a segment. Both keep the same digest, that of the binary frames. */
export interface SegmentEncoding {
  readonly extension: string;
  /** What a segment begins with. */
  begin(out: WordBuffer, header: JournalHeader): void;
  /** One turn; on an error `out` is as before. */
  frame(out: WordBuffer, input: Event, children: readonly Event[]): void;
  checkpoint(out: WordBuffer, checkpoint: Checkpoint): void;
  end(out: WordBuffer, end: EndMark): void;
}

export function binaryEncoding(encoder: FrameEncoder): SegmentEncoding {
  const hash = new WordHash();
  return {
    extension: 'mlj',
    begin(out, header) {
      out.ensure(8);
      out.end += out.bytes.write(MAGIC, out.end, 'latin1');
      appendJsonRecord(out, RECORD.header, headerShape.toJson(header), hash);
      encoder.appendNames(out);
    },
    frame: (out, input, children) => encoder.append(out, input, children),
    checkpoint: (out, checkpoint) =>
      appendJsonRecord(out, RECORD.checkpoint, checkpointShape.toJson(checkpoint), hash),
    end: (out, end) => appendJsonRecord(out, RECORD.end, endShape.toJson(end), hash),
  };
}

export function jsonlEncoding(encoder: FrameEncoder): SegmentEncoding {
  const lines = new LineEncoder();
  const typed = (out: WordBuffer, type: string, value: unknown): void =>
    appendLine(out, open({ type, ...(value as object) }));
  return {
    extension: 'jsonl',
    begin: (out, header) => typed(out, 'header', headerShape.toJson(header)),
    frame(out, input, children) {
      encoder.digestFrame(input, children);
      lines.frame(out, input, children);
    },
    checkpoint: (out, checkpoint) => typed(out, 'checkpoint', checkpointShape.toJson(checkpoint)),
    end: (out, end) => typed(out, 'end', endShape.toJson(end)),
  };
}
