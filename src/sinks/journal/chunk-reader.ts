import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { WordBuffer } from './codec/word-buffer.js';

const CHUNK = 1 << 20;
const LINE_STEP = 1 << 16;
const NEWLINE = 10;

/** A file read through one buffer. Bytes keep their alignment to 8, so that binary records can be read in place. */
export class ChunkReader {
  readonly buffer: WordBuffer = new WordBuffer(CHUNK);
  readonly size: number;
  /** Next byte to read in the buffer; the bytes up to `buffer.end` are loaded. */
  position = 0;
  readonly #fd: number;
  #origin = 0;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.size = fstatSync(this.#fd).size;
  }

  /** Offset of `position` in the file. */
  get offset(): number {
    return this.#origin + this.position;
  }
  /** Bytes from `position` to the end of the file. */
  get left(): number {
    return this.size - this.offset;
  }

  /** Loads `count` bytes from `position` on; false when the file has fewer. What is there is loaded in any case. */
  load(count: number): boolean {
    if (this.position + count <= this.buffer.end) return true;
    const keepFrom = this.position & ~7;
    this.buffer.bytes.copyWithin(0, keepFrom, this.buffer.end);
    this.buffer.end -= keepFrom;
    this.position -= keepFrom;
    this.#origin += keepFrom;
    const wanted = Math.min(count, this.left);
    this.buffer.ensure(Math.max(this.position + wanted - this.buffer.end, 0));
    while (this.buffer.end < this.buffer.bytes.length) {
      const read = readSync(
        this.#fd,
        this.buffer.bytes,
        this.buffer.end,
        this.buffer.bytes.length - this.buffer.end,
        this.#origin + this.buffer.end,
      );
      if (read === 0) break;
      this.buffer.end += read;
    }
    return this.position + count <= this.buffer.end;
  }

  /** Length of the line at `position`, newline excluded; undefined when the file ends first (all of it is loaded). */
  line(): number | undefined {
    for (let searched = 0; ; searched = this.buffer.end - this.position) {
      const more = this.load(searched + LINE_STEP);
      const found = this.buffer.bytes.subarray(0, this.buffer.end).indexOf(NEWLINE, this.position + searched);
      if (found >= 0) return found - this.position;
      if (!more) return undefined;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
