import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import type { Channel, FaultBoard } from '../faults/fault-board.js';
import { Connection } from './connection.js';
import { Heartbeat } from './heartbeat.js';

/** Life of connections; times in milliseconds. The defaults are the venue's. */
export interface ConnectionRules {
  /** Time between two pings. */
  readonly pingMs: number;
  /** A pong may stay out so long. */
  readonly pongTimeoutMs: number;
  /** Connections are cut at this age. */
  readonly lifeMs: number;
  /** New connections of one address in five minutes. */
  readonly connectsPer5Min: number;
  /** Messages a client may send on a stream connection in a second: JSON, pings and pongs. */
  readonly messagesPerSecond: number;
  /** Streams of one connection. */
  readonly streamsPerConnection: number;
}

export const DEFAULT_CONNECTION_RULES: ConnectionRules = {
  pingMs: 20_000,
  pongTimeoutMs: 60_000,
  lifeMs: 86_400_000,
  connectsPer5Min: 300,
  messagesPerSecond: 5,
  streamsPerConnection: 1_024,
};

/** What a server does with the connections of its channel. */
export interface ChannelServer {
  opened(connection: Connection, url: URL): void;
  message(connection: Connection, text: string): void;
  closed(connection: Connection): void;
}

const WINDOW_MS = 300_000;
const MOST_ADDRESSES = 10_000;
const MAX_PAYLOAD = 1024 * 1024;

/** All WebSocket connections of an emulator: the door, the limits at it, pings, age, and what faults do to all of them. */
export class Connections {
  /** Refuses new connections with this status. */
  refuse: { readonly status: number; readonly retryAfter: number } | undefined;
  readonly #rules: ConnectionRules;
  readonly #board: FaultBoard;
  readonly #heartbeat: Heartbeat;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_PAYLOAD,
  });
  readonly #open = new Set<Connection>();
  readonly #attempts = new Map<string, number[]>();
  #ids = 0;
  #attempted = 0;

  constructor(rules: ConnectionRules, board: FaultBoard) {
    this.#rules = rules;
    this.#board = board;
    this.#heartbeat = new Heartbeat(rules);
  }

  get all(): ReadonlySet<Connection> {
    return this.#open;
  }

  /** Connections asked for since the start, the refused ones included. */
  get attempted(): number {
    return this.#attempted;
  }

  /** Takes over an HTTP upgrade for a channel. */
  accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    url: URL,
    channel: Channel,
    to: ChannelServer,
  ): void {
    this.#attempted++;
    const ip = addressOf(request);
    socket.on('error', () => socket.destroy());
    if (this.refuse !== undefined) return refuseUpgrade(socket, this.refuse.status, this.refuse.retryAfter);
    if (!this.#admit(ip)) return refuseUpgrade(socket, 429, WINDOW_MS / 1_000);
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#opened(ws, socket, ip, url, channel, to));
  }

  /** Cuts all connections (of a channel) without a goodbye; returns how many. */
  cutAll(channel?: Channel): number {
    let count = 0;
    for (const connection of this.#open) {
      if (channel !== undefined && connection.channel !== channel) continue;
      connection.cut();
      count++;
    }
    return count;
  }

  stop(): void {
    this.cutAll();
    this.#heartbeat.stop();
    this.#server.close();
  }

  #opened(ws: WebSocket, socket: Duplex, ip: string, url: URL, channel: Channel, to: ChannelServer): void {
    const unit = url.searchParams.get('timeUnit')?.toUpperCase() === 'MICROSECOND' ? 'us' : 'ms';
    const connection = new Connection(++this.#ids, channel, ip, unit, ws, socket, this.#board);
    this.#open.add(connection);
    const limit = channel === 'stream' ? this.#rules.messagesPerSecond : Infinity;
    const count = this.#counter(connection, limit);
    const countPing = channel === 'stream' ? count : this.#counter(connection, this.#rules.messagesPerSecond);
    ws.on('message', (data: RawData) => {
      connection.received++;
      if (count()) to.message(connection, textOf(data));
    });
    ws.on('ping', countPing);
    ws.on('pong', countPing);
    ws.on('error', () => ws.terminate());
    ws.on('close', () => {
      this.#open.delete(connection);
      this.#heartbeat.remove(connection);
      to.closed(connection);
    });
    this.#heartbeat.add(connection);
    to.opened(connection, url);
  }

  /** Counts messages in whole-second windows; false and disconnected when it is too many. */
  #counter(connection: Connection, limit: number): () => boolean {
    let window = 0;
    let count = 0;
    return () => {
      const now = Date.now();
      if (now - window >= 1_000) {
        window = now;
        count = 0;
      }
      if (++count <= limit) return true;
      connection.close(1008, 'Too many requests');
      return false;
    };
  }

  #admit(ip: string): boolean {
    const now = Date.now();
    if (this.#attempts.size > MOST_ADDRESSES) this.#attempts.clear();
    const attempts = (this.#attempts.get(ip) ?? []).filter((at) => now - at < WINDOW_MS);
    this.#attempts.set(ip, attempts);
    if (attempts.length >= this.#rules.connectsPer5Min) return false;
    attempts.push(now);
    return true;
  }
}

export function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');
}

/** Answers an upgrade with an HTTP error. */
export function refuseUpgrade(socket: Duplex, status: number, retryAfter: number = 0): void {
  const retry = retryAfter > 0 ? `Retry-After: ${Math.ceil(retryAfter)}\r\n` : '';
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\n${retry}Content-Length: 0\r\n\r\n`);
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.from(data as ArrayBuffer).toString('utf8');
}
