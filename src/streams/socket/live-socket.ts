import { defer, mergeMap, Observable, retry, timer, type Subscriber, type Subscription } from 'rxjs';
import type { ConnectionState } from '../../model/event.js';
import { backOff, LONGEST_TIMER, type BackOffOptions } from './back-off.js';
import { SocketError } from './socket-error.js';
import {
  openSocket,
  type SocketHandler,
  type SocketLink,
  type SocketOptions,
  type SocketPhase,
} from './socket.js';

/** Times in milliseconds. */
export interface LiveSocketOptions extends SocketOptions {
  readonly backOff: BackOffOptions;
  /** Age of a ready connection at which it is replaced, less up to a twentieth of jitter. 0: never. */
  readonly rotateAfter: number;
  /** How long the replaced connection runs on after the new one is ready. */
  readonly overlap: number;
  /** Uniform in [0, 1): the jitter. */
  readonly random: () => number;
  /** Asked before every attempt: 0 lets it pass (and counts it), otherwise milliseconds until it may be asked again. */
  readonly admit?: () => number;
}

/** The state of the session as a whole; while connections are exchanged it stays `ready`. */
export interface SocketStatus {
  readonly state: ConnectionState;
  /** Attempts since the session was last stable; 0 once ready. */
  readonly attempt: number;
  readonly reason: string;
}

/** Share of the rotation age that jitter takes off, so that sockets opened together are not replaced together. */
const ROTATION_JITTER = 0.05;
/** A replaced connection whose answers are still outstanding is kept at most so long beyond the overlap. */
const LONGEST_LINGER = 30_000;
const LINGER_CHECK = 50;

/**
 * A WebSocket session that stays up: reconnects with exponential back-off and jitter (`retry({ delay })`), waits as long
 * as the other side asks, and replaces a connection of old age before the venue cuts it: the new one is ready before the
 * old one closes, so both deliver for `overlap` milliseconds and the handlers' owner removes duplicates.
 *
 * ```
 * 1st socket:  --up--ready--m--m--m--m--m--|
 * 2nd socket:               --up--ready-m--m--m----x
 * 3rd socket:                                        ...--up--ready--m--
 * status:      c-u---r--------------r--------------d-...c-u---r--------
 * ```
 *
 * Errors: what a handler throws, and a {@link SocketError} of category `auth` (after status `closed`); everything else
 * is a status. Never completes. Memory: at most two live sockets and one that is closing.
 */
export function liveSocket(
  options: LiveSocketOptions,
  attach: (link: SocketLink) => SocketHandler,
): Observable<SocketStatus> {
  return new Observable((out) => {
    const session = new Session(options, attach, out);
    session.start();
    return () => session.stop();
  });
}

/** One chain of attempts. Two exist while connections are exchanged. */
interface Line {
  subscription: Subscription | undefined;
  handler: SocketHandler | undefined;
  attempt: number;
  readyAt: number | undefined;
  retiring: boolean;
}

class Session {
  readonly #options: LiveSocketOptions;
  readonly #attach: (link: SocketLink) => SocketHandler;
  readonly #out: Subscriber<SocketStatus>;
  readonly #retiring = new Set<Line>();
  #current: Line | undefined;
  #next: Line | undefined;
  #rotation: NodeJS.Timeout | undefined;
  #ids = 0;

  constructor(
    options: LiveSocketOptions,
    attach: (link: SocketLink) => SocketHandler,
    out: Subscriber<SocketStatus>,
  ) {
    this.#options = options;
    this.#attach = attach;
    this.#out = out;
  }

  start(): void {
    const line = newLine();
    this.#current = line;
    this.#run(line);
  }

