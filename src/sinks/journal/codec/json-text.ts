import type { QuoteEvent, TradeEvent } from '../../../model/event.js';
import type { Event } from '../../../model/record.js';
import { crc32 } from './crc32.js';
import { toJson } from './json.js';
import { NUMBER_ROOM, putAscii, putBytes, putNumberText } from './number-text.js';
import type { WordBuffer } from './word-buffer.js';

/** Room for the numbers and keys of a hot line, without its names. */
const HOT_ROOM = 12 * NUMBER_ROOM + 256;
/** Instruments beyond this index are written without a prepared text. */
const MOST_PREPARED = 65_536;

const QUOTE_HEAD = ascii8('{"kind":"quote","seq":');
const TRADE_HEAD = ascii8('{"kind":"trade","seq":');
const SUB = ascii8(',"sub":');
const AT = ascii8(',"at":');
const TS = ascii8(',"ts":');
const BID = ascii8(',"bid":');
const BID_SIZE = ascii8(',"bidSize":');
const ASK = ascii8(',"ask":');
const ASK_SIZE = ascii8(',"askSize":');
const PRICE = ascii8(',"price":');
const SIZE = ascii8(',"size":');
const AGGRESSOR = ascii8(',"aggressor":');
const TRADE_ID = ascii8(',"tradeId":');
const CHILDREN = ascii8(',"children":');

/** Source, instrument and index of a market event as text, prepared at their first use. */
interface Names {
  readonly source: string;
  readonly instrument: string;
  readonly text: Uint8Array;
}

/**
 * Lines of a JSONL journal: pure ASCII, ending in `,"sum":"xxxxxxxx"}`, where the sum is the CRC-32 of everything in
 * front of `,"sum":`. The line of an input carries `children`, the number of lines that follow it. Quotes and trades
 * are written byte by byte, everything else through JSON. Memory: the names of each instrument.
 */
export class LineEncoder {
  readonly #names: (Names | undefined)[] = [];

  /** Appends the lines of one turn; on an error `out` is as before. */
  frame(out: WordBuffer, input: Event, children: readonly Event[]): void {
    const start = out.end;
    try {
      this.#line(out, input, children.length);
      for (let i = 0; i < children.length; i++) this.#line(out, children[i] as Event, -1); // i < length
    } catch (error) {
      out.end = start;
      throw error;
    }
  }

  /** One line; `children` below zero: it is a child itself. */
  #line(out: WordBuffer, event: Event, children: number): void {
    const start = out.end;
    if (event.kind === 'quote') this.#quote(out, event);
    else if (event.kind === 'trade') this.#trade(out, event);
    else appendText(out, open(toJson(event)));
    out.ensure(CHILDREN.length + NUMBER_ROOM);
    if (children >= 0) out.end = putNumberText(out.bytes, putBytes(out.bytes, out.end, CHILDREN), children);
    seal(out, start);
  }

  #quote(out: WordBuffer, e: QuoteEvent): void {
    const names = this.#prepared(e);
    out.ensure(names.length + HOT_ROOM);
    const { bytes } = out;
    let end = putNumberText(bytes, putBytes(bytes, out.end, QUOTE_HEAD), e.seq);
    end = putNumberText(bytes, putBytes(bytes, end, SUB), e.sub);
    end = putNumberText(bytes, putBytes(bytes, end, AT), e.at);
    end = putNumberText(bytes, putBytes(bytes, end, TS), e.ts);
    end = putBytes(bytes, end, names);
    end = putNumberText(bytes, putBytes(bytes, end, BID), e.bid);
    end = putNumberText(bytes, putBytes(bytes, end, BID_SIZE), e.bidSize);
    end = putNumberText(bytes, putBytes(bytes, end, ASK), e.ask);
    out.end = putNumberText(bytes, putBytes(bytes, end, ASK_SIZE), e.askSize);
  }

  #trade(out: WordBuffer, e: TradeEvent): void {
    const names = this.#prepared(e);
    out.ensure(names.length + HOT_ROOM + e.tradeId.length * MOST_ESCAPED);
    const { bytes } = out;
    let end = putNumberText(bytes, putBytes(bytes, out.end, TRADE_HEAD), e.seq);
    end = putNumberText(bytes, putBytes(bytes, end, SUB), e.sub);
    end = putNumberText(bytes, putBytes(bytes, end, AT), e.at);
    end = putNumberText(bytes, putBytes(bytes, end, TS), e.ts);
    end = putBytes(bytes, end, names);
    end = putNumberText(bytes, putBytes(bytes, end, PRICE), e.price);
    end = putNumberText(bytes, putBytes(bytes, end, SIZE), e.size);
    end = putNumberText(bytes, putBytes(bytes, end, AGGRESSOR), e.aggressor);
    out.end = putQuoted(bytes, putBytes(bytes, end, TRADE_ID), e.tradeId);
  }

  /** `,"source":...,"instrument":...,"ix":...` of an event; the text of the last one with the same index is kept. */
  #prepared(e: QuoteEvent | TradeEvent): Uint8Array {
    const { ix, source, instrument } = e;
    const known = this.#names[ix];
    if (known !== undefined && known.source === source && known.instrument === instrument) return known.text;
    const text = ascii8(`,${ascii(JSON.stringify({ source, instrument, ix })).slice(1, -1)}`);
    if (ix >= 0 && ix < MOST_PREPARED) {
      while (this.#names.length <= ix) this.#names.push(undefined);
      this.#names[ix] = { source, instrument, text };
    }
    return text;
  }
}

