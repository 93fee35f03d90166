import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

interface Frame {
  readonly connection: number;
  readonly at: number;
  readonly method: string;
  readonly params: readonly string[];
}

/** A market stream server on loopback that knows subscriptions and nothing else: what it sends is up to the test. */
export class StreamVenue {
  readonly frames: Frame[] = [];
  readonly sockets: { readonly socket: WebSocket; readonly names: Set<string> }[] = [];
  /** Names whose subscription is refused. */
  readonly refuse = new Set<string>();
  /** Frames are not answered. */
  mute = false;
  readonly #server: WebSocketServer;

  constructor() {
    this.#server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    this.#server.on('connection', (socket) => this.#connected(socket));
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  listening(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#server.address() !== null) resolve();
      else this.#server.once('listening', () => resolve());
    });
  }

  /** Names subscribed on the n-th connection that is open. */
  names(n = 0): string[] {
    return [...(this.open[n]?.names ?? [])].sort();
  }

  get open(): readonly { readonly socket: WebSocket; readonly names: Set<string> }[] {
    return this.sockets.filter(({ socket }) => socket.readyState === 1);
  }

  /** To every open connection that subscribed to `name`, or only to the n-th. */
  send(name: string, data: unknown, n?: number): void {
    for (const [i, { socket, names }] of this.open.entries())
      if (names.has(name) && (n === undefined || n === i))
        socket.send(JSON.stringify({ stream: name, data }));
  }

  raw(text: string): void {
    for (const { socket } of this.open) socket.send(text);
  }

  cut(): void {
    for (const { socket } of this.open) socket.terminate();
  }

  close(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #connected(socket: WebSocket): void {
    const names = new Set<string>();
    const connection = this.sockets.push({ socket, names });
    socket.on('message', (data) => {
      const { method, params, id } = JSON.parse((data as Buffer).toString()) as {
        method: string;
        params: string[];
        id: number;
      };
      this.frames.push({ connection, at: performance.now(), method, params });
      if (this.mute) return;
      if (method === 'SUBSCRIBE' && params.some((name) => this.refuse.has(name))) {
        socket.send(JSON.stringify({ code: 2, msg: 'Invalid request: unknown stream', id }));
        return;
      }
      for (const name of params)
        if (method === 'SUBSCRIBE') names.add(name);
        else names.delete(name);
      socket.send(JSON.stringify({ result: null, id }));
    });
  }
}
