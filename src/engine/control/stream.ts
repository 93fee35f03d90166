import type { WebSocket } from 'ws';
import type { InputEvent } from '../../model/event.js';
import type { Event } from '../../model/record.js';
import { isoMicros } from '../../model/time.js';
import { snapshotOf } from '../control-turns.js';
import type { Engine } from '../engine.js';
import { monotonicMs } from '../guard.js';
import { ClientQueue } from './client-queue.js';
import { ControlError, type ControlHost } from './route.js';
import { accountsView, connectionsView, orderView, positionsView, statusView } from './views.js';

const TICK_MS = 100;
const ALIVE_MS = 1_000;
const MOST_CLIENTS = 64;
/** Orders changed between two ticks; more than these, and everybody gets a new snapshot. */
const MOST_CHANGES = 2_000;
const MOST_ALERTS = 100;

interface Client {
  readonly queue: ClientQueue;
  /** Number of the last message it got. */
  last: number;
  lags: boolean;
}

/** Serves `/v1/stream` to one reader. */
export function serveStream(socket: WebSocket, host: ControlHost): void {
  host.stream.add(socket);
}

/**
 * What changes, for those who watch: a snapshot, then numbered deltas every 100 ms, each with all that changed in that
 * time and with the state it has now. A reader that is too slow is told nothing until it has caught up, then gets a
 * snapshot that says which numbers it missed. Memory: keys of what changed since the last tick, and at most 1 MB a
 * reader. Without a reader a turn costs one look at a field.
 */
export class StreamHub {
  readonly #engine: Engine;
  readonly #host: () => ControlHost;
  readonly #clients = new Set<Client>();
  readonly #orders = new Set<string>();
  #money = false;
  #control = false;
  #connections = false;
  #overflow = false;
  #alerts: object[] = [];
  #id = 0;
  #told = 0;
  #timer: NodeJS.Timeout | undefined;
  #unwatch: () => void = () => undefined;

  constructor(engine: Engine, host: () => ControlHost) {
    this.#engine = engine;
    this.#host = host;
  }

  get size(): number {
    return this.#clients.size;
  }

  add(socket: WebSocket): void {
    if (this.#clients.size >= MOST_CLIENTS)
      throw new ControlError(429, 'TOO_MANY', `${MOST_CLIENTS} clients watch already`, 'close one of them');
    const client: Client = { queue: new ClientQueue(socket), last: this.#id, lags: false };
    socket.once('close', () => this.#remove(client));
    this.#clients.add(client);
    if (this.#timer === undefined) {
      this.#unwatch = this.#engine.observers.add(this);
      this.#timer = setInterval(() => this.#tick(), TICK_MS);
      this.#timer.unref();
    }
    client.lags = !client.queue.send(this.#snapshot(undefined));
  }

  /** One turn, inside it: notes what changed, and nothing else. */
  saw(input: InputEvent, children: readonly Event[]): void {
    this.#see(input);
    for (let i = 0; i < children.length; i++) this.#see(children[i] as Event);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#unwatch();
    this.#clients.clear();
  }

  #see(event: Event): void {
    switch (event.kind) {
      case 'order':
        if (this.#orders.size < MOST_CHANGES) this.#orders.add(event.order.orderKey);
        else this.#overflow = true;
        return;
      case 'position':
      case 'account':
        this.#money = true;
        return;
      case 'connection':
        this.#connections = true;
        if (event.state === 'down')
          this.#alert(event, 'STREAM_DISCONNECTED', `${event.name}: ${event.reason}`);
        return;
      case 'control':
        this.#control = true;
        if (event.action === 'warn' || event.action === 'halt' || event.action === 'kill')
          this.#alert(event, event.action.toUpperCase(), `${event.actor}: ${event.reason}`);
        return;
      case 'halt':
        this.#control = true;
        this.#alert(event, event.code, event.reason);
        return;
      case 'log':
        if (event.level !== 'info' && event.level !== 'debug') this.#alert(event, event.code, event.message);
        return;
      default:
    }
  }

  /** The first ones of a tick; the last one says how many more there were. */
  #alert(event: Event, code: string, message: string): void {
    if (this.#alerts.length >= MOST_ALERTS) return;
    const { seq, at } = event;
    const more = this.#alerts.length === MOST_ALERTS - 1 ? { more: true } : {};
    this.#alerts.push({ seq, at: isoMicros(at), source: event.source, code, message, ...more });
  }

  #tick(): void {
    const changed =
      this.#orders.size > 0 ||
      this.#money ||
      this.#control ||
      this.#connections ||
      this.#overflow ||
      this.#alerts.length > 0;
    const now = monotonicMs();
    if (!changed && now - this.#told < ALIVE_MS) {
      this.#catchUp();
      return;
    }
    this.#told = now;
    this.#id++;
    const delta = this.#overflow ? undefined : this.#delta();
    this.#clear();
    for (const client of this.#clients) {
      if (delta === undefined) client.lags = true;
      if (client.lags) continue;
      if (client.queue.send(delta ?? '')) client.last = this.#id;
      else client.lags = true;
    }
    this.#catchUp();
  }

  /** Readers that fell behind and have read what they had. */
  #catchUp(): void {
    for (const client of this.#clients) {
      if (!client.queue.open) this.#remove(client);
      if (!client.lags || client.queue.behind) continue;
      const gap = { from: client.last + 1, to: this.#id };
      if (client.queue.send(this.#snapshot(gap))) {
        client.last = this.#id;
        client.lags = false;
      }
    }
  }

  #delta(): string {
    const engine = this.#engine;
    const { orders } = engine.state;
    const changed = [...this.#orders].flatMap((key) => {
      const order = orders.get(key);
      return order === undefined ? [] : [orderView(order)];
    });
    return JSON.stringify({
      type: 'delta',
      id: this.#id,
      seq: engine.driver.seq,
      at: isoMicros(engine.sequencer.at),
      ...(changed.length === 0 ? {} : { orders: changed }),
      ...(this.#money ? { positions: positionsView(engine) } : {}),
      accounts: accountsView(engine),
      ...(this.#connections ? { connections: connectionsView(engine) } : {}),
      ...(this.#control ? { control: snapshotOf(engine.state.control) } : {}),
      ...(this.#alerts.length === 0 ? {} : { alerts: this.#alerts }),
    });
  }

  #snapshot(gap: { readonly from: number; readonly to: number } | undefined): string {
    const engine = this.#engine;
    return JSON.stringify({
      type: 'snapshot',
      id: this.#id,
      seq: engine.driver.seq,
      at: isoMicros(engine.sequencer.at),
      ...(gap === undefined ? {} : { gap }),
      status: statusView(this.#host()),
      orders: [...engine.state.orders.open()].map(orderView),
      positions: positionsView(engine),
      accounts: accountsView(engine),
    });
  }

  #clear(): void {
    this.#orders.clear();
    this.#money = this.#control = this.#connections = this.#overflow = false;
    this.#alerts = [];
  }

  #remove(client: Client): void {
    this.#clients.delete(client);
    if (this.#clients.size > 0) return;
    this.close();
    this.#clear();
  }
}
