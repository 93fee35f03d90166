import { MICROS_PER_MS, type Micros } from '../../model/time.js';
import { JsonBytes } from './json-bytes.js';

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const CLOSE = 125;
const SPACE = 32;
const DELETE = 127;

const HEAD = Buffer.from('{"stream":"');
const DATA = Buffer.from(',"data":{');
const TRADE = Buffer.from('"trade"');
const AGG_TRADE = Buffer.from('"aggTrade"');
const TICKER = Buffer.from('"bookTicker"');
const DEPTH = Buffer.from('"depthUpdate"');

const [A, B, E, T, U] = [65, 66, 69, 84, 85];
const [a, b, e, m, p, q, s, t, u] = [97, 98, 101, 109, 112, 113, 115, 116, 117];
/** Keys of two letters are both bytes in one number. */
const PU = p * 256 + u;

const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Reads market messages in a combined-stream envelope from their bytes, without making the object that JSON.parse
 * makes. It knows compact JSON of flat objects with keys in any order and skips keys that are not asked for. Whatever
 * surprises it (white space, escapes, other types, missing fields, prices that are not above zero) makes it say false:
 * the caller then takes the slow way, which parses and judges the whole message. So it never takes a message that the
 * slow way would refuse, nor reads one differently.
 *
 * First {@link envelope}, then the method for the kind of the stream; the values are in the fields until the next call.
 */
export class WireScanner extends JsonBytes {
  /** Stream name in [nameFrom, nameTo), and its FNV-1a hash. */
  nameFrom = 0;
  nameTo = 0;
  nameHash = 0;
  /** Trade id, or update id of a quote. */
  id = 0;
  price = 0;
  size = 0;
  /** The buyer was the resting side. */
  maker = false;
  bid = 0;
  bidSize = 0;
  ask = 0;
  askSize = 0;
  first = 0;
  last = 0;
  prev = 0;
  bids: number[] = [];
  asks: number[] = [];
  /** Venue time, microseconds; -1: the message carries none. */
  ts: Micros = -1;

  /** Reads up to the inside of `data`; false when the message is something else. */
  envelope(bytes: Uint8Array): boolean {
    this.bytes = bytes;
    this.at = 0;
    if (!this.literal(HEAD)) return false;
    let at = this.at;
    let hash = FNV_START;
    this.nameFrom = at;
    for (; ; at++) {
      const byte = bytes[at];
      if (byte === QUOTE) break;
      if (byte === undefined || byte < SPACE || byte >= DELETE || byte === BACKSLASH) return false;
      hash = Math.imul(hash ^ byte, FNV_PRIME);
    }
    this.nameTo = at;
    this.nameHash = hash >>> 0;
    this.at = at + 1;
    return this.literal(DATA);
  }

  /** `trade`, or with `aggregated` `aggTrade`. `symbol`: as written, quotes included. */
  trade(symbol: Uint8Array, aggregated: boolean): boolean {
    const idKey = aggregated ? a : t;
    const kind = aggregated ? AGG_TRADE : TRADE;
    let seen = 0;
    let eventTime = -1;
    let tradeTime = -1;
    for (;;) {
      const key = this.key();
      if (key === idKey) {
        if ((this.id = this.whole()) < 0) return false;
        seen |= 1;
      } else if (key === p) {
        if (!((this.price = this.decimal()) > 0)) return false;
        seen |= 2;
      } else if (key === q) {
        if (!((this.size = this.decimal()) >= 0)) return false;
        seen |= 4;
      } else if (key === T) {
        if ((tradeTime = this.whole()) < 0) return false;
      } else if (key === E) {
        if ((eventTime = this.whole()) < 0) return false;
      } else if (key === m) {
        const flag = this.flag();
        if (flag < 0) return false;
        this.maker = flag === 1;
        seen |= 8;
      } else if (key === s) {
        if (!this.literal(symbol)) return false;
        seen |= 16;
      } else if (key === e) {
        if (!this.literal(kind)) return false;
        seen |= 32;
      } else if (key < 0 || !this.skip()) return false;
      const byte = this.bytes[this.at++];
      if (byte === COMMA) continue;
      if (byte !== CLOSE) return false;
      break;
    }
    return seen === 63 && this.#end(tradeTime, eventTime);
  }

