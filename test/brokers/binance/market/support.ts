import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Subscriber } from 'rxjs';
import { FeedCounters } from '../../../../src/brokers/binance/market/counters.js';
import type { Listener, MarketStream, StreamHost } from '../../../../src/brokers/binance/market/stream.js';
import type { GapEvent, MarketEvent } from '../../../../src/model/event.js';
import type { Instrument } from '../../../../src/model/instrument.js';
import { InstrumentTable } from '../../../../src/model/instruments.js';
import { WireScanner } from '../../../../src/streams/binance-wire/scanner.js';

export type Json = Readonly<Record<string, unknown>>;

export function instrument(symbol: string, negative = false): Instrument {
  return new InstrumentTable([
    { symbol, assetClass: 'crypto_spot', venue: 'binance', allowsNegativePrice: negative },
  ]).get(symbol) as Instrument;
}

export function listener(source: string, events: (MarketEvent | GapEvent)[]): Listener {
  const next = (event: MarketEvent | GapEvent): void => void events.push(event);
  return { source, out: { next } as Subscriber<MarketEvent | GapEvent> };
}

/** A feed around single streams: status lines and counters to look at. */
export class TestHost implements StreamHost {
  readonly counts = new FeedCounters().counts;
  readonly states: string[] = [];
  overlap = false;
  time = 1_000_000;

  wall(): number {
    return this.time;
  }
  overlapping(): boolean {
    return this.overlap;
  }
  status(stream: MarketStream, state: string, attempt: number, reason: string): void {
    this.states.push(`${stream.name} ${state} ${attempt}${reason === '' ? '' : ` ${reason}`}`);
  }
}

const scanner = new WireScanner();

/** Gives a stream one message as the feed does: the fast way, then the slow one. The badness, or ''. */
export function give(stream: MarketStream, text: string): string {
  const bytes = Buffer.from(text);
  if (scanner.envelope(bytes) && stream.scan(scanner)) return '';
  return stream.read((JSON.parse(text) as { data: Json }).data, 1_000_000);
}

/** Lines of a capture in time order: `[time, text, address]`; `address` of a REST answer, else ''. */
export function cryptofeedLines(...files: string[]): (readonly [number, string, string])[] {
  return files
    .flatMap((file) => {
      const raw = readFileSync(file);
      const text = (file.endsWith('.gz') ? gunzipSync(raw) : raw).toString('utf8');
      return text.split('\n').flatMap((line): (readonly [number, string, string])[] => {
        const ws = /^([0-9.]+): (\{.*)$/.exec(line);
        if (ws !== null) return [[Number(ws[1]), ws[2] ?? '', '']];
        const http = /^(\S+) -> ([0-9.]+): (\{.*)$/.exec(line);
        return http === null ? [] : [[Number(http[2]), http[3] ?? '', http[1] ?? '']];
      });
    })
    .sort((a, b) => a[0] - b[0]);
}

/** JSON texts of a raw capture, in file order. */
export function rawLines(...files: string[]): string[] {
  return files.flatMap((file) =>
    gunzipSync(readFileSync(file))
      .toString('utf8')
      .trim()
      .split('\n')
      .map((line) => line.slice(line.indexOf(' ') + 1)),
  );
}
