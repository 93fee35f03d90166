import type { WebSocket } from 'ws';

/** Bytes that may wait for one slow reader. */
export const MOST_WAITING = 1_048_576;

/**
 * Sends to one reader without ever waiting for it. While more than 1 MB waits, nothing is added: the caller keeps what
 * changed as a fact, not as messages, and tells the gap when the reader is back.
 */
export class ClientQueue {
  readonly #socket: WebSocket;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  get open(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  get behind(): boolean {
    return this.#socket.bufferedAmount > MOST_WAITING;
  }

  /** False: the reader is too slow, and this was not sent. */
  send(text: string): boolean {
    if (!this.open || this.behind) return false;
    this.#socket.send(text);
    return true;
  }
}
