import type { Subscriber } from 'rxjs';
import type { GapEvent, MarketEvent } from '../../../model/event.js';
import type { GapCode } from '../../../model/gap.js';
import type { Instrument } from '../../../model/instrument.js';
import { makeGap } from '../../../model/make.js';
import type { ConnectionState } from '../../../model/event.js';
import type { Micros } from '../../../model/time.js';
import type { Json } from '../../../streams/binance-wire/fields.js';
import { nameHash, type WireScanner } from '../../../streams/binance-wire/scanner.js';
import { asOf } from './copy.js';
import type { CounterName } from './counters.js';

/** Who asked for a stream: the name its events carry, and where they go. */
export interface Listener {
  readonly source: string;
  readonly out: Subscriber<MarketEvent | GapEvent>;
}

/** What a stream needs of the feed. */
export interface StreamHost {
  readonly counts: Record<CounterName, number>;
  wall(): Micros;
  /** True while two sockets carry the stream: what is missing may still come over the other one. */
  overlapping(stream: MarketStream): boolean;
  status(stream: MarketStream, state: ConnectionState, attempt: number, reason: string): void;
}

/**
 * One subscribed stream of the venue, shared by everyone who asked for it. Subclasses check the order of its messages
 * and turn them into events.
 */
export abstract class MarketStream {
  readonly name: string;
  readonly nameBytes: Uint8Array;
  readonly nameHash: number;
  readonly instrument: Instrument;
  /** The venue's symbol in quotes, as it stands in messages. */
  readonly symbolText: Uint8Array;
  /** How long it may be silent while its socket lives, milliseconds. 0: for ever. */
  readonly silence: number;
  /** Messages that brought something new. */
  taken = 0;
  protected readonly host: StreamHost;
  protected listeners: readonly Listener[] = [];
  /** `source` of the first listener. */
  protected source = '';

  constructor(host: StreamHost, name: string, instrument: Instrument, silence: number) {
    this.host = host;
    this.name = name;
    this.nameBytes = Buffer.from(name);
    this.nameHash = nameHash(this.nameBytes);
    this.instrument = instrument;
    this.symbolText = Buffer.from(JSON.stringify(instrument.venueSymbol));
    this.silence = silence;
  }

  /** Takes the message the scanner stands in. False: it did not understand it, and nothing happened. */
  abstract scan(scanner: WireScanner): boolean;

  /** Takes a parsed message; the kind of badness when it cannot be used, else ''. */
  abstract read(data: Json, at: Micros): string;

  /** The venue confirmed the subscription and no other socket had it: from now on messages come. */
  subscribed(): void {
    this.host.status(this, 'ready', 0, '');
  }

  /** No socket carries it any more, or it went silent: what comes until {@link subscribed} is missed. */
  abstract lost(reason: string): void;

  /** Nobody listens any more. */
  close(): void {
    // nothing runs unless a subclass says so
  }

  get idle(): boolean {
    return this.listeners.length === 0;
  }

  add(listener: Listener): void {
    this.listeners = [...this.listeners, listener];
    this.source = this.listeners[0]?.source ?? '';
  }

  remove(listener: Listener): void {
    this.listeners = this.listeners.filter((other) => other !== listener);
    this.source = this.listeners[0]?.source ?? '';
  }

  /** To everyone; `event` carries the source of the first listener. */
  protected emit(event: MarketEvent | GapEvent): void {
    const { listeners } = this;
    const first = listeners[0];
    if (first === undefined) return;
    if (listeners.length > 1) {
      // copies first: an event may not be touched after it was handed over
      const copies = listeners.map(({ source }, i) => (i === 0 ? event : asOf(event, source)));
      listeners.forEach(({ out }, i) => out.next(copies[i] as MarketEvent | GapEvent));
    } else first.out.next(event);
  }

  protected gap(code: GapCode, expected: number, received: number, reason: string): void {
    this.host.counts.feed_gaps++;
    const { symbol, ix } = this.instrument;
    this.emit(makeGap(this.source, this.host.wall(), symbol, ix, code, expected, received, reason));
  }
}
