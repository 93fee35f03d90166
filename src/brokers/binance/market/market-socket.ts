import type { Subscription } from 'rxjs';
import type { LiveSocketOptions } from '../../../streams/socket/live-socket.js';
import { liveSocket } from '../../../streams/socket/live-socket.js';
import type { LinkStatus } from '../wire.js';
import { StreamLine, type LineOptions, type LineOwner } from './stream-line.js';
import type { MarketStream } from './stream.js';

export interface MarketSocketOptions {
  readonly live: LiveSocketOptions;
  readonly line: LineOptions;
  readonly onStatus: (status: LinkStatus) => void;
  readonly onMessage: (line: StreamLine, data: Buffer) => void;
  readonly onRefused: (stream: MarketStream, reason: string) => void;
}

/**
 * A set of streams on a socket that stays up. Each connection of it subscribes to all of them; while an old and a new
 * one overlap, both deliver. A stream is lost when no connection carries it any more.
 */
export class MarketSocket implements LineOwner {
  readonly #options: MarketSocketOptions;
  readonly #streams = new Set<MarketStream>();
  readonly #lines = new Set<StreamLine>();
  #subscription: Subscription | undefined;

  constructor(options: MarketSocketOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#streams.size;
  }

  get connections(): number {
    return this.#lines.size;
  }

  has(stream: MarketStream): boolean {
    return this.#streams.has(stream);
  }

  /** Connections that carry the stream. */
  carriers(stream: MarketStream): number {
    let count = 0;
    for (const line of this.#lines) if (line.carries(stream)) count++;
    return count;
  }

  add(stream: MarketStream): void {
    this.#streams.add(stream);
    for (const line of this.#lines) line.add(stream);
    if (this.#subscription === undefined || this.#subscription.closed) this.#open();
  }

  drop(stream: MarketStream): void {
    this.#streams.delete(stream);
    for (const line of this.#lines) line.drop(stream);
  }

  renew(stream: MarketStream): void {
    for (const line of this.#lines) line.renew(stream);
  }

  close(): void {
    this.#streams.clear();
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
    this.#options.onStatus({ state: 'closed', attempt: 0, reason: '' });
  }

  message(line: StreamLine, data: Buffer): void {
    this.#options.onMessage(line, data);
  }

  confirmed(_line: StreamLine, stream: MarketStream): void {
    if (this.#streams.has(stream) && this.carriers(stream) === 1) stream.subscribed();
  }

  refused(_line: StreamLine, stream: MarketStream, reason: string): void {
    if (this.#streams.has(stream)) this.#options.onRefused(stream, reason);
  }

  closed(line: StreamLine, reason: string): void {
    this.#lines.delete(line);
    for (const stream of line.streams) {
      if (this.#streams.has(stream) && this.carriers(stream) === 0) stream.lost(reason);
    }
  }

  #open(): void {
    const { live, line: lineOptions, onStatus } = this.#options;
    this.#subscription = liveSocket(live, (link) => {
      const line = new StreamLine(link, this, lineOptions, this.#streams);
      this.#lines.add(line);
      return line;
    }).subscribe({ next: onStatus, error: (error: unknown) => this.#ended(error) });
  }

  /** The venue will not have us, so nothing comes any more; who subscribes later tries again. */
  #ended(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.onStatus({ state: 'closed', attempt: 0, reason });
    for (const stream of this.#streams) stream.lost(reason);
  }
}
