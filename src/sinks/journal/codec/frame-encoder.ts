import { MillraceError } from '../../../model/reason.js';
import type { Event } from '../../../model/record.js';
import { encodeEvent } from './encode-event.js';
import { LITTLE_ENDIAN, WordBuffer } from './word-buffer.js';
import { MAX_CHILDREN, MAX_RECORD_BYTES, MAX_SEQ, RECORD } from './layout.js';
import { Names } from './names.js';
import { RollingDigest, WordHash } from './word-hash.js';

/**
 * Turns to binary frames, with the rolling digest over every input and child. Used by the writer (with either
 * encoding: the digest is always that of the binary frames) and by `replay --verify`, which writes nothing.
 * Names get their number at first use; the entry is put in front of the frame and belongs to the digest.
 * Memory: the names in use and one frame.
 */
export class FrameEncoder {
  readonly #digest = new RollingDigest();
  readonly #hash = new WordHash();
  readonly #own = new WordBuffer(4_096);
  readonly #names: { readonly sources: Names; readonly instruments: Names } = {
    sources: new Names(),
    instruments: new Names(),
  };
  #knownSources = 0;
  #knownInstruments = 0;

  constructor() {
    if (!LITTLE_ENDIAN)
      throw new MillraceError('INVALID_CONFIGURATION', 'the journal needs a little-endian machine');
  }

  /** Digest of everything encoded so far: 16 hexadecimal digits. */
  get digest(): string {
    return this.#digest.text;
  }

  /** Hash of the last frame: equal for equal frames of streams that began alike. */
  get frameHash(): { readonly x: number; readonly y: number } {
    return this.#hash;
  }

  /** One turn as bytes, name entries included. The view is valid until the next call. */
  encode(input: Event, children: readonly Event[]): Uint8Array {
    this.#own.end = 0;
    this.append(this.#own, input, children);
    return this.#own.bytes.subarray(0, this.#own.end);
  }

  /** Like {@link encode} without a view: only the digest and the frame's hash are wanted. */
  digestFrame(input: Event, children: readonly Event[]): void {
    this.#own.end = 0;
    this.append(this.#own, input, children);
  }

  /** A frame whose bytes are known to be those {@link encode} would give, and that brings no names: by its hash. */
  digestKnown(x: number, y: number): void {
    this.#digest.add(x, y);
  }

  /** Appends one turn to `out`; on an error `out` is as before. */
  append(out: WordBuffer, input: Event, children: readonly Event[]): void {
    const start = out.end;
    try {
      this.#frame(out, input, children);
      if (
        this.#names.sources.all.length > this.#knownSources ||
        this.#names.instruments.all.length > this.#knownInstruments
      ) {
        out.end = start;
        this.#freshNames(out);
        this.#frame(out, input, children);
      }
      this.#digest.add(this.#hash.x, this.#hash.y);
    } catch (error) {
      out.end = start;
      throw error;
    }
  }

  /** Appends the entries of every name so far: what a new segment begins with. Not part of the digest again. */
  appendNames(out: WordBuffer): void {
    for (let id = 0; id < this.#knownSources; id++) this.#name(out, 'source', id);
    for (let id = 0; id < this.#knownInstruments; id++) this.#name(out, 'instrument', id);
  }

  #freshNames(out: WordBuffer): void {
    for (; this.#knownSources < this.#names.sources.all.length; this.#knownSources++) {
      this.#name(out, 'source', this.#knownSources);
      this.#digest.add(this.#hash.x, this.#hash.y);
    }
    for (; this.#knownInstruments < this.#names.instruments.all.length; this.#knownInstruments++) {
      this.#name(out, 'instrument', this.#knownInstruments);
      this.#digest.add(this.#hash.x, this.#hash.y);
    }
  }

  #name(out: WordBuffer, type: 'source' | 'instrument', id: number): void {
    const entry = this.#names[type === 'source' ? 'sources' : 'instruments'].all[id];
    if (entry !== undefined) appendJsonRecord(out, RECORD[type], { id, ...entry }, this.#hash);
  }

  #frame(out: WordBuffer, input: Event, children: readonly Event[]): void {
    const { seq } = input;
    const count = children.length;
    if (!(seq >= 0 && seq <= MAX_SEQ) || count > MAX_CHILDREN) {
      throw new MillraceError('INVARIANT', `a frame cannot hold seq ${seq} with ${count} children`);
    }
    const start = out.end;
    out.ensure(16);
    const word = start >>> 2;
    out.u32[word + 2] = seq >>> 0;
    out.u32[word + 3] = Math.floor(seq / 0x1_0000_0000) | (count << 12);
    out.end += 16;
    encodeEvent(out, input, this.#names);
    for (let i = 0; i < count; i++) {
      const child = children[i] as Event; // i < count
      if (child.sub !== i + 1 || child.seq !== seq) {
        throw new MillraceError(
          'INVARIANT',
          `child ${i + 1} of turn ${seq} (${child.kind}) is stamped seq ${child.seq}, sub ${child.sub}`,
        );
      }
      encodeEvent(out, child, this.#names);
    }
    seal(out, start, RECORD.frame, this.#hash);
  }
}

/** Completes the record that began at `start`: type, length, checksum. */
export function seal(out: WordBuffer, start: number, type: number, hash: WordHash): void {
  const bytes = out.end - start;
  if (bytes > MAX_RECORD_BYTES)
    throw new MillraceError('INVARIANT', `a journal record of ${bytes} bytes is too large`);
  const word = start >>> 2;
  out.u32[word] = type | ((bytes >>> 3) << 8);
  hash.run(out.u32, word, out.end >>> 2);
  out.u32[word + 1] = hash.x;
}

/** Appends a record of JSON text: word 2 = bytes of text, word 3 = 0. */
export function appendJsonRecord(out: WordBuffer, type: number, value: unknown, hash: WordHash): void {
  const text = JSON.stringify(value);
  const start = out.end;
  out.ensure(24 + text.length * 3);
  const bytes = out.bytes.write(text, start + 16, 'utf8');
  out.u32[(start >>> 2) + 2] = bytes;
  out.u32[(start >>> 2) + 3] = 0;
  out.end += 16 + bytes;
  out.pad();
  seal(out, start, type, hash);
}
