/**
 * Seeded random numbers in [0, 1): Mulberry32 (32 bits of state, period 2^32), enough for latency jitter and rejections,
 * not for cryptography. The same seed gives the same numbers on every platform.
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
