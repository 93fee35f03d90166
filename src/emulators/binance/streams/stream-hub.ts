import type { Exchange } from '../types.js';
import { SymbolStreams } from './symbol-streams.js';
import { TickerStreams } from './ticker-streams.js';
import { parseStreamName } from './stream-name.js';
import { Topic, type StreamClient } from './topic.js';

const TICK_MS = 100;

/**
 * All public streams: what the exchange says becomes messages, once for all who listen. Streams of a name are made when
 * they are first wanted. Names the venue does not have are taken silently, as the venue does, and never say anything.
 */
export class StreamHub {
  readonly #exchange: Exchange;
  readonly #symbols = new Map<string, SymbolStreams>();
  readonly #tickers: TickerStreams;
  readonly #topics = new Map<string, Topic>();
  readonly #stop: () => void;
  readonly #timer: NodeJS.Timeout;
  #tick = 0;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    this.#tickers = new TickerStreams(exchange);
    for (const symbol of exchange.symbols) this.#symbols.set(symbol, new SymbolStreams(symbol, exchange));
    this.#stop = exchange.onMarket((event) => this.#symbols.get(event.symbol)?.on(event));
    this.#timer = setInterval(() => this.#ticked(), TICK_MS);
  }

  subscribe(client: StreamClient, name: string): void {
    if (client.names.has(name)) return;
    client.names.add(name);
    this.#topic(name)?.add(client);
  }

  unsubscribe(client: StreamClient, name: string): void {
    if (client.names.delete(name)) this.#topics.get(name)?.remove(client);
  }

  drop(client: StreamClient): void {
    for (const name of client.names) this.#topics.get(name)?.remove(client);
    client.names.clear();
  }

  /** Ends the diffs of a symbol here, so that a snapshot taken now ends where a diff ends. */
  flushDepth(symbol: string): void {
    this.#symbols.get(symbol)?.flushDepth();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stop();
  }

  #topic(name: string): Topic | undefined {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const parsed = parseStreamName(name);
    if (parsed === undefined) return undefined;
    const symbol = this.#symbols.get(parsed.symbol);
    if (symbol === undefined && parsed.symbol !== '') return undefined;
    const topic = symbol?.open(name, parsed) ?? this.#tickers.open(name, parsed);
    if (topic !== undefined) this.#topics.set(name, topic);
    return topic;
  }

  #ticked(): void {
    this.#tick++;
    for (const symbol of this.#symbols.values()) symbol.tick(this.#tick);
    if (this.#tick % (1_000 / TICK_MS) === 0) this.#tickers.tick(this.#exchange.clock.micros());
  }
}
