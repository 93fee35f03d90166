import type { IncomingMessage } from 'node:http';
import { Observable, type Subscriber } from 'rxjs';
import { WebSocket, type RawData } from 'ws';
import { classifyHandshake, retryAfterMs, SocketError, type ClassifyHandshake } from './socket-error.js';

/** One connection, as its handler sees it. */
export interface SocketLink {
  /** Counts the connections of one live socket, from 1. */
  readonly id: number;
  readonly open: boolean;
  /** Bytes handed over and not yet taken by the operating system. */
  readonly buffered: number;
  /** Sends now. False: the socket is not open and nothing was sent; nothing is ever kept for later. */
  send(text: string): boolean;
  /** To be called once the connection is usable: authenticated, subscribed. */
  ready(): void;
  /** Ends the connection for this reason; it is opened again unless the category is `auth`. */
  fail(error: SocketError): void;
  /** Asks for a fresh connection now; this one goes on until the new one is ready. */
  rotate(reason: string): void;
  /** Stops reading, so that the sender is held back; silence does not count meanwhile. */
  pause(): void;
  resume(): void;
}

/** What the user of a socket does with one connection. Made anew for every connection. A throw ends the live socket. */
export interface SocketHandler {
  /** The socket is open: authenticate and subscribe, then call `link.ready()`. */
  opened(): void;
  /** One message as it came, synchronously. The buffer belongs to the handler. */
  message(data: Buffer, isBinary: boolean): void;
  /** No message follows. Undefined: we closed it ourselves. Called once, also when the socket never opened. */
  closed(error: SocketError | undefined): void;
  /** True while answers are outstanding: a replaced connection is kept a little longer. */
  busy?(): boolean;
}

/** Times in milliseconds. */
export interface SocketOptions {
  /** Asked at every attempt. */
  readonly url: () => string;
  readonly headers?: () => Readonly<Record<string, string>>;
  /** TCP, TLS and HTTP upgrade together. */
  readonly handshake: number;
  /** From open to `ready()`. */
  readonly ready: number;
  /** Without any frame, pings and pongs included, for so long (and up to a quarter more) the socket is dead. 0: never. */
  readonly silence: number;
  /** Sends a ping so often, for servers that send none. 0: never. */
  readonly ping: number;
  /** Bytes of the largest message taken; a larger one ends the connection. */
  readonly maxPayload: number;
  readonly classify?: ClassifyHandshake;
}

/** Checks for silence in one silence time: a late timer (a busy or suspended process) counts as one check only. */
const SILENCE_CHECKS = 4;
/** Milliseconds of messages in one turn of the host; then the socket is read again behind timers and other sockets. */
const SLICE = 5;
/** How long a closing handshake may take before the socket is torn down. */
const CLOSE_TIMEOUT = 2_000;

export type SocketPhase = 'up' | 'ready';

/**
 * One WebSocket connection as an Observable: opens on subscription, closes on unsubscription, and always ends with an
 * error, because for a live session a clean close is a failure too.
 *
 * ```
 * socket:  --open----auth ok-----m--m--m----close
 * out:     --(up)----(ready)----------------#        # SocketError
 * ```
 *
 * Messages do not pass through the Observable: they go to the handler, synchronously and as they came. A backlog is worked
 * through in slices, so that timers and other sockets (the answers to orders) are not kept waiting behind it.
 * Errors: {@link SocketError}; whatever a handler throws is passed on as it is. Memory: one socket, two timers.
 */
export function openSocket(
  options: SocketOptions,
  id: number,
  attach: (link: SocketLink) => SocketHandler,
  rotate: (reason: string) => void = () => undefined,
): Observable<SocketPhase> {
  return new Observable((out) => {
    const connection = new Connection(options, id, attach, rotate, out);
    return () => connection.dispose();
  });
}

class Connection implements SocketLink {
  readonly id: number;
  readonly rotate: (reason: string) => void;
  readonly #options: SocketOptions;
  readonly #out: Subscriber<SocketPhase>;
  readonly #socket: WebSocket;
  readonly #handler: SocketHandler;
  #deadline: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #pinger: NodeJS.Timeout | undefined;
  #heard = false;
  #paused = false;
  /** The time of this turn of the host is used up: not read until the next one. */
  #held = false;
  #slice: NodeJS.Immediate | undefined;
  #sliceStart = 0;
  #ready = false;
  #over = false;

