import type { Decimal } from '../model/decimal.js';

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);

/**
 * A 64-bit non-cryptographic hash of a sequence of values, the same on every Node version: two 32-bit lanes of
 * multiply-and-rotate (the mixing step of MurmurHash3, with different constants per lane). For comparing States.
 */
export class Hasher {
  #a: number;
  #b: number;

  constructor(seed: number = 0) {
    this.#a = 0x9e3779b9 ^ seed;
    this.#b = 0x85ebca6b ^ Math.imul(seed, 0x27d4eb2f);
  }

  /** 32-bit integer. */
  int(value: number): this {
    let a = Math.imul(this.#a ^ Math.imul(value, 0xcc9e2d51), 0x1b873593);
    a = (a << 13) | (a >>> 19);
    this.#a = (Math.imul(a, 5) + 0xe6546b64) | 0;
    let b = Math.imul(this.#b ^ Math.imul(value, 0x239b961b), 0xab0e9789);
    b = (b << 15) | (b >>> 17);
    this.#b = (Math.imul(b, 9) + 0x561ccd1b) | 0;
    return this;
  }

  /** Any number; every NaN counts the same, and so do 0 and -0. */
  num(value: number): this {
    if (value !== value) return this.int(0x7ff80000);
    bits[0] = value + 0;
    return this.int(words[0] as number).int(words[1] as number);
  }

  /** The first `length` values of an array. */
  nums(values: Float64Array, length: number = values.length): this {
    for (let i = 0; i < length; i++) this.num(values[i] as number);
    return this;
  }

  str(text: string): this {
    this.int(text.length);
    for (let i = 0; i < text.length; i++) this.int(text.charCodeAt(i));
    return this;
  }

  dec(value: Decimal | undefined): this {
    return value === undefined ? this.int(-1) : this.str(value.toString());
  }

  bool(value: boolean): this {
    return this.int(value ? 1 : 0);
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    return hex(finish(this.#a ^ (this.#b >>> 7))) + hex(finish(this.#b ^ Math.imul(this.#a, 0x2545f491)));
  }
}

function finish(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');
