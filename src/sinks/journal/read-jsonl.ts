import { number } from './codec/shape.js';
import { fromJson, isInput, type RecordedEvent } from './codec/json.js';
import { sumHolds } from './codec/json-text.js';
import { ChunkReader } from './chunk-reader.js';
import { damaged } from './damage.js';
import { MutableFrame, type Place, type SegmentItem } from './frame.js';
import { checkpointShape, endShape, headerFromJson } from './header.js';

type Line = {
  readonly json: Readonly<Record<string, unknown>>;
  readonly place: Place;
  readonly offset: number;
};

/** Records of one JSONL segment. Cut whole: a last line without its end, or a last turn without all its children. */
export function* readJsonl(path: string, last: boolean): Generator<SegmentItem> {
  const reader = new ChunkReader(path);
  try {
    yield* new JsonlSegment(path, last, reader).items();
  } finally {
    reader.close();
  }
}

class JsonlSegment {
  readonly #path: string;
  readonly #last: boolean;
  readonly #reader: ChunkReader;
  #line = 0;
  #seq = 0;

  constructor(path: string, last: boolean, reader: ChunkReader) {
    this.#path = path;
    this.#last = last;
    this.#reader = reader;
  }

  *items(): Generator<SegmentItem> {
    for (let line = this.#next(); ; line = this.#next()) {
      if (line === 'end') return;
      if (line === 'torn') {
        yield this.#torn(this.#place(), this.#reader.left, 'the file ends inside a line');
        return;
      }
      const { json, place, offset } = line;
      const type = json['type'];
      if (type === 'header') yield { type, header: this.#checked(place, () => headerFromJson(json)) };
      else if (type === 'checkpoint')
        yield { type, checkpoint: this.#checked(place, () => checkpointShape.fromJson(json, '')), place };
      else if (type === 'end') yield { type, end: this.#checked(place, () => endShape.fromJson(json, '')) };
      else {
        const input = this.#checked(place, () => fromJson(json));
        const count = this.#checked(place, () => number.fromJson(json['children'], 'children'));
        if (!isInput(input))
          throw damaged(
            place,
            this.#seq,
            `a turn begins with ${input.kind}, sub ${input.sub}, which is no input`,
          );
        const children: RecordedEvent[] = [];
        while (children.length < count) {
          const child = this.#next();
          if (child === 'end' || child === 'torn') {
            yield this.#torn(
              place,
              this.#reader.size - offset,
              `turn ${input.seq} has ${children.length} of its ${count} children`,
            );
            return;
          }
          const event = this.#checked(child.place, () => fromJson(child.json));
          if (event.seq !== input.seq || event.sub !== children.length + 1) {
            throw damaged(
              child.place,
              this.#seq,
              `expected child ${children.length + 1} of turn ${input.seq}, found seq ${event.seq}, sub ${event.sub}`,
            );
          }
          children.push(event);
        }
        this.#seq = input.seq;
        yield { type: 'frame', frame: new MutableFrame(input, count, place, undefined, () => children) };
      }
    }
  }

  /** Next line with a sum that holds; its bytes are consumed. */
  #next(): Line | 'end' | 'torn' {
    const reader = this.#reader;
    if (reader.left === 0) return 'end';
    this.#line++;
    const length = reader.line();
    if (length === undefined) return 'torn';
    const { bytes } = reader.buffer;
    const place = this.#place();
    const start = reader.position;
    const { offset } = reader;
    if (!sumHolds(bytes, start, start + length))
      throw damaged(place, this.#seq, 'the checksum of a line is wrong');
    const json = this.#checked(
      place,
      () => JSON.parse(bytes.toString('latin1', start, start + length)) as Readonly<Record<string, unknown>>,
    );
    reader.position += length + 1;
    return { json, place, offset };
  }

  #torn(place: Place, bytes: number, reason: string): SegmentItem {
    if (!this.#last) throw damaged(place, this.#seq, reason);
    return { type: 'torn', place, bytes, reason };
  }

  #checked<T>(place: Place, read: () => T): T {
    try {
      return read();
    } catch (error) {
      throw damaged(place, this.#seq, error instanceof Error ? error.message : String(error), error);
    }
  }

  #place(): Place {
    return { file: this.#path, record: this.#line, position: this.#line, unit: 'line' };
  }
}
