import type { ChannelServer, ConnectionRules } from './net/connections.js';
import type { Connection } from './net/connection.js';
import { parseControl, type ControlMessage } from './streams/control-message.js';
import { StreamHub } from './streams/stream-hub.js';
import { notCovered } from './streams/stream-name.js';
import type { StreamClient } from './streams/topic.js';
import { wireTime } from './text.js';
import type { Exchange } from './types.js';

/** `/ws`, `/ws/NAME` and `/stream`, alone or behind any prefix. */
const PATH = /^(?:\/.*)?\/(ws|stream)(?:\/(.*))?$/;

/** True when a path is one of the stream server. */
export function isStreamPath(path: string): boolean {
  return PATH.test(path);
}

/** Streams a URL asks for, and whether their messages come in envelopes. */
function wanted(url: URL): { readonly combined: boolean; readonly names: readonly string[] } {
  const [, kind, rest = ''] = PATH.exec(url.pathname) ?? [];
  const listed = kind === 'stream' ? (url.searchParams.get('streams') ?? '') : decodeURIComponent(rest);
  return { combined: kind === 'stream', names: listed.split('/').filter((name) => name !== '') };
}

/** The market stream server: subscriptions by URL and by message, with the answers and limits of the venue. */
export class StreamsServer implements ChannelServer {
  readonly hub: StreamHub;
  readonly #exchange: Exchange;
  readonly #rules: ConnectionRules;
  readonly #clients = new Map<Connection, StreamClient>();

  constructor(exchange: Exchange, rules: ConnectionRules) {
    this.#exchange = exchange;
    this.#rules = rules;
    this.hub = new StreamHub(exchange);
  }

  opened(connection: Connection, url: URL): void {
    const { combined, names } = wanted(url);
    const client: StreamClient = { connection, combined, names: new Set() };
    this.#clients.set(connection, client);
    if (names.length > this.#rules.streamsPerConnection) {
      connection.close(1008, 'Too many streams');
      return;
    }
    const foreign = names.find(notCovered);
    if (foreign !== undefined) connection.close(1008, `The emulator does not carry ${foreign}`.slice(0, 120));
    else for (const name of names) this.hub.subscribe(client, name);
  }

  message(connection: Connection, text: string): void {
    const client = this.#clients.get(connection);
    if (client === undefined) return;
    const message = parseControl(text);
    const answer = this.#answer(client, message);
    if (answer !== undefined) connection.send(answer, 'control', message.method);
  }

  closed(connection: Connection): void {
    const client = this.#clients.get(connection);
    if (client !== undefined) this.hub.drop(client);
    this.#clients.delete(connection);
  }

  /** Names each connection listens to. */
  subscriptions(connection: Connection): readonly string[] {
    return [...(this.#clients.get(connection)?.names ?? [])];
  }

  /** Tells everybody that the server goes down soon. */
  announceShutdown(): void {
    for (const { connection, combined } of this.#clients.values()) {
      const event = `{"e":"serverShutdown","E":${wireTime(this.#exchange.clock.micros(), connection.timeUnit)}}`;
      const text = combined ? `{"stream":"!serverShutdown","data":${event}}` : event;
      connection.send(text, 'control', 'serverShutdown');
    }
  }

  stop(): void {
    this.hub.stop();
  }

  #answer(client: StreamClient, message: ControlMessage): string | undefined {
    const id = message.id ?? null;
    switch (message.method) {
      case 'error':
        return JSON.stringify({
          code: message.code,
          msg: message.msg,
          ...(message.id === undefined ? {} : { id }),
        });
      case 'SUBSCRIBE':
        return this.#subscribe(client, message.names, id);
      case 'UNSUBSCRIBE':
        for (const name of message.names) this.hub.unsubscribe(client, name);
        return JSON.stringify({ result: null, id });
      case 'LIST_SUBSCRIPTIONS':
        return JSON.stringify({ result: [...client.names], id });
      case 'SET_PROPERTY':
        client.combined = message.combined;
        return JSON.stringify({ result: null, id });
      case 'GET_PROPERTY':
        return JSON.stringify({ result: client.combined, id });
    }
  }

  #subscribe(client: StreamClient, names: readonly string[], id: string | number | null): string | undefined {
    const foreign = names.find(notCovered);
    if (foreign !== undefined)
      return JSON.stringify({ code: 2, msg: `Invalid request: the emulator does not carry ${foreign}`, id });
    const more = names.filter((name) => !client.names.has(name)).length;
    if (client.names.size + more > this.#rules.streamsPerConnection) {
      client.connection.close(1008, 'Too many streams');
      return undefined;
    }
    for (const name of names) this.hub.subscribe(client, name);
    return JSON.stringify({ result: null, id });
  }
}
