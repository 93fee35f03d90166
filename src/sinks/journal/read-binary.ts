import { EventReader, type KnownNames } from './codec/decode-event.js';
import { isInput, type RecordedEvent } from './codec/json.js';
import { MAGIC, RECORD } from './codec/layout.js';
import { number, object, text } from './codec/shape.js';
import { WordBuffer } from './codec/word-buffer.js';
import { WordHash } from './codec/word-hash.js';
import { ChunkReader } from './chunk-reader.js';
import { damaged } from './damage.js';
import { MutableFrame, type Place, type SegmentItem } from './frame.js';
import { checkpointShape, endShape, headerFromJson } from './header.js';

const nameShape = object<{ id: number; name: string; ix: number }>({ id: number, name: text, ix: number });
const SECTOR = 512;

/** Records of one binary segment. A bad end is `torn` only when `last` and nothing valid follows it; else it throws. */
export function* readBinary(path: string, last: boolean): Generator<SegmentItem> {
  const reader = new ChunkReader(path);
  try {
    yield* new BinarySegment(path, last, reader).items();
  } finally {
    reader.close();
  }
}

class BinarySegment {
  readonly #path: string;
  readonly #last: boolean;
  readonly #reader: ChunkReader;
  readonly #hash = new WordHash();
  readonly #names: KnownNames = { sources: [], instruments: [] };
  readonly #events = new EventReader(this.#names);
  #record = 0;
  #seq = 0;
  /** Names were brought since the last frame. */
  #named = false;

  constructor(path: string, last: boolean, reader: ChunkReader) {
    this.#path = path;
    this.#last = last;
    this.#reader = reader;
  }

