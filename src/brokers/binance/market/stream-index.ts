import type { WireScanner } from '../../../streams/binance-wire/scanner.js';
import type { MarketStream } from './stream.js';

const BUCKETS = 4_096;

/** The streams of a feed by name: as text, and by the bytes a scanner stands on, without making a text of them. */
export class StreamIndex {
  readonly #byName = new Map<string, MarketStream>();
  readonly #buckets: MarketStream[][] = Array.from({ length: BUCKETS }, () => []);

  get all(): Iterable<MarketStream> {
    return this.#byName.values();
  }

  get size(): number {
    return this.#byName.size;
  }

  get(name: string): MarketStream | undefined {
    return this.#byName.get(name);
  }

  add(stream: MarketStream): void {
    this.#byName.set(stream.name, stream);
    this.#bucket(stream.nameHash).push(stream);
  }

  remove(stream: MarketStream): void {
    this.#byName.delete(stream.name);
    const bucket = this.#bucket(stream.nameHash);
    bucket.splice(bucket.indexOf(stream), 1);
  }

  find(bytes: Uint8Array, { nameHash, nameFrom, nameTo }: WireScanner): MarketStream | undefined {
    const bucket = this.#bucket(nameHash);
    for (let i = 0; i < bucket.length; i++) {
      const stream = bucket[i] as MarketStream;
      if (stream.nameHash === nameHash && same(stream.nameBytes, bytes, nameFrom, nameTo)) return stream;
    }
    return undefined;
  }

  #bucket(hash: number): MarketStream[] {
    return this.#buckets[hash % BUCKETS] as MarketStream[];
  }
}

function same(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[from + i]) return false;
  return true;
}
