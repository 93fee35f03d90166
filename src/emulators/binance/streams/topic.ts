import type { Connection } from '../net/connection.js';
import { messageFrame } from '../net/frame.js';
import type { TimeUnit } from '../types.js';

/** A client of the stream server. */
export interface StreamClient {
  readonly connection: Connection;
  /** Messages come in the envelope of combined streams. */
  combined: boolean;
  readonly names: Set<string>;
}

interface Prepared {
  readonly text: string;
  readonly frame: Buffer;
}

/** One stream and who listens. A message is written as text, and framed, once for all listeners that want it the same. */
export class Topic {
  readonly name: string;
  readonly clients: StreamClient[] = [];
  readonly #prepared: (Prepared | undefined)[] = [undefined, undefined, undefined, undefined];

  constructor(name: string) {
    this.name = name;
  }

  get wanted(): boolean {
    return this.clients.length > 0;
  }

  add(client: StreamClient): void {
    if (!this.clients.includes(client)) this.clients.push(client);
  }

  remove(client: StreamClient): void {
    const i = this.clients.indexOf(client);
    if (i >= 0) this.clients.splice(i, 1);
  }

  /** `body` writes the message in a unit of time. */
  publish(body: (unit: TimeUnit) => string): void {
    const { clients } = this;
    if (clients.length === 0) return;
    const prepared = this.#prepared;
    prepared[0] = prepared[1] = prepared[2] = prepared[3] = undefined;
    for (let i = 0; i < clients.length; i++) {
      const client = clients[i];
      if (client === undefined) break;
      const { connection, combined } = client;
      const form = (combined ? 1 : 0) + (connection.timeUnit === 'us' ? 2 : 0);
      const message = (prepared[form] ??= this.#prepare(body(connection.timeUnit), combined));
      connection.sendFrame(message.frame, message.text, 'market', this.name);
    }
  }

  #prepare(body: string, combined: boolean): Prepared {
    const text = combined ? `{"stream":"${this.name}","data":${body}}` : body;
    return { text, frame: messageFrame(text) };
  }
}
