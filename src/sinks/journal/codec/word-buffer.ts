/**
 * Bytes with 32-bit and 64-bit views over them. Binary records start at multiples of 8, so numbers are stored through
 * typed arrays and checksums run over whole words. Grows by doubling; never shrinks.
 */
export class WordBuffer {
  bytes: Buffer;
  u32: Uint32Array;
  f64: Float64Array;
  /** Next free byte. */
  end = 0;

  constructor(capacity: number) {
    const memory = new ArrayBuffer((capacity + 7) & ~7);
    this.bytes = Buffer.from(memory);
    this.u32 = new Uint32Array(memory);
    this.f64 = new Float64Array(memory);
  }

  /** Makes room for `more` bytes after `end`. The views may be replaced: read them after this call. */
  ensure(more: number): void {
    if (this.end + more <= this.bytes.length) return;
    let capacity = this.bytes.length * 2;
    while (capacity < this.end + more) capacity *= 2;
    const grown = new WordBuffer(capacity);
    grown.bytes.set(this.bytes.subarray(0, this.end));
    this.bytes = grown.bytes;
    this.u32 = grown.u32;
    this.f64 = grown.f64;
  }

  /** Zeroes up to the next multiple of 8, so that equal records are equal bytes. */
  pad(): void {
    while ((this.end & 7) !== 0) this.bytes[this.end++] = 0;
  }
}

/** Stores a number; every NaN becomes the same bits, so that digests agree on every machine. `index` is in 8 bytes. */
export function putNumber(u32: Uint32Array, f64: Float64Array, index: number, value: number): void {
  f64[index] = value;
  if (value !== value) {
    u32[index * 2] = 0;
    u32[index * 2 + 1] = 0x7ff80000;
  }
}

/** The layout is little-endian and written through typed arrays, which use the order of the machine. */
export const LITTLE_ENDIAN: boolean = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