  /** `bookTicker`; `e` is told by futures only. */
  quote(symbol: Uint8Array): boolean {
    let seen = 0;
    let eventTime = -1;
    let tradeTime = -1;
    for (;;) {
      const key = this.key();
      if (key === u) {
        if ((this.id = this.whole()) < 0) return false;
        seen |= 1;
      } else if (key === b) {
        if (!((this.bid = this.decimal()) > 0)) return false;
        seen |= 2;
      } else if (key === B) {
        if (!((this.bidSize = this.decimal()) >= 0)) return false;
        seen |= 4;
      } else if (key === a) {
        if (!((this.ask = this.decimal()) > 0)) return false;
        seen |= 8;
      } else if (key === A) {
        if (!((this.askSize = this.decimal()) >= 0)) return false;
        seen |= 16;
      } else if (key === s) {
        if (!this.literal(symbol)) return false;
        seen |= 32;
      } else if (key === T) {
        if ((tradeTime = this.whole()) < 0) return false;
      } else if (key === E) {
        if ((eventTime = this.whole()) < 0) return false;
      } else if (key === e) {
        if (!this.literal(TICKER)) return false;
      } else if (key < 0 || !this.skip()) return false;
      const byte = this.bytes[this.at++];
      if (byte === COMMA) continue;
      if (byte !== CLOSE) return false;
      break;
    }
    if (seen !== 63 || this.bytes[this.at] !== CLOSE || this.at + 1 !== this.bytes.length) return false;
    const time = tradeTime >= 0 ? tradeTime : eventTime;
    this.ts = time < 0 ? -1 : time * MICROS_PER_MS;
    return true;
  }

  /** `depthUpdate`: fresh arrays in `bids` and `asks`. */
  depth(symbol: Uint8Array): boolean {
    let seen = 0;
    let eventTime = -1;
    let tradeTime = -1;
    this.prev = 0;
    for (;;) {
      const key = this.key();
      if (key === b) {
        this.bids = [];
        if (!this.levels(this.bids)) return false;
        seen |= 1;
      } else if (key === a) {
        this.asks = [];
        if (!this.levels(this.asks)) return false;
        seen |= 2;
      } else if (key === U) {
        if ((this.first = this.whole()) < 0) return false;
        seen |= 4;
      } else if (key === u) {
        if ((this.last = this.whole()) < 0) return false;
        seen |= 8;
      } else if (key === PU) {
        if ((this.prev = this.whole()) < 0) return false;
      } else if (key === s) {
        if (!this.literal(symbol)) return false;
        seen |= 16;
      } else if (key === T) {
        if ((tradeTime = this.whole()) < 0) return false;
      } else if (key === E) {
        if ((eventTime = this.whole()) < 0) return false;
      } else if (key === e) {
        if (!this.literal(DEPTH)) return false;
        seen |= 32;
      } else if (key < 0 || !this.skip()) return false;
      const byte = this.bytes[this.at++];
      if (byte === COMMA) continue;
      if (byte !== CLOSE) return false;
      break;
    }
    return seen === 63 && this.#end(tradeTime, eventTime);
  }

  /** Behind `data`: nothing but the end of the envelope. A trade or depth message must tell its time. */
  #end(tradeTime: number, eventTime: number): boolean {
    const time = tradeTime >= 0 ? tradeTime : eventTime;
    this.ts = time * MICROS_PER_MS;
    return time >= 0 && this.bytes[this.at] === CLOSE && this.at + 1 === this.bytes.length;
  }
}

/** Hash of a stream name as {@link WireScanner} computes it. */
export function nameHash(name: Uint8Array): number {
  let hash = FNV_START;
  for (const byte of name) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}