/** Bytes that one UTF-16 unit takes at most: a six-character escape; two quotes are in the room of the line. */
const MOST_ESCAPED = 6;
const OUTSIDE_ASCII = /[\u007f-\uffff]/g;
const BACKSLASH = 92;
const QUOTE = 34;

/** A string as JSON. */
function putQuoted(bytes: Uint8Array, at: number, text: string): number {
  bytes[at] = QUOTE;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char < 32 || char > 126 || char === QUOTE || char === BACKSLASH)
      return putAscii(bytes, at, ascii(JSON.stringify(text)));
    bytes[at + 1 + i] = char;
  }
  bytes[at + 1 + text.length] = QUOTE;
  return at + 2 + text.length;
}

function ascii(json: string): string {
  return json.replace(OUTSIDE_ASCII, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function ascii8(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** JSON of an object without its closing brace, in ASCII. The object must not be empty. */
export function open(value: object): string {
  return ascii(JSON.stringify(value)).slice(0, -1);
}

const SUM = ',"sum":"';
const SUM_BYTES = ascii8(SUM);
const SUM_TAIL_BYTES: number = SUM.length + 8 + 3;
const HEX = ascii8('0123456789abcdef');

function appendText(out: WordBuffer, json: string): void {
  out.ensure(json.length);
  out.end += out.bytes.write(json, out.end, 'latin1');
}

/** Appends `json` (without closing brace) as a line with its sum. */
export function appendLine(out: WordBuffer, json: string): void {
  const start = out.end;
  appendText(out, json);
  seal(out, start);
}

/** Completes the line that began at `start`. */
function seal(out: WordBuffer, start: number): void {
  out.ensure(SUM_TAIL_BYTES);
  const { bytes } = out;
  const sum = crc32(bytes, start, out.end);
  let end = putBytes(bytes, out.end, SUM_BYTES);
  for (let shift = 28; shift >= 0; shift -= 4) bytes[end++] = HEX[(sum >>> shift) & 15] as number; // 0..15
  bytes[end++] = 34; // "
  bytes[end++] = 125; // }
  bytes[end++] = 10; // newline
  out.end = end;
}

/** True when the line at [start, end), newline excluded, carries the right sum. */
export function sumHolds(bytes: Buffer, start: number, end: number): boolean {
  const json = end - (SUM_TAIL_BYTES - 1);
  if (json <= start || bytes.toString('latin1', json, json + SUM.length) !== SUM) return false;
  const told = bytes.toString('latin1', end - 10, end - 2);
  return (
    bytes.toString('latin1', end - 2, end) === '"}' &&
    told === crc32(bytes, start, json).toString(16).padStart(8, '0')
  );
}