  stop(): void {
    clearTimeout(this.#rotation);
    for (const line of [this.#next, this.#current, ...this.#retiring]) line?.subscription?.unsubscribe();
    this.#retiring.clear();
    this.#next = undefined;
    this.#current = undefined;
  }

  #run(line: Line): void {
    const attempts = defer(() => this.#admitted(line)).pipe(
      retry({ delay: (error: unknown) => this.#again(line, error) }),
    );
    line.subscription = attempts.subscribe({
      next: (phase) => (phase === 'ready' ? this.#ready(line) : this.#tell(line, 'up', '')),
      error: (error: unknown) => this.#fatal(error),
    });
  }

  #admitted(line: Line): Observable<SocketPhase> {
    const wait = this.#options.admit?.() ?? 0;
    if (wait > 0) {
      this.#down(line, `connection attempts are held back: the next one in ${Math.ceil(wait)} ms`);
      return timer(wait).pipe(mergeMap(() => this.#admitted(line)));
    }
    line.attempt++;
    this.#tell(line, 'connecting', '');
    return openSocket(
      this.#options,
      ++this.#ids,
      (link) => (line.handler = this.#attach(link)),
      (reason) => this.#rotate(line, reason),
    );
  }

  /** A connection of `line` ended: when to try again. */
  #again(line: Line, error: unknown): Observable<unknown> {
    if (!(error instanceof SocketError) || error.category === 'auth') throw error;
    const { backOff: settings, random } = this.#options;
    if (line.readyAt !== undefined && performance.now() - line.readyAt >= settings.stable) line.attempt = 1;
    line.readyAt = undefined;
    const wait = Math.min(LONGEST_TIMER, Math.max(error.retryAfter, backOff(settings, line.attempt, random)));
    this.#down(line, `${error.message}; next attempt in ${Math.round(wait)} ms`);
    return timer(wait);
  }

  #ready(line: Line): void {
    line.readyAt = performance.now();
    if (line === this.#next) {
      const old = this.#current;
      this.#current = line;
      this.#next = undefined;
      this.#say('ready', 0, 'a fresh connection has taken over');
      if (old !== undefined) this.#retire(old);
    } else this.#say('ready', 0, '');
    this.#armRotation(line);
  }

  #armRotation(line: Line): void {
    clearTimeout(this.#rotation);
    const { rotateAfter, random } = this.#options;
    if (rotateAfter <= 0) return;
    const age = rotateAfter * (1 - ROTATION_JITTER * random());
    this.#rotation = setTimeout(() => this.#rotate(line, `the connection is ${Math.round(age)} ms old`), age);
  }

  /** Opens the replacement; only for the ready connection in charge, and only one at a time. */
  #rotate(line: Line, reason: string): void {
    if (line !== this.#current || line.readyAt === undefined || this.#next !== undefined) return;
    clearTimeout(this.#rotation);
    this.#say('ready', 0, `replacing the connection: ${reason}`);
    this.#next = newLine();
    this.#run(this.#next);
  }

  #retire(line: Line): void {
    line.retiring = true;
    this.#retiring.add(line);
    const until = performance.now() + this.#options.overlap + LONGEST_LINGER;
    const end = (): void => {
      if (!this.#retiring.has(line)) return;
      if (line.handler?.busy?.() === true && performance.now() < until) {
        setTimeout(end, LINGER_CHECK).unref();
        return;
      }
      this.#drop(line);
    };
    setTimeout(end, this.#options.overlap).unref();
  }

  #drop(line: Line): void {
    this.#retiring.delete(line);
    line.subscription?.unsubscribe();
  }

  #down(line: Line, reason: string): void {
    if (line.retiring) this.#drop(line);
    else if (line === this.#next) this.#say('ready', 0, `the replacement is not up yet: ${reason}`);
    else if (this.#next === undefined) this.#say('down', line.attempt, reason);
    else {
      // the old connection died before its replacement was ready, which now is the session
      clearTimeout(this.#rotation);
      const next = this.#next;
      this.#current = next;
      this.#next = undefined;
      this.#say('down', next.attempt, reason);
      line.subscription?.unsubscribe();
    }
  }

  #tell(line: Line, state: ConnectionState, reason: string): void {
    if (line === this.#current) this.#say(state, line.attempt, reason);
  }

  #say(state: ConnectionState, attempt: number, reason: string): void {
    this.#out.next({ state, attempt, reason });
  }

  #fatal(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.stop();
    this.#say('closed', 0, reason);
    this.#out.error(error);
  }
}

function newLine(): Line {
  return { subscription: undefined, handler: undefined, attempt: 0, readyAt: undefined, retiring: false };
}
