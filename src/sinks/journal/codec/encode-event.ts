import type { BarEvent, BookEvent, ClockEvent, QuoteEvent, TradeEvent } from '../../../model/event.js';
import type { Event } from '../../../model/record.js';
import { payloadText } from './json.js';
import { AS_JSON, BAR_BASES, ID_NUMBER, KIND_NUMBER, SELLER, SNAPSHOT } from './layout.js';
import type { Names } from './names.js';
import { forgetWritten } from './shape.js';
import { putNumber, type WordBuffer } from './word-buffer.js';

export interface Dictionaries {
  readonly sources: Names;
  readonly instruments: Names;
}

/** Appends one event. One function a kind, so that each reads objects of one hidden class only. */
export function encodeEvent(out: WordBuffer, event: Event, names: Dictionaries): void {
  switch (event.kind) {
    case 'quote':
      return quote(out, event, names);
    case 'trade':
      return trade(out, event, names);
    case 'bar':
      return bar(out, event, names);
    case 'book':
      return book(out, event, names);
    case 'clock':
      return clock(out, event, names);
    default:
      return asJson(out, event, names);
  }
}

const QUOTE = KIND_NUMBER.quote;
const TRADE = KIND_NUMBER.trade;
const BAR = KIND_NUMBER.bar;
const BOOK = KIND_NUMBER.book;
const CLOCK = KIND_NUMBER.clock;

function quote(out: WordBuffer, e: QuoteEvent, names: Dictionaries): void {
  out.ensure(56);
  const { u32, f64 } = out;
  const i = out.end >>> 3;
  u32[i * 2] = QUOTE | (names.sources.source(e.source) << 16);
  u32[i * 2 + 1] = names.instruments.instrument(e.instrument, e.ix);
  putNumber(u32, f64, i + 1, e.at);
  putNumber(u32, f64, i + 2, e.ts);
  putNumber(u32, f64, i + 3, e.bid);
  putNumber(u32, f64, i + 4, e.bidSize);
  putNumber(u32, f64, i + 5, e.ask);
  putNumber(u32, f64, i + 6, e.askSize);
  out.end += 56;
}

function trade(out: WordBuffer, e: TradeEvent, names: Dictionaries): void {
  const id = e.tradeId === '' ? 0 : digits(e.tradeId);
  const aggressor = e.aggressor === -1 ? SELLER : e.aggressor;
  if (id < 0 || (aggressor !== 0 && aggressor !== 1 && aggressor !== SELLER) || Object.is(aggressor, -0))
    return asJson(out, e, names);
  const bytes = e.tradeId === '' ? 40 : 48;
  out.ensure(bytes);
  const { u32, f64 } = out;
  const i = out.end >>> 3;
  u32[i * 2] =
    TRADE | ((aggressor | (bytes === 48 ? ID_NUMBER : 0)) << 8) | (names.sources.source(e.source) << 16);
  u32[i * 2 + 1] = names.instruments.instrument(e.instrument, e.ix);
  putNumber(u32, f64, i + 1, e.at);
  putNumber(u32, f64, i + 2, e.ts);
  putNumber(u32, f64, i + 3, e.price);
  putNumber(u32, f64, i + 4, e.size);
  if (bytes === 48) f64[i + 5] = id;
  out.end += bytes;
}

/** The number whose plain text this is, or -1: at most 15 digits and no leading zero. */
function digits(text: string): number {
  const length = text.length;
  if (length > 15 || (length > 1 && text.charCodeAt(0) === 48)) return -1;
  let value = 0;
  for (let i = 0; i < length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function bar(out: WordBuffer, e: BarEvent, names: Dictionaries): void {
  const basis = BAR_BASES.indexOf(e.basis);
  if (basis < 0) return asJson(out, e, names);
  out.ensure(88);
  const { u32, f64 } = out;
  const i = out.end >>> 3;
  u32[i * 2] = BAR | (basis << 8) | (names.sources.source(e.source) << 16);
  u32[i * 2 + 1] = names.instruments.instrument(e.instrument, e.ix);
  putNumber(u32, f64, i + 1, e.at);
  putNumber(u32, f64, i + 2, e.ts);
  putNumber(u32, f64, i + 3, e.every);
  putNumber(u32, f64, i + 4, e.start);
  putNumber(u32, f64, i + 5, e.open);
  putNumber(u32, f64, i + 6, e.high);
  putNumber(u32, f64, i + 7, e.low);
  putNumber(u32, f64, i + 8, e.close);
  putNumber(u32, f64, i + 9, e.volume);
  putNumber(u32, f64, i + 10, e.count);
  out.end += 88;
}

function book(out: WordBuffer, e: BookEvent, names: Dictionaries): void {
  const { bids, asks } = e;
  const bytes = 56 + (bids.length + asks.length) * 8;
  out.ensure(bytes);
  const { u32, f64 } = out;
  const i = out.end >>> 3;
  u32[i * 2] = BOOK | ((e.snapshot ? SNAPSHOT : 0) << 8) | (names.sources.source(e.source) << 16);
  u32[i * 2 + 1] = names.instruments.instrument(e.instrument, e.ix);
  putNumber(u32, f64, i + 1, e.at);
  putNumber(u32, f64, i + 2, e.ts);
  putNumber(u32, f64, i + 3, e.first);
  putNumber(u32, f64, i + 4, e.last);
  putNumber(u32, f64, i + 5, e.prev);
  u32[i * 2 + 12] = bids.length;
  u32[i * 2 + 13] = asks.length;
  let at = i + 7;
  for (let k = 0; k < bids.length; k++) putNumber(u32, f64, at++, bids[k] as number); // k < length
  for (let k = 0; k < asks.length; k++) putNumber(u32, f64, at++, asks[k] as number);
  out.end += bytes;
}

function clock(out: WordBuffer, e: ClockEvent, names: Dictionaries): void {
  out.ensure(32);
  const { u32, f64 } = out;
  const i = out.end >>> 3;
  u32[i * 2] = CLOCK | (names.sources.source(e.source) << 16);
  u32[i * 2 + 1] = 0;
  putNumber(u32, f64, i + 1, e.at);
  putNumber(u32, f64, i + 2, e.ts);
  putNumber(u32, f64, i + 3, e.due);
  out.end += 32;
}

/** Turn whose records were written as JSON last. */
let lastSeq = -1;

function asJson(out: WordBuffer, e: Event, names: Dictionaries): void {
  if (e.seq !== lastSeq) {
    lastSeq = e.seq;
    forgetWritten();
  }
  const text = payloadText(e);
  out.ensure(24 + text.length * 3 + 8);
  const bytes = out.bytes.write(text, out.end + 24, 'utf8');
  const { u32, f64 } = out;
  const i = out.end >>> 3;
  u32[i * 2] = KIND_NUMBER[e.kind] | (AS_JSON << 8) | (names.sources.source(e.source) << 16);
  u32[i * 2 + 1] = bytes;
  putNumber(u32, f64, i + 1, e.at);
  putNumber(u32, f64, i + 2, e.ts);
  out.end += 24 + bytes;
  out.pad();
}
