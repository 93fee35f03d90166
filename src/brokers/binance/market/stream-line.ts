import { SocketError } from '../../../streams/socket/socket-error.js';
import type { SocketHandler, SocketLink } from '../../../streams/socket/socket.js';
import { isObject, type Json } from '../../../streams/binance-wire/fields.js';
import type { MarketStream } from './stream.js';

export interface LineOptions {
  /** Frames a second. */
  readonly frames: number;
  /** Longest wait for the answer to a frame, milliseconds. */
  readonly answer: number;
}

/** Who uses a line. */
export interface LineOwner {
  message(line: StreamLine, data: Buffer): void;
  /** The venue confirmed the stream on this line. */
  confirmed(line: StreamLine, stream: MarketStream): void;
  /** The venue does not give the stream. */
  refused(line: StreamLine, stream: MarketStream, reason: string): void;
  closed(line: StreamLine, reason: string): void;
}

/** Names in one frame. */
const BATCH = 100;

interface Request {
  readonly method: 'SUBSCRIBE' | 'UNSUBSCRIBE';
  readonly streams: readonly MarketStream[];
  readonly timer: NodeJS.Timeout;
}

/**
 * One connection of a market data socket: subscribes what is wanted in batches, no faster than the venue reads (pongs
 * count there too), and checks every answer. It is ready when everything wanted at its start is confirmed or refused.
 */
export class StreamLine implements SocketHandler {
  readonly #link: SocketLink;
  readonly #owner: LineOwner;
  readonly #options: LineOptions;
  readonly #confirmed = new Set<MarketStream>();
  readonly #toAdd = new Set<MarketStream>();
  readonly #toDrop = new Set<MarketStream>();
  /** Streams of a refused batch: asked for one by one, to find the one it is about. */
  readonly #alone: MarketStream[] = [];
  readonly #requests = new Map<number, Request>();
  #ids = 0;
  #timer: NodeJS.Timeout | undefined;
  #opened = false;

  constructor(link: SocketLink, owner: LineOwner, options: LineOptions, wanted: Iterable<MarketStream>) {
    this.#link = link;
    this.#owner = owner;
    this.#options = options;
    for (const stream of wanted) this.#toAdd.add(stream);
  }

  carries(stream: MarketStream): boolean {
    return this.#confirmed.has(stream);
  }

  get streams(): ReadonlySet<MarketStream> {
    return this.#confirmed;
  }

  add(stream: MarketStream): void {
    this.#toDrop.delete(stream);
    if (!this.#confirmed.has(stream)) this.#toAdd.add(stream);
    this.#pump();
  }

  drop(stream: MarketStream): void {
    this.#toAdd.delete(stream);
    // also one that is not confirmed yet: its request may be on the way
    this.#toDrop.add(stream);
    this.#confirmed.delete(stream);
    this.#pump();
  }

  /** Unsubscribes and subscribes, for a stream that went silent. */
  renew(stream: MarketStream): void {
    this.#confirmed.delete(stream);
    this.#toDrop.add(stream);
    this.#toAdd.add(stream);
    this.#pump();
  }

  rotate(reason: string): void {
    this.#link.rotate(reason);
  }

  opened(): void {
    this.#opened = true;
    this.#pump();
    this.#readyWhenDone();
  }

  message(data: Buffer): void {
    this.#owner.message(this, data);
  }

  closed(error: SocketError | undefined): void {
    clearTimeout(this.#timer);
    this.#opened = false;
    for (const { timer } of this.#requests.values()) clearTimeout(timer);
    this.#requests.clear();
    this.#owner.closed(this, error?.message ?? 'the connection was closed');
  }

  /** An answer to one of our frames. False: it is none. */
  answer(message: Json): boolean {
    const failure = isObject(message['error']) ? message['error'] : message;
    const refused = failure['code'] !== undefined;
    if (!refused && message['result'] === undefined) return false;
    const id = message['id'];
    const request = typeof id === 'number' ? this.#requests.get(id) : undefined;
    if (request === undefined) return true;
    clearTimeout(request.timer);
    this.#requests.delete(id as number);
    if (refused) this.#refused(request, String(failure['msg'] ?? failure['code']));
    else if (request.method === 'SUBSCRIBE') this.#accepted(request);
    this.#pump();
    this.#readyWhenDone();
    return true;
  }

  #accepted({ streams }: Request): void {
    for (const stream of streams) {
      if (this.#toDrop.has(stream) || stream.idle) continue;
      this.#confirmed.add(stream);
      this.#owner.confirmed(this, stream);
    }
  }

  #refused({ method, streams }: Request, reason: string): void {
    if (method === 'UNSUBSCRIBE') return;
    const [only] = streams;
    if (streams.length > 1) this.#alone.push(...streams.filter((stream) => !this.#toDrop.has(stream)));
    else if (only !== undefined && !this.#toDrop.has(only)) this.#owner.refused(this, only, reason);
  }

  #readyWhenDone(): void {
    const busy = this.#requests.size + this.#toAdd.size + this.#toDrop.size + this.#alone.length > 0;
    if (this.#opened && !busy) this.#link.ready();
  }

  /** Sends one frame now and the next after its share of a second. */
  #pump(): void {
    if (!this.#opened || this.#timer !== undefined || !this.#sendNext()) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#pump();
      },
      Math.ceil(1_000 / this.#options.frames),
    );
  }

  #sendNext(): boolean {
    if (this.#toDrop.size > 0) return this.#send('UNSUBSCRIBE', take(this.#toDrop));
    if (this.#toAdd.size > 0) return this.#send('SUBSCRIBE', take(this.#toAdd));
    const alone = this.#alone.shift();
    return alone !== undefined && this.#send('SUBSCRIBE', [alone]);
  }

  #send(method: Request['method'], streams: readonly MarketStream[]): boolean {
    const id = ++this.#ids;
    const { answer } = this.#options;
    const timer = setTimeout(() => {
      this.#link.fail(new SocketError('timeout', `no answer to ${method} within ${answer} ms`));
    }, answer);
    this.#requests.set(id, { method, streams, timer });
    return this.#link.send(JSON.stringify({ method, params: streams.map(({ name }) => name), id }));
  }
}

function take(from: Set<MarketStream>): MarketStream[] {
  const some: MarketStream[] = [];
  for (const stream of from) {
    if (some.length === BATCH) break;
    some.push(stream);
    from.delete(stream);
  }
  return some;
}
