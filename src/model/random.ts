/**
 * Seeded pseudo-random numbers (sfc32, public domain, by Chris Doty-Humphrey): integer arithmetic only, so the same seed
 * gives the same numbers on every machine. Seeds may be text: they are hashed with FNV-1a.
 */
export type Random = () => number;

export function hashSeed(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** Numbers in [0, 1) with 32 bits. */
export function seededRandom(seed: number | string): Random {
  const start = typeof seed === 'number' ? seed >>> 0 : hashSeed(seed);
  let a = start;
  let b = start ^ 0x9e3779b9;
  let c = start ^ 0x243f6a88;
  let d = 1;
  const next = (): number => {
    const t = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return (t >>> 0) / 4_294_967_296;
  };
  for (let i = 0; i < 15; i++) next();
  return next;
}
