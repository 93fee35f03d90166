import type { InputEvent } from '../../model/event.js';
import type { RecordedEvent } from './codec/json.js';
import type { Checkpoint, EndMark, JournalHeader } from './header.js';

/** Where a record stands: for binary `position` is the byte offset, for JSONL the line number. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly record: number;
  readonly position: number;
  readonly unit: 'byte' | 'line';
}

export function placeText(place: Place): string {
  return place.unit === 'line'
    ? `${place.file}, line ${place.position}`
    : `${place.file}, byte ${place.position}, record ${place.record}`;
}

/** One recorded turn. Its input is a real event again; its children are for comparing and printing. */
export interface JournalFrame {
  readonly input: InputEvent;
  readonly childCount: number;
  /** Decoded at first use. */
  readonly children: readonly RecordedEvent[];
  /** Header of the life whose first turn this is; undefined for every other turn, and in the first life. */
  readonly begins: JournalHeader | undefined;
  /** What was noted after this turn. */
  readonly checkpoint: Checkpoint | undefined;
  readonly place: Place;
  /** Hash of the recorded bytes; undefined in a JSONL journal. */
  readonly hash: FrameHash | undefined;
}

/** Two words over all bytes of a frame, and whether it is the first to use a source or instrument. */
export interface FrameHash {
  readonly x: number;
  readonly y: number;
  readonly named: boolean;
}

/** How a journal ends. Complete once its frames were iterated. */
export interface JournalTail {
  /** True when the session was closed in order. */
  readonly clean: boolean;
  /** The end of the last segment that was cut away. */
  readonly torn: { readonly place: Place; readonly bytes: number; readonly reason: string } | undefined;
  /** Last complete turn; 0 when there is none. */
  readonly seq: number;
  /** Digest over the whole session, as its end mark says; undefined when it was not closed in order. */
  readonly digest: string | undefined;
}

export interface Journal {
  readonly path: string;
  /** Header of the first segment. */
  readonly header: JournalHeader;
  readonly segments: readonly string[];
  /** All turns in order. May be iterated again. Throws JOURNAL_DAMAGED at a record that does not hold. */
  frames(): Iterable<JournalFrame>;
  readonly tail: JournalTail | undefined;
}

/** Records of one segment, as the session reader wants them. */
export type SegmentItem =
  | { readonly type: 'header'; readonly header: JournalHeader }
  | { readonly type: 'frame'; readonly frame: MutableFrame }
  | { readonly type: 'checkpoint'; readonly checkpoint: Checkpoint; readonly place: Place }
  | { readonly type: 'end'; readonly end: EndMark }
  | { readonly type: 'torn'; readonly place: Place; readonly bytes: number; readonly reason: string };

export class MutableFrame implements JournalFrame {
  readonly input: InputEvent;
  readonly childCount: number;
  readonly place: Place;
  readonly hash: FrameHash | undefined;
  begins: JournalHeader | undefined = undefined;
  checkpoint: Checkpoint | undefined = undefined;
  #children: readonly RecordedEvent[] | undefined;
  #decode: (() => readonly RecordedEvent[]) | undefined;

  constructor(
    input: InputEvent,
    childCount: number,
    place: Place,
    hash: FrameHash | undefined,
    decode: (() => readonly RecordedEvent[]) | undefined,
  ) {
    this.input = input;
    this.childCount = childCount;
    this.place = place;
    this.hash = hash;
    this.#decode = decode;
  }

  get children(): readonly RecordedEvent[] {
    this.#children ??= this.#decode?.() ?? [];
    this.#decode = undefined;
    return this.#children;
  }
}
