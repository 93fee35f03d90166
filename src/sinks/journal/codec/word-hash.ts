/**
 * Two independent 32-bit lanes over the words of one record. Each step is a bijection of the lane for a fixed word and
 * of the word for a fixed lane, so a change inside one word always changes the result. Not cryptographic: it finds
 * accidents and different decisions, not an attacker.
 *
 * Lane `x` is the record's checksum; both lanes together are its 64-bit hash, folded into the rolling digest.
 */
export class WordHash {
  x = 0;
  y = 0;

  /** Hashes words [first, last) of a record; the checksum's own word, the second, is left out. */
  run(u32: Uint32Array, first: number, last: number): void {
    const head = u32[first] ?? 0;
    let x = step(SEED_X, head, PRIME_X);
    let y = step(SEED_Y, head, PRIME_Y);
    for (let i = first + 2; i < last; i++) {
      const word = u32[i] as number; // i < last <= length
      x = (Math.imul(x ^ word, PRIME_X) + STEP) | 0;
      x = (x << 13) | (x >>> 19);
      y = (Math.imul(y ^ word, PRIME_Y) + STEP) | 0;
      y = (y << 15) | (y >>> 17);
    }
    this.x = x >>> 0;
    this.y = y >>> 0;
  }
}

const SEED_X = 0x243f6a88;
const SEED_Y = 0x13198a2e;
const PRIME_X = 0x85ebca6b;
const PRIME_Y = 0xc2b2ae35;
const STEP = 0x9e3779b9;

function step(lane: number, word: number, prime: number): number {
  const mixed = (Math.imul(lane ^ word, prime) + STEP) | 0;
  return (mixed << 13) | (mixed >>> 19);
}

/** Rolling 64-bit digest over the hashes of all records so far, in order. */
export class RollingDigest {
  #a = SEED_X;
  #b = SEED_Y;

  add(x: number, y: number): void {
    this.#a = step(this.#a, x, PRIME_X);
    this.#b = step(this.#b, y, PRIME_Y);
  }

  /** 16 hexadecimal digits. */
  get text(): string {
    return hex(this.#a >>> 0) + hex(this.#b >>> 0);
  }
}

const hex = (word: number): string => word.toString(16).padStart(8, '0');