  *items(): Generator<SegmentItem> {
    const reader = this.#reader;
    if (!reader.load(MAGIC.length)) {
      yield this.#cut('the file ends inside its first bytes', true);
      return;
    }
    if (reader.buffer.bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) {
      throw damaged(this.#place(), 0, 'this is not a Millrace journal: its first bytes are wrong');
    }
    reader.position += MAGIC.length;
    while (reader.left > 0) {
      this.#record++;
      const bytes = reader.load(8) ? ((reader.buffer.u32[reader.position >>> 2] ?? 0) >>> 8) * 8 : 0;
      if (reader.left < 8 || !reader.load(bytes)) {
        yield this.#cut('the file ends inside a record', true);
        return;
      }
      const { u32 } = reader.buffer;
      const word = reader.position >>> 2;
      if (bytes < 16) {
        yield this.#cut('a record has an impossible length', false);
        return;
      }
      this.#hash.run(u32, word, (reader.position + bytes) >>> 2);
      if (this.#hash.x !== u32[word + 1]) {
        yield this.#cut('the checksum of a record is wrong', false);
        return;
      }
      const item = this.#item((u32[word] ?? 0) & 0xff, bytes);
      reader.position += bytes;
      if (item !== undefined) yield item;
    }
  }

  /** A record whose checksum holds. What does not make sense all the same was written wrong: an error. */
  #item(type: number, bytes: number): SegmentItem | undefined {
    try {
      switch (type) {
        case RECORD.frame:
          return { type: 'frame', frame: this.#frame(bytes) };
        case RECORD.source:
        case RECORD.instrument: {
          const { id, name, ix } = nameShape.fromJson(this.#json(), '');
          this.#names[type === RECORD.source ? 'sources' : 'instruments'][id] = { name, ix };
          this.#named = true;
          return undefined;
        }
        case RECORD.header:
          return { type: 'header', header: headerFromJson(this.#json()) };
        case RECORD.checkpoint:
          return {
            type: 'checkpoint',
            checkpoint: checkpointShape.fromJson(this.#json(), ''),
            place: this.#place(),
          };
        case RECORD.end:
          return { type: 'end', end: endShape.fromJson(this.#json(), '') };
        default:
          throw new Error(`record type ${type} is not known`);
      }
    } catch (error) {
      throw damaged(this.#place(), this.#seq, error instanceof Error ? error.message : String(error), error);
    }
  }

  #json(): unknown {
    const { buffer, position } = this.#reader;
    const start = position + 16;
    return JSON.parse(buffer.bytes.toString('utf8', start, start + (buffer.u32[(position >>> 2) + 2] ?? 0)));
  }

  #frame(bytes: number): MutableFrame {
    const { buffer, position } = this.#reader;
    const word = position >>> 2;
    const third = buffer.u32[word + 3] ?? 0;
    const seq = (buffer.u32[word + 2] ?? 0) + (third & 0xfff) * 0x1_0000_0000;
    const count = third >>> 12;
    const end = position + bytes;
    this.#events.offset = position + 16;
    const input = this.#events.read(buffer, end, seq, 0);
    if (!isInput(input)) throw new Error(`the turn begins with ${input.kind}, which is no input`);
    this.#seq = seq;
    const hash = { x: this.#hash.x, y: this.#hash.y, named: this.#named };
    this.#named = false;
    if (count === 0) return new MutableFrame(input, 0, this.#place(), hash, undefined);
    const start = this.#events.offset;
    const copy = new WordBuffer(end - start);
    copy.bytes.set(buffer.bytes.subarray(start, end));
    const place = this.#place();
    return new MutableFrame(input, count, place, hash, () =>
      decodeChildren(copy, end - start, seq, count, this.#names, place),
    );
  }

  /** The rest of the file: a torn tail to be cut, or damage. */
  #cut(reason: string, short: boolean): SegmentItem {
    const bytes = this.#reader.left;
    const torn = this.#last && (short ? !this.#validAfter() : this.#zeroAfterSector());
    if (!torn) throw damaged(this.#place(), this.#seq, reason);
    return { type: 'torn', place: this.#place(), bytes, reason };
  }

  /** Is there a whole record behind this one? Then its length was damaged, and the file is not merely short. */
  #validAfter(): boolean {
    const reader = this.#reader;
    reader.load(reader.left);
    const { u32 } = reader.buffer;
    const end = reader.buffer.end;
    for (let at = reader.position + 8; at + 16 <= end; at += 8) {
      const head = u32[at >>> 2] ?? 0;
      const bytes = (head >>> 8) * 8;
      const type = head & 0xff;
      if (type < RECORD.header || type > RECORD.end || bytes < 16 || at + bytes > end) continue;
      this.#hash.run(u32, at >>> 2, (at + bytes) >>> 2);
      if (this.#hash.x === u32[(at >>> 2) + 1]) return true;
    }
    return false;
  }

  /** After a power cut a file may be long enough but end in sectors that were never written. */
  #zeroAfterSector(): boolean {
    const reader = this.#reader;
    reader.load(reader.left);
    const { bytes, end } = reader.buffer;
    const intoSector = reader.offset % SECTOR;
    let from = reader.position + (intoSector === 0 ? 0 : SECTOR - intoSector);
    if (bytes.subarray(reader.position, end).every((byte) => byte === 0)) return true;
    for (; from < end; from += SECTOR) if (bytes.subarray(from, end).every((byte) => byte === 0)) return true;
    return false;
  }

  #place(): Place {
    return { file: this.#path, record: this.#record, position: this.#reader.offset, unit: 'byte' };
  }
}

function decodeChildren(
  from: WordBuffer,
  end: number,
  seq: number,
  count: number,
  names: KnownNames,
  place: Place,
): RecordedEvent[] {
  const events = new EventReader(names);
  const children: RecordedEvent[] = [];
  try {
    for (let sub = 1; sub <= count; sub++) children.push(events.read(from, end, seq, sub));
  } catch (error) {
    throw damaged(place, seq, error instanceof Error ? error.message : String(error), error);
  }
  return children;
}
