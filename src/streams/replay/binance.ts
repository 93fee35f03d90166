import { basename } from 'node:path';
import type { InputEvent } from '../../model/event.js';
import type { Instrument } from '../../model/instrument.js';
import { receivedAt } from '../../model/make.js';
import type { Micros } from '../../model/time.js';
import { isObject, type Json } from '../binance-wire/fields.js';
import { deltaFrom, quoteFrom, snapshotFrom, tradeFrom } from '../binance-wire/messages.js';
import { parseShifted } from '../csv/number.js';
import { BACKWARDS, Timeline, WANTED, type Decoder, type FileContext } from './decoder.js';

const NEWLINE = 10;
const SPACE = 32;

/**
 * Decodes raw Binance captures: `<local receive time in ns> <JSON>` a line, the JSON a stream message (combined
 * envelope or bare) or a REST depth snapshot. `at` is the receive time, `ts` the venue's (which may run ahead).
 * A line that lacks a field, or has one of another type, is bad data as a whole: nothing of it is applied.
 */
export class BinanceDecoder implements Decoder {
  readonly ends: Micros = -Infinity;
  readonly #file: FileContext;
  readonly #timeline: Timeline;
  readonly #named: Instrument | undefined;
  /** Symbols seen so far: a snapshot does not name its own. */
  readonly #symbols = new Set<string>();
  #line = 0;

  constructor(file: FileContext) {
    this.#file = file;
    this.#timeline = new Timeline(file.from, file.to);
    this.#named = file.lookup.inFileName(basename(file.path));
  }

  get finished(): boolean {
    return this.#timeline.finished;
  }

  decode(block: Buffer, out: InputEvent[]): void {
    for (let from = 0; from < block.length && !this.#timeline.finished;) {
      const end = block.indexOf(NEWLINE, from);
      this.#line++;
      const bad = end > from ? this.#decodeLine(block, from, end, out) : '';
      if (bad !== '') {
        this.#file.bad.reject(bad, `${this.#file.path}:${this.#line}`, block.toString('utf8', from, end));
      }
      from = end + 1;
    }
  }

  #decodeLine(block: Buffer, from: number, end: number, out: InputEvent[]): string {
    const space = block.indexOf(SPACE, from);
    if (space < 0 || space >= end) return 'malformed';
    const at = parseShifted(block, from, space, -3);
    if (Number.isNaN(at)) return 'malformed';
    let body: unknown;
    try {
      body = JSON.parse(block.toString('utf8', space + 1, end));
    } catch {
      return 'malformed';
    }
    if (!isObject(body)) return 'malformed';
    const enveloped = body['stream'] !== undefined;
    const data = enveloped ? body['data'] : body;
    if (!isObject(data) || (enveloped && typeof body['stream'] !== 'string')) return 'malformed';
    return this.#message(data, at, out);
  }

  #message(data: Json, at: Micros, out: InputEvent[]): string {
    const snapshot = data['lastUpdateId'] !== undefined;
    const instrument = snapshot ? this.#snapshotInstrument(data) : this.#instrument(data['s']);
    if (instrument === null) return '';
    if (instrument === undefined)
      return typeof data['s'] === 'string' || snapshot ? 'unknown_instrument' : 'missing_field';
    const { source } = this.#file;
    const event = snapshot
      ? snapshotFrom(data, source, instrument, at)
      : data['e'] === 'trade' || data['e'] === 'aggTrade'
        ? tradeFrom(data, source, instrument, at)
        : data['e'] === 'depthUpdate'
          ? deltaFrom(data, source, instrument, at)
          : data['e'] === 'bookTicker' || data['e'] === undefined
            ? quoteFrom(data, source, instrument, at)
            : 'unknown_message';
    if (typeof event === 'string') return event;
    const verdict = this.#timeline.check(at);
    if (verdict === BACKWARDS) return 'time_backwards';
    if (verdict === WANTED) out.push(receivedAt(event, at));
    return '';
  }

  #instrument(symbol: unknown): Instrument | null | undefined {
    if (typeof symbol !== 'string') return undefined;
    this.#symbols.add(symbol);
    return this.#file.lookup.find(symbol);
  }

  /** The instrument of the file: by the symbol in the message or the file name, else the only one seen before. */
  #snapshotInstrument(data: Json): Instrument | null | undefined {
    const own = data['s'] ?? data['symbol'];
    if (typeof own === 'string') return this.#file.lookup.find(own);
    if (this.#named !== undefined) return this.#file.lookup.find(this.#named.symbol);
    const [only] = this.#symbols;
    return only !== undefined && this.#symbols.size === 1 ? this.#file.lookup.find(only) : undefined;
  }
}