  constructor(
    options: SocketOptions,
    id: number,
    attach: (link: SocketLink) => SocketHandler,
    rotate: (reason: string) => void,
    out: Subscriber<SocketPhase>,
  ) {
    this.id = id;
    this.rotate = rotate;
    this.#options = options;
    this.#out = out;
    this.#socket = new WebSocket(options.url(), {
      perMessageDeflate: false,
      maxPayload: options.maxPayload,
      headers: { ...options.headers?.() },
    });
    this.#handler = attach(this);
    this.#deadline = setTimeout(
      () => this.fail(new SocketError('timeout', `no connection within ${options.handshake} ms`)),
      options.handshake,
    );
    this.#listen();
  }

  get open(): boolean {
    return !this.#over && this.#socket.readyState === WebSocket.OPEN;
  }

  get buffered(): number {
    return this.#socket.bufferedAmount;
  }

  send(text: string): boolean {
    if (!this.open) return false;
    this.#socket.send(text);
    return true;
  }

  ready(): void {
    if (this.#over || this.#ready) return;
    this.#ready = true;
    clearTimeout(this.#deadline);
    this.#out.next('ready');
  }

  fail(error: SocketError): void {
    this.#end(error, error);
  }

  pause(): void {
    this.#paused = true;
    if (this.open) this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.open && !this.#held) this.#socket.resume();
  }

  /** Unsubscribed: closes politely, and by force if the other side does not answer. */
  dispose(): void {
    if (this.#over) return;
    this.#stop();
    const socket = this.#socket;
    if (socket.readyState === WebSocket.OPEN) {
      const force = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT);
      force.unref();
      socket.once('close', () => clearTimeout(force));
      if (this.#paused || this.#held) socket.resume();
      socket.close(1000);
    } else socket.terminate();
    this.#handler.closed(undefined);
  }

  #listen(): void {
    const socket = this.#socket;
    const heard = (): void => {
      this.#heard = true;
    };
    socket.on('open', () => this.#opened());
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.#heard = true;
      try {
        // `ws` gives Buffers unless another binaryType is set
        this.#handler.message(data as Buffer, isBinary);
      } catch (error) {
        this.#end(undefined, error);
      }
      this.#breathe();
    });
    socket.on('ping', heard);
    socket.on('pong', heard);
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      response.resume();
      const wait = retryAfterMs(response.headers['retry-after'], Date.now());
      this.fail((this.#options.classify ?? classifyHandshake)(response.statusCode ?? 0, wait));
    });
    socket.on('error', (error) => this.fail(failed(error)));
    socket.on('close', (code, reason) => {
      const said = reason.length === 0 ? '' : `: ${reason.toString('utf8')}`;
      this.fail(new SocketError('network', `the other side closed the connection (${code}${said})`));
    });
  }

  #opened(): void {
    clearTimeout(this.#deadline);
    const { ready, silence, ping } = this.#options;
    this.#deadline = setTimeout(
      () => this.fail(new SocketError('timeout', `connected, but not ready within ${ready} ms`)),
      ready,
    );
    if (silence > 0) this.#watchSilence(silence);
    if (ping > 0) this.#pinger = setInterval(() => this.open && this.#socket.ping(), ping);
    this.#out.next('up');
    if (this.#over) return;
    try {
      this.#handler.opened();
    } catch (error) {
      this.#end(undefined, error);
    }
  }

  /** After every message: stops reading until the next turn of the host when this one has taken long enough. */
  #breathe(): void {
    if (this.#over || this.#held) return;
    if (this.#slice === undefined) {
      this.#sliceStart = performance.now();
      this.#slice = setImmediate(() => {
        this.#slice = undefined;
        if (!this.#held) return;
        this.#held = false;
        if (!this.#paused) this.#socket.resume();
      });
    } else if (performance.now() - this.#sliceStart >= SLICE) {
      this.#held = true;
      if (!this.#paused) this.#socket.pause();
    }
  }

  #watchSilence(silence: number): void {
    let quiet = 0;
    this.#watch = setInterval(() => {
      quiet = this.#heard || this.#paused ? 0 : quiet + 1;
      this.#heard = false;
      if (quiet >= SILENCE_CHECKS)
        this.fail(new SocketError('timeout', `no frame for ${silence} ms: the connection is dead`));
    }, silence / SILENCE_CHECKS);
  }

  /** The connection is over: tells the handler first, so that nothing waits for it when the next attempt begins. */
  #end(error: SocketError | undefined, cause: unknown): void {
    if (this.#over) return;
    this.#stop();
    this.#socket.terminate();
    try {
      this.#handler.closed(error ?? new SocketError('schema', 'the handler of the connection failed'));
    } catch (thrown) {
      this.#out.error(thrown);
      return;
    }
    this.#out.error(cause);
  }

  #stop(): void {
    this.#over = true;
    clearTimeout(this.#deadline);
    clearInterval(this.#watch);
    clearInterval(this.#pinger);
    if (this.#slice !== undefined) clearImmediate(this.#slice);
    this.#socket.removeAllListeners();
    // a socket that is torn down may still report an error, which would end the process unheard
    this.#socket.on('error', () => undefined);
  }
}

function failed(error: Error): SocketError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH')
    return new SocketError('schema', 'a message was longer than the allowed maximum');
  if (code?.startsWith('WS_ERR_') === true)
    return new SocketError('schema', `a frame broke the WebSocket protocol (${code})`);
  return new SocketError('network', code === undefined ? 'the connection failed' : `network error ${code}`);
}
