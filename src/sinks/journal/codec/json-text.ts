import type { QuoteEvent, TradeEvent } from '../../../model/event.js';
import type { Event } from '../../../model/record.js';
import { crc32 } from './crc32.js';
import { toJson } from './json.js';
import type { WordBuffer } from './word-buffer.js';

/**
 * Lines of a JSONL journal: pure ASCII, ending in `,"sum":"xxxxxxxx"}`, where the sum is the CRC-32 of everything in
 * front of `,"sum":`. The line of an input carries `children`, the number of lines that follow it.
 */
export class LineEncoder {
  #source = '';
  #sourceText = '""';
  readonly #instruments: string[] = [];
  readonly #instrumentTexts: string[] = [];

  /** Appends the lines of one turn; on an error `out` is as before. */
  frame(out: WordBuffer, input: Event, children: readonly Event[]): void {
    const start = out.end;
    try {
      appendLine(out, `${this.event(input)},"children":${children.length}`);
      for (const child of children) appendLine(out, this.event(child));
    } catch (error) {
      out.end = start;
      throw error;
    }
  }

  /** JSON of an event without its closing brace. The two hot kinds are written directly. */
  event(event: Event): string {
    if (event.kind === 'quote') return this.#quote(event);
    if (event.kind === 'trade') return this.#trade(event);
    return open(toJson(event));
  }

  #quote(e: QuoteEvent): string {
    const at = time(e.at);
    const ts = e.ts === e.at ? at : time(e.ts);
    return `{"kind":"quote","seq":${e.seq},"sub":${e.sub},"at":${at},"ts":${ts},"source":${this.#name(e.source)},"instrument":${this.#instrument(e.instrument, e.ix)},"ix":${e.ix},"bid":${num(e.bid)},"bidSize":${num(e.bidSize)},"ask":${num(e.ask)},"askSize":${num(e.askSize)}`;
  }

  #trade(e: TradeEvent): string {
    const at = time(e.at);
    const ts = e.ts === e.at ? at : time(e.ts);
    return `{"kind":"trade","seq":${e.seq},"sub":${e.sub},"at":${at},"ts":${ts},"source":${this.#name(e.source)},"instrument":${this.#instrument(e.instrument, e.ix)},"ix":${e.ix},"price":${num(e.price)},"size":${num(e.size)},"aggressor":${num(e.aggressor)},"tradeId":${quoted(e.tradeId)}`;
  }

  #name(source: string): string {
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceText = quoted(source);
    }
    return this.#sourceText;
  }

  #instrument(name: string, ix: number): string {
    if (ix < 0 || ix > 65_535) return quoted(name);
    if (this.#instruments[ix] !== name) {
      while (this.#instruments.length <= ix) {
        this.#instruments.push('');
        this.#instrumentTexts.push('""');
      }
      this.#instruments[ix] = name;
      this.#instrumentTexts[ix] = quoted(name);
    }
    return this.#instrumentTexts[ix] ?? quoted(name);
  }
}

/** Texts of numbers seen before: prices and sizes repeat, and finding the shortest text of a double is slow. */
const CACHE_BITS = 14;
const cachedNumbers = new Float64Array(1 << CACHE_BITS);
const cachedTexts: string[] = new Array<string>(1 << CACHE_BITS).fill('0');
const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

/** A number as JSON; what JSON cannot hold as a string. */
function num(value: number): string {
  if (value - value !== 0) return `"${value}"`;
  if (value === 0) return 1 / value < 0 ? '"-0"' : '0';
  scratch[0] = value;
  const mixed = (scratchWords[0] ?? 0) ^ Math.imul(scratchWords[1] ?? 0, 0x85ebca6b);
  const slot = Math.imul(mixed, 0x9e3779b1) >>> (32 - CACHE_BITS);
  if (cachedNumbers[slot] === value) return cachedTexts[slot] as string; // slot < length
  const text = `${value}`;
  cachedNumbers[slot] = value;
  cachedTexts[slot] = text;
  return text;
}

const THREE_DIGITS: readonly string[] = Array.from({ length: 1_000 }, (_, n) => String(n).padStart(3, '0'));
let second = -1;
let secondText = '';

/** A time as JSON: the seconds change rarely, the rest comes from a table. */
function time(value: number): string {
  const whole = Math.floor(value / 1_000_000);
  const rest = value - whole * 1_000_000;
  if (!(whole > 0) || value > Number.MAX_SAFE_INTEGER || rest !== Math.floor(rest)) return num(value);
  if (whole !== second) {
    second = whole;
    secondText = `${whole}`;
  }
  const thousands = Math.floor(rest / 1_000);
  return secondText + (THREE_DIGITS[thousands] ?? '') + (THREE_DIGITS[rest - thousands * 1_000] ?? '');
}

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const OUTSIDE_ASCII = /[\u007f-\uffff]/g;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : ascii(JSON.stringify(text));
}

function ascii(json: string): string {
  return json.replace(OUTSIDE_ASCII, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON of an object without its closing brace. The object must not be empty. */
export function open(value: object): string {
  return ascii(JSON.stringify(value)).slice(0, -1);
}

const SUM = ',"sum":"';
export const SUM_TAIL_BYTES: number = SUM.length + 8 + 3;
const HEX = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

/** Appends `json` (without closing brace) as a line with its sum. */
export function appendLine(out: WordBuffer, json: string): void {
  const start = out.end;
  out.ensure(json.length + SUM_TAIL_BYTES);
  const { bytes } = out;
  let end = start + bytes.write(json + SUM, start, 'latin1');
  const sum = crc32(bytes, start, end - SUM.length);
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
