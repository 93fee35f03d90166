import type { BinanceError, VenueError } from './errors.js';
import { orderFailure, readError } from './errors.js';
import type { OrderAnswer } from './wire.js';

/** An answer of the WebSocket API to one request. */
export interface WsAnswer {
  readonly status: number;
  readonly result: unknown;
  readonly error: VenueError | undefined;
  /** Milliseconds to wait as told, 0 when not told. */
  readonly retryAfter: number;
}

/** A request that was written and waits for its answer. Exactly one of the methods is called, once. */
export interface Pending {
  readonly method: string;
  readonly weight: number;
  /** It is in the order count until its fate is known. */
  readonly counts: boolean;
  /** Venue time at which it was sent. */
  readonly sentAt: number;
  /** Monotonic milliseconds. */
  readonly deadline: number;
  answered(answer: WsAnswer): void;
  timedOut(waited: number): void;
  lost(error: BinanceError): void;
}

const ok = (status: number): boolean => status >= 200 && status < 300;

/** A read: its failure can be repeated unless the venue said otherwise. */
export class PendingRead implements Pending {
  readonly method: string;
  readonly counts = false;
  readonly weight: number;
  readonly sentAt: number;
  readonly deadline: number;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: BinanceError) => void;
  readonly #late: (waited: number) => BinanceError;

  constructor(
    method: string,
    weight: number,
    sentAt: number,
    deadline: number,
    resolve: (result: unknown) => void,
    reject: (error: BinanceError) => void,
    late: (waited: number) => BinanceError,
  ) {
    this.method = method;
    this.weight = weight;
    this.sentAt = sentAt;
    this.deadline = deadline;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#late = late;
  }

  answered(answer: WsAnswer): void {
    if (ok(answer.status)) this.#resolve(answer.result);
    else this.#reject(readError(answer.status, answer.error, answer.retryAfter));
  }

  timedOut(waited: number): void {
    this.#reject(this.#late(waited));
  }

  lost(error: BinanceError): void {
    this.#reject(error);
  }
}

/** An order request: what is not a clear answer is unknown. */
export class PendingOrder implements Pending {
  readonly method: string;
  readonly weight = 1;
  readonly counts: boolean;
  readonly sentAt: number;
  readonly deadline: number;
  readonly #done: (answer: OrderAnswer) => void;

  constructor(
    method: string,
    counts: boolean,
    sentAt: number,
    deadline: number,
    done: (answer: OrderAnswer) => void,
  ) {
    this.method = method;
    this.counts = counts;
    this.sentAt = sentAt;
    this.deadline = deadline;
    this.#done = done;
  }

  answered(answer: WsAnswer): void {
    if (ok(answer.status)) this.#done({ kind: 'answer', result: answer.result });
    else this.#done(orderFailure(answer.status, answer.error));
  }

  timedOut(waited: number): void {
    this.#done({
      kind: 'unknown',
      category: 'timeout',
      reason: `no answer from Binance within ${waited} ms`,
    });
  }

  lost(error: BinanceError): void {
    this.#done({
      kind: 'unknown',
      category: 'network',
      reason: `the connection was lost after the order was written: ${error.message}`,
    });
  }
}
