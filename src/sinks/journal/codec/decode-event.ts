import type { Micros } from '../../../model/time.js';
import { makeBar, makeBook, makeClock, makeQuote, makeTrade } from '../../../model/make.js';
import { EVENT_KINDS } from '../../../model/record.js';
import { eventFromJson, type RecordedEvent } from './json.js';
import { AS_JSON, BAR_BASES, ID_NUMBER, KIND_NUMBER, SELLER, SNAPSHOT } from './layout.js';
import type { Name } from './names.js';
import { ShapeError } from './shape.js';
import type { WordBuffer } from './word-buffer.js';

export interface KnownNames {
  readonly sources: Name[];
  readonly instruments: Name[];
}

/** Reads the events of one frame, one after the other, with the constructors every live event comes from. */
export class EventReader {
  /** Where the next event starts, in bytes. */
  offset = 0;
  readonly #names: KnownNames;

  constructor(names: KnownNames) {
    this.#names = names;
  }

  /** The event at `offset`, which must end at or before `end`. Throws when it does not or does not make sense. */
  read(from: WordBuffer, end: number, seq: number, sub: number): RecordedEvent {
    const { u32, f64 } = from;
    const word = this.offset >>> 2;
    const head = u32[word] as number; // inside a record whose length was checked; `end` is checked below
    const second = u32[word + 1] as number;
    const flags = (head >>> 8) & 0xff;
    const source = this.#names.sources[head >>> 16]?.name;
    if (source === undefined) throw new ShapeError('source', 'a known name', head >>> 16);
    const kind = head & 0xff;
    const i = (this.offset >>> 3) + 1;
    const at = f64[i] as number;
    const ts = f64[i + 1] as number;
    let event: RecordedEvent;
    if ((flags & AS_JSON) !== 0) {
      const name = EVENT_KINDS[kind];
      if (name === undefined || this.offset + 24 + second > end)
        throw new ShapeError('kind', 'a kind of event', kind);
      const text = from.bytes.toString('utf8', this.offset + 24, this.offset + 24 + second);
      this.offset += (24 + second + 7) & ~7;
      return eventFromJson(name, seq, sub, at, ts, source, JSON.parse(text));
    }
    if (kind === KIND_NUMBER.clock) {
      event = makeClock(f64[i + 2] as number, ts);
      this.offset += 32;
      return this.#stamp(event, end, seq, sub, at, ts, source);
    }
    const named = this.#names.instruments[second];
    if (named === undefined) throw new ShapeError('instrument', 'a known name', second);
    const { name, ix } = named;
    if (kind === KIND_NUMBER.quote) {
      event = makeQuote(
        source,
        ts,
        name,
        ix,
        f64[i + 2] as number,
        f64[i + 3] as number,
        f64[i + 4] as number,
        f64[i + 5] as number,
      );
      this.offset += 56;
    } else if (kind === KIND_NUMBER.trade) {
      const side = flags & 3;
      const id = (flags & ID_NUMBER) !== 0;
      event = makeTrade(
        source,
        ts,
        name,
        ix,
        f64[i + 2] as number,
        f64[i + 3] as number,
        side === SELLER ? -1 : side,
        id ? String(f64[i + 4]) : '',
      );
      this.offset += id ? 48 : 40;
    } else if (kind === KIND_NUMBER.bar) {
      event = makeBar(source, ts, name, ix, {
        basis: BAR_BASES[flags & 3] ?? 'trade',
        every: f64[i + 2] as number,
        start: f64[i + 3] as number,
        open: f64[i + 4] as number,
        high: f64[i + 5] as number,
        low: f64[i + 6] as number,
        close: f64[i + 7] as number,
        volume: f64[i + 8] as number,
        count: f64[i + 9] as number,
      });
      this.offset += 88;
    } else if (kind === KIND_NUMBER.book) {
      const bids = u32[word + 12] as number;
      const asks = u32[word + 13] as number;
      const levels = i + 6;
      this.offset += 56 + (bids + asks) * 8;
      if (this.offset > end) throw new ShapeError('bids', 'levels inside the frame', bids + asks);
      event = makeBook(
        source,
        ts,
        name,
        ix,
        (flags & SNAPSHOT) !== 0,
        Array.from(f64.subarray(levels, levels + bids)),
        Array.from(f64.subarray(levels + bids, levels + bids + asks)),
        f64[i + 2] as number,
        f64[i + 3] as number,
        f64[i + 4] as number,
      );
    } else {
      throw new ShapeError('kind', 'a kind of event with a fixed layout', kind);
    }
    return this.#stamp(event, end, seq, sub, at, ts, source);
  }

  #stamp(
    event: RecordedEvent,
    end: number,
    seq: number,
    sub: number,
    at: Micros,
    ts: Micros,
    source: string,
  ): RecordedEvent {
    if (this.offset > end)
      throw new ShapeError(event.kind, 'an event that ends inside its frame', this.offset - end);
    const head = event as { seq: number; sub: number; at: Micros; ts: Micros; source: string };
    head.seq = seq;
    head.sub = sub;
    head.at = at;
    head.ts = ts;
    head.source = source;
    return event;
  }
}
