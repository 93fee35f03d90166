import { streamBase } from '../environments.js';
import type { MarketFeedDeps } from './deps.js';
import { MarketSocket } from './market-socket.js';
import type { StreamLine } from './stream-line.js';
import type { MarketStream } from './stream.js';

export interface PoolOwner {
  message(line: StreamLine, data: Buffer): void;
  refused(stream: MarketStream, reason: string): void;
}

/** A socket and the address it talks to. */
interface Member {
  readonly base: string;
  readonly socket: MarketSocket;
}

/** As many market data sockets as the streams need: the venue limits the streams of one connection. */
export class SocketPool {
  readonly #deps: MarketFeedDeps;
  readonly #owner: PoolOwner;
  /** By number; a closed one leaves its place to the next. */
  readonly #sockets: (Member | undefined)[] = [];
  readonly #home = new Map<MarketStream, MarketSocket>();

  constructor(deps: MarketFeedDeps, owner: PoolOwner) {
    this.#deps = deps;
    this.#owner = owner;
  }

  get connections(): number {
    return this.#sockets.reduce((sum, one) => sum + (one?.socket.connections ?? 0), 0);
  }

  carriers(stream: MarketStream): number {
    return this.#home.get(stream)?.carriers(stream) ?? 0;
  }

  add(stream: MarketStream): void {
    const { streamsPerSocket } = this.#deps.options.limits;
    const { endpoints, market } = this.#deps.options;
    const base = streamBase(endpoints, market, stream.name);
    const socket =
      this.#sockets.find((one) => one?.base === base && one.socket.size < streamsPerSocket)?.socket ??
      this.#open(base);
    this.#home.set(stream, socket);
    socket.add(stream);
  }

  drop(stream: MarketStream): void {
    const socket = this.#home.get(stream);
    if (socket === undefined) return;
    this.#home.delete(stream);
    socket.drop(stream);
    if (socket.size > 0) return;
    this.#sockets[this.#sockets.findIndex((one) => one?.socket === socket)] = undefined;
    socket.close();
  }

  renew(stream: MarketStream): void {
    this.#home.get(stream)?.renew(stream);
  }

  close(): void {
    this.#home.clear();
    for (const one of this.#sockets.splice(0)) one?.socket.close();
  }

  #open(base: string): MarketSocket {
    const { options, admit, classify, random, status } = this.#deps;
    const { timeouts, rotation, maxPayload, limits } = options;
    const free = this.#sockets.indexOf(undefined);
    const index = free < 0 ? this.#sockets.length : free;
    const part = index === 0 ? 'market' : `market/${index + 1}`;
    const socket = new MarketSocket({
      live: {
        url: () => `${base}/stream`,
        handshake: timeouts.handshake,
        ready: timeouts.ready,
        silence: timeouts.streamSilence,
        ping: 0,
        maxPayload,
        backOff: options.reconnect,
        rotateAfter: rotation.after,
        overlap: rotation.overlap,
        random,
        admit,
        classify,
      },
      line: { frames: limits.streamMessages, answer: timeouts.request },
      onStatus: (told) => status(part, told),
      onMessage: (line, data) => this.#owner.message(line, data),
      onRefused: (stream, reason) => this.#owner.refused(stream, reason),
    });
    this.#sockets[index] = { base, socket };
    return socket;
  }
}
